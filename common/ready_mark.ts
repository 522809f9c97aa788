/**
 * How a client in a pipe says that it is ready.
 *
 * @module
 */

/**
 * With `--marks` a client prints this alone on a line each time it waits for a line of input, so that the writer
 * of the pipe knows that the previous line was carried out. It is the control character ACK, which
 * `printable` never lets through, so that no peer can forge it.
 */
export const READY_MARK = "\u0006";
