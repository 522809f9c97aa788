/**
 * What launcher and guards say to each other: one JSON object a line.
 *
 * @module
 */

import type { ByteSource } from "../../common/link.ts";
import { LineReader } from "../../common/wire/lines.ts";
import type { End } from "../chat.ts";
import type { Place } from "../chat_plan.ts";
import type { Command } from "../commands.ts";

/** Guards connect here; strangers on other machines cannot. */
export const LOOPBACK = "127.0.0.1";

/** What a guard runs. */
export interface Job {
  /** The process to guard. */
  readonly command: Command;
  /** A server gets a pipe as its input and is ended by closing it; a client gets the terminal. */
  readonly role: "server" | "client";
  /** Run when the process has ended. */
  readonly atEnd?: Command | undefined;
}

/** What the launcher says: the job, then what is to happen to the process. */
export interface Order {
  /** The first order. */
  readonly job?: Job;
  /** End in order, end at once, or live on without the launcher. */
  readonly ask?: "stop" | "kill" | "release";
}

/** What a guard says. */
export interface Report {
  /** Who it is: the first report. */
  readonly token?: string;
  /** Its server accepts connections there. */
  readonly listening?: Place;
  /** Its process has ended like that. */
  readonly ended?: End;
}

/**
 * The messages that come from the other end, unchecked: whoever knows a token is trusted.
 *
 * @throws {SyntaxError} At a line that is no JSON.
 */
export async function* messagesOf<Message>(
  source: ByteSource,
): AsyncGenerator<Message, undefined> {
  for await (const lines of new LineReader(source)) {
    for (const line of lines) yield JSON.parse(line);
  }
  return undefined;
}
