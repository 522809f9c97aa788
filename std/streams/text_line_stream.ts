/**
 * Stand-in for `@std/streams/text-line-stream`: upstream's own code, as published on npm.
 *
 * @module
 */
// @ts-types="./text_line_stream.d.ts"
export { TextLineStream } from "npm:deno-std@1.4.0/streams/text_line_stream.js";
export type { TextLineStreamOptions } from "./text_line_stream.d.ts";
