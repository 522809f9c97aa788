/**
 * What launcher and guards say to each other: one JSON object a line.
 *
 * @module
 */

import type { ByteSource } from "../../common/link.ts";
import { LineReader } from "../../common/wire/lines.ts";
import type { End } from "../chat.ts";
import type { Command, Place } from "../commands.ts";

/** Guards connect here; strangers on other machines cannot. */
export const LOOPBACK = "127.0.0.1";

/**
 * What a guard runs: the process, and a command when that has ended. A server gets a pipe as its input and is ended
 * by closing it; a client gets the terminal.
 */
export type Job = Readonly<
  { command: Command; role: "server" | "client"; atEnd?: Command | undefined }
>;

/** What the launcher says: the job, then that its process is to end in order, end at once, or live on alone. */
export type Order = Readonly<{ job?: Job; ask?: "stop" | "kill" | "release" }>;

/** What a guard says: who it is, then where its server accepts connections and how its process ended. */
export type Report = Readonly<{ token?: string; listening?: Place; ended?: End }>;

/**
 * The messages that come from the other end, unchecked: whoever knows a token is trusted.
 *
 * @throws {SyntaxError} At a line that is no JSON.
 */
export async function* messagesOf<Message>(source: ByteSource): AsyncGenerator<Message, void> {
  for await (const lines of new LineReader(source)) yield* lines.map((line) => JSON.parse(line));
}
