/**
 * Frames as classic clients read them.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import { CODE, type Delivery, type Notice, type Response } from "../../../common/wire/protocol.ts";
import type { ClassicShape } from "./classic_shape.ts";

/** Classic clients read so much at once and take it for one object: what is longer would be half of one. */
export const MAX_OBJECT_BYTES = 1_024;

/** A key fits into an answer, but not with every `id`. */
const KEY_TOO_LONG =
  "The key and the id of this request do not fit into one answer; make the id shorter";

type Frame = Response | Notice | ({ readonly action: string } & Omit<Delivery, "event">);

/** Makes objects of the lines that others get. */
export class ClassicFrames {
  readonly #shape: ClassicShape;

  /**
   * Makes a translator.
   *
   * @param shape How the client wants its messages.
   */
  constructor(shape: ClassicShape) {
    this.#shape = shape;
  }

  /**
   * A frame as an object's text, of at most {@linkcode MAX_OBJECT_BYTES} bytes.
   *
   * @param line A frame as a line in the dialect of `action`, with its end.
   * @returns `undefined` if it is none for classic clients (notices, probes); `"too-long"` for a message that does not
   * fit. Answers are cut.
   */
  translate(line: string): { readonly text: string } | "too-long" | undefined {
    const frame = JSON.parse(line) as Frame;
    if ("response" in frame) {
      return frame.response < 200 ? undefined : { text: this.#answer(frame as Response) };
    }
    if (frame.action !== "msg") return undefined;
    const { time, from, kind } = frame;
    // These clients know of no kinds: the text says who does it.
    const message = kind === "action" ? `* ${from} ${frame.message}` : frame.message;
    const text = JSON.stringify(this.#shape.messageOf(time, from, message));
    return Buffer.byteLength(text) <= MAX_OBJECT_BYTES ? { text } : "too-long";
  }

  #answer({ response, time, alert = "", error = "", id, data_list: names, bin }: Response): string {
    if (bin !== undefined) {
      const text = JSON.stringify({ response: CODE.key, time, bin, id });
      if (Buffer.byteLength(text) <= MAX_OBJECT_BYTES) return text;
      return JSON.stringify({ response: CODE.badRequest, time, error: KEY_TOO_LONG, id });
    }
    if (names !== undefined) return listOf(names, { response: CODE.accepted, time, id });
    return response < 400
      ? JSON.stringify({ response: CODE.ok, time, alert, id })
      : JSON.stringify({ response: CODE.badRequest, time, error, id });
  }
}

/** A list, cut to as many names as fit: they stand in it twice, for the two kinds of clients that read lists. */
function listOf(names: readonly string[], head: object): string {
  const listed: string[] = [];
  const textOf = (): string =>
    JSON.stringify({ ...head, alert: listed, data_list: listed, quantity: listed.length });
  let left = MAX_OBJECT_BYTES - Buffer.byteLength(textOf()) - 3; // further digits of the quantity
  for (const name of names) {
    left -= 2 * (Buffer.byteLength(JSON.stringify(name)) + 1);
    if (left < 0) break;
    listed.push(name);
  }
  return textOf();
}
