/** Options of {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /**
   * Also split at a lone `\r`.
   *
   * @default {false}
   */
  allowCR?: boolean;
}

/** Splits a stream of text into lines at `\n` or `\r\n`; the line ends are removed. */
export class TextLineStream extends TransformStream<string, string> {
  /** Makes a splitter; see {@linkcode TextLineStreamOptions}. */
  constructor(options?: TextLineStreamOptions);
}
