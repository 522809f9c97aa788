/**
 * Frame → line.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import type {
  Deleted,
  Delivery,
  Edited,
  EventKey,
  MessageKind,
  Notice,
  Request,
  RequestId,
  Response,
  ResponseExtras,
} from "./protocol.ts";

/** Any frame as the line that goes on the wire, with its end. */
export function encodeFrame(
  frame: Request | Response | Notice | Delivery | Edited | Deleted,
): string {
  return JSON.stringify(frame) + "\n";
}

/** Extra fields of a response that were turned into JSON text once, for many responses. */
export class EncodedExtras {
  /** The fields, with a comma before the first; empty if there are none. */
  readonly json: string;
  #bytes: number | undefined;

  /**
   * Turns fields into text.
   *
   * @param extras The fields.
   */
  constructor(extras: ResponseExtras) {
    const object = JSON.stringify(extras);
    this.json = object.length > 2 ? `,${object.slice(1, -1)}` : "";
  }

  /** Bytes of {@linkcode EncodedExtras.json} as UTF-8, counted once. */
  get bytes(): number {
    return this.#bytes ??= Buffer.byteLength(this.json);
  }
}

/**
 * A response as a line. Written by hand, not by `JSON.stringify` of an object, because one goes out for
 * each request.
 *
 * @param code 2xx, 4xx or 5xx.
 * @param time Unix seconds.
 * @param sentence One sentence for a person.
 * @param id The request's id, if it had one.
 * @param extras Further fields.
 */
export function encodeResponse(
  code: number,
  time: number,
  sentence: string,
  id?: RequestId,
  extras?: ResponseExtras | EncodedExtras,
): string {
  let line = `{"response":${code},"time":${time},"${code < 400 ? "alert" : "error"}":` +
    JSON.stringify(sentence);
  if (id !== undefined) line += `,"id":${JSON.stringify(id)}`;
  if (extras !== undefined) {
    line += (extras instanceof EncodedExtras ? extras : new EncodedExtras(extras)).json;
  }
  return line + "}\n";
}

/**
 * How the line of a message begins, up to the text. See {@linkcode encodeDelivery}.
 *
 * Joined, not added up: a text that is kept in many pieces is put together anew for each frame.
 *
 * @param key The addressee's dialect.
 * @param time Unix seconds.
 * @param toJson The addressee's name as JSON text.
 * @param fromJson The sender's name as JSON text.
 */
export function encodeDeliveryHead(
  key: EventKey,
  time: number,
  toJson: string,
  fromJson: string,
): string {
  const pieces = [
    `{"${key}":"msg","time":${time},"to":`,
    toJson,
    `,"from":`,
    fromJson,
    `,"message":`,
  ];
  return pieces.join("");
}

/**
 * A message for its addressee as a line.
 *
 * @param head What {@linkcode encodeDeliveryHead} made.
 * @param messageJson The text as JSON; a lone surrogate stays what it is, as a `\uXXXX` escape.
 * @param id The request's id, if it had one.
 * @param stored Its number in the mailbox, if it comes from there.
 * @param seq The number under which it is kept, if it is.
 * @param reply The number of the message that it answers, if it answers one.
 * @param kind How it is meant, if it is not just said.
 */
export function encodeDelivery(
  head: string,
  messageJson: string,
  id?: RequestId,
  stored?: number,
  seq?: number,
  reply?: number,
  kind?: MessageKind,
): string {
  let line = head + messageJson;
  if (id !== undefined) line += `,"id":${JSON.stringify(id)}`;
  if (reply !== undefined) line += `,"reply":${reply}`;
  if (kind !== undefined) line += `,"kind":"${kind}"`;
  if (seq !== undefined) line += `,"seq":${seq}`;
  if (stored !== undefined) line += `,"stored":${stored}`;
  return line + "}\n";
}

/** What has become of a message, as a line for an addressee of a dialect. */
export function encodeChange(key: EventKey, { event, ...fields }: Edited | Deleted): string {
  return JSON.stringify({ [key]: event, ...fields }) + "\n";
}

/**
 * A frame with its number in the session.
 *
 * @param line The frame as a line, with its end.
 * @param n From 1.
 */
export function encodeNumbered(line: string, n: number): string {
  return `${line.slice(0, -2)},"n":${n}}\n`;
}

/** A frame of the server as a line for a dialect, whichever it was made for. */
export function inDialect(line: string, key: EventKey): string {
  const other = key === "event" ? '{"action":' : '{"event":';
  return line.startsWith(other) ? `{"${key}":${line.slice(other.length)}` : line;
}

/** The server's question whether the client is there, in the client's dialect. */
export function encodeProbe(key: EventKey, time: number): string {
  return `{"${key}":"probe","time":${time}}\n`;
}
