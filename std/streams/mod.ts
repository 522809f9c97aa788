/**
 * Stand-in for `@std/streams`: the part of the package that this project uses.
 *
 * @module
 */
export * from "./text_line_stream.ts";
