/**
 * As much of HTTP as monitoring speaks: one request of HTTP/1.0 or 1.1 and its answer, then the connection ends (RFC
 * 9112). `Deno.serve` is not used: its listener dies of the first accept without a descriptor left, it has no limits on
 * connections and on time, and it writes a stack trace to standard error for a wrong `Host`. Neither is `node:http`,
 * whose listener, in Deno 2.9.6, dies in the same way without a word.
 *
 * @module
 */

import type { Link } from "../../common/link.ts";

/** What is asked for. */
export interface HttpRequest {
  /** As it was sent: `GET`. */
  readonly method: string;
  /** Without the query: `/metrics`. */
  readonly path: string;
}

/** What is answered. */
export interface HttpAnswer {
  /** 200, 400, 404, 405, 500 or 503. */
  readonly status: number;
  /** The text; not sent where `HEAD` was asked for. */
  readonly body: string;
  /** Headers beside those of every answer; `content-type` is plain text if it is not among them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** No request of monitoring has as much before its body. */
const MAX_HEAD_BYTES = 16_384;

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/**
 * Reads a request, writes its answer and reads on to the end: closing a connection with something unread would take the
 * answer back. What is no request is answered 400. Whoever calls limits the time, by closing the connection, and closes
 * it afterwards.
 *
 * @param epochMs Dates the answer: see `Clock.epochMs`.
 * @throws {unknown} What the connection throws: the peer has reset it, or it was closed.
 */
export async function exchange(
  link: Link,
  answer: (request: HttpRequest) => Promise<HttpAnswer>,
  epochMs: () => number,
): Promise<void> {
  const buffer = new Uint8Array(MAX_HEAD_BYTES);
  const head = await readHead(link, buffer);
  if (head === undefined) return;
  const request = requestOf(head);
  const given = request === undefined
    ? {
      status: 400,
      body: `no request of HTTP/1.1 with at most ${MAX_HEAD_BYTES} bytes of headers\n`,
    }
    : await answer(request);
  let bytes = encode(given, new Date(epochMs()), request?.method !== "HEAD");
  while (bytes.length > 0) bytes = bytes.subarray(await link.write(bytes));
  await link.closeWrite();
  while (await link.read(buffer) !== null);
}

/** All before the empty line, or what there is when no more fits; nothing if the peer ends before that. */
async function readHead(
  link: Link,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<string | undefined> {
  let length = 0;
  while (length < buffer.length) {
    const count = await link.read(buffer.subarray(length));
    if (count === null) return undefined;
    length += count;
    const [head, rest] = new TextDecoder("latin1").decode(buffer.subarray(0, length)).split(
      /\r?\n\r?\n/,
      2,
    );
    if (rest !== undefined) return head;
  }
  return "";
}

/** What the first line says; nothing if it is no request's. */
function requestOf(head: string): HttpRequest | undefined {
  // A proxy may ask for a whole URL. `Host` does not matter: there is one host.
  const line =
    /^([A-Z]+) (?:https?:\/\/[^/?# ]*)?(\/[^?# ]*)(?:\?[^# ]*)? HTTP\/1\.[01]\r?(?:\n|$)/;
  const [, method, path] = line.exec(head) ?? [];
  return method === undefined || path === undefined ? undefined : { method, path };
}

function encode({ status, body, headers }: HttpAnswer, date: Date, hasBody: boolean): Uint8Array {
  const content = new TextEncoder().encode(body);
  const all = {
    "content-type": "text/plain; charset=utf-8",
    ...headers,
    "content-length": content.length,
    date: date.toUTCString(),
    connection: "close",
  };
  const fields = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${fields}\r\n`;
  return new TextEncoder().encode(hasBody ? head + body : head);
}
