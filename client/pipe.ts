/**
 * The chat without a terminal: commands come line by line, messages go to standard output.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import { LIMITS } from "../common/limits.ts";
import { printable } from "../common/printable.ts";
import { READY_MARK } from "../common/ready_mark.ts";
import { CODE, isRoomAddress } from "../common/wire/protocol.ts";
import { enterAsked } from "./chat/arrival.ts";
import { Chat, type ChatOptions } from "./chat/chat.ts";
import { Comeback } from "./chat/comeback.ts";
import { describeFailure, lastWords } from "./chat/failures.ts";
import { outcomeWords } from "./chat/render.ts";
import { signIn } from "./chat/sign_in.ts";
import { errorLine, type Line, line, paint } from "./chat/styled_line.ts";
import type { Ui } from "./chat/ui.ts";
import type { ClientEvent } from "./library/events.ts";
import type { JimClient } from "./library/jim_client.ts";
import { addressText } from "./library/node_address.ts";
import { splitText } from "./chat/pasted.ts";
import type { Speaker } from "./texts/texts.ts";
import { wrapLine } from "./terminal/wrap.ts";

/** The streams of a script. */
export interface Streams {
  /** Lines of input, without their ends. */
  readonly input: AsyncIterable<string>;
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  /** How wide the terminal is on which standard output is read; `undefined` if it is no terminal. */
  readonly columns?: () => number | undefined;
}

/** A chat in a pipe: nobody is there to confirm anything or to type a secret. */
export class PipeUi implements Ui {
  /** Nobody is there. */
  readonly isInteractive = false;
  readonly #streams: Streams;
  readonly #lines: AsyncIterator<string>;
  /** Whether the program at the other end waits for marks. */
  readonly marks: boolean;

  /**
   * Reads nothing yet.
   *
   * @param streams The streams.
   * @param marks Print a mark on standard output when a line is awaited, and all else there as well, so that the
   *   order is kept.
   */
  constructor(streams: Streams, marks: boolean) {
    this.#streams = streams;
    this.#lines = streams.input[Symbol.asyncIterator]();
    this.marks = marks;
  }

  /** See {@linkcode Ui.isScript}. */
  get isScript(): boolean {
    return !this.marks;
  }

  /** Messages go to standard output, all else to standard error. */
  show(...lines: Line[]): void {
    const { out, err, columns } = this.#streams;
    for (const line of lines) {
      const isForOut = this.marks || line.kind === "message";
      // A terminal would break the line in its first column, where a sender stands.
      const width = isForOut ? columns?.() : undefined;
      const rows = width === undefined ? [line] : wrapLine(line, width);
      (isForOut ? out : err)(rows.map((row) => paint(row) + "\n").join(""));
    }
  }

  /** The next line of input; `undefined` at its end. */
  async next(): Promise<string | undefined> {
    if (this.marks) this.#streams.out(READY_MARK + "\n");
    const { value, done } = await this.#lines.next();
    return done ? undefined : value;
  }

  /** The question is shown, the next line is the answer. */
  ask(question: string): Promise<string | undefined> {
    this.show(line("info", question.trimEnd()));
    return this.next();
  }

  /** Nobody is asked. */
  askSecret(): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  /** Nobody is asked. */
  confirm(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Nobody hears it. */
  ring(): void {}

  /** There is no prompt. */
  refresh(): void {}
}

/** How to chat through a pipe. */
export interface PipeOptions
  extends Pick<ChatOptions, "speaker" | "clock" | "log" | "profile" | "record"> {
  /** The name; the first line of input if it is not given. */
  name: string | undefined;
  /** The password, where the name needs one. */
  password: string | undefined;
  /** Take the place of the account's other connection. */
  takeover?: boolean;
  /** Make an account of the name. */
  register?: boolean;
  /** The invitation code for that. */
  invite?: string | undefined;
  /** Rooms to be entered. */
  join?: readonly string[];
  /** Where the server was looked for, for what is shown if it is not found. */
  address: string;
}

/**
 * Carries out the input line by line, each line after the answer to the one before. Returns when the input or a
 * command has ended the chat and every answer is printed.
 *
 * @param client Connected; it is closed in the end.
 * @throws {StartError} If the server refuses the name, or the connection is lost.
 */
export async function runPipe(
  client: JimClient,
  ui: PipeUi,
  options: PipeOptions,
): Promise<void> {
  const { speaker, address } = options;
  await signIn(client, { ...options, ui });
  ui.show(
    line("info", speaker.say("welcome", { name: client.name!, address: addressText(client.node) })),
  );
  const chat = new Chat(client, { ...options, ui });
  const running = chat.run();
  const commands = (async () => {
    await chat.later(() => enterAsked(chat, options.join ?? []));
    while (!chat.isLeaving && client.isOnline) {
      const input = await ui.next();
      if (input === undefined || chat.isLeaving || !client.isOnline) break;
      await chat.handle(input);
      await chat.settled();
    }
    await chat.leave();
  })();
  // The connection may end while the next line never comes.
  const [error] = await Promise.all([running, Promise.race([commands, running])]);
  if (error !== undefined) throw lastWords(error, address, speaker);
}

/** The exit status of {@linkcode sendOne} if a room took the message, but nobody else was in it. */
export const NOBODY_THERE = 3;

/**
 * The messages that a text makes: one, or several if it has many lines and is too long for one.
 *
 * @throws {StartError} If the text is blank.
 */
export function partsOf(text: string, { say }: Speaker): string[] {
  const parts = splitText(text, LIMITS.maxMessage);
  if (parts.length === 0) throw new StartError(say("emptyMessage"));
  return parts;
}

/**
 * Sends a message, in parts if it is too long for one, and says goodbye. To a room it is sent as a member of it.
 *
 * @param parts See {@linkcode partsOf}.
 * @returns Whether it reached anybody, or is stored for them.
 * @throws {StartError} If a part was neither delivered nor stored; those behind it are not sent.
 */
export async function sendOne(
  client: JimClient,
  to: string,
  parts: readonly string[],
  speaker: Speaker,
): Promise<boolean> {
  if (isRoomAddress(to)) await client.join(to);
  let isReceived = true;
  for (const [index, part] of parts.entries()) {
    const outcome = await client.send(to, part);
    if (outcome.state === "refused") {
      await client.quit();
      const words = outcomeWords(to, outcome, speaker);
      const values = { number: index + 1, count: parts.length, words };
      throw new StartError(parts.length === 1 ? words : speaker.say("partRefused", values));
    }
    if (outcome.state === "sent" && outcome.delivered === 0) isReceived = false;
  }
  await client.quit();
  return isReceived;
}

/** How to listen. */
export interface ListenOptions extends Pick<ChatOptions, "speaker" | "clock" | "log"> {
  /** Rooms to be entered. */
  join?: readonly string[];
  /** One frame a line, as it came but for {@linkcode harmlessJson}, instead of text for people. */
  asJson: boolean;
  /** Writes to standard output. */
  out: (text: string) => void;
}

/**
 * The same JSON value, with every character escaped that could steer a terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(harmlessJson('"\u202e\u009b2J"'), '"\\u202e\\u009b2J"');
 * ```
 */
export function harmlessJson(json: string): string {
  return Array.from(json, (char) => {
    if (printable(char) === char) return char;
    const units = char.split("").map((unit) => unit.charCodeAt(0).toString(16).padStart(4, "0"));
    return units.map((unit) => `\\u${unit}`).join("");
  }).join("");
}

/** Whether it is a notice about a room, but not just of who comes and goes. */
function isOfRoom(event: ClientEvent): event is ClientEvent & { type: "notice" } {
  if (event.type !== "notice" || event.notice.response !== CODE.notice) return false;
  return event.news !== undefined || (event.notice.joined ?? event.notice.left) === undefined;
}

/**
 * Prints messages as they come, and as JSON also what is told of rooms, until the client is asked to end.
 *
 * @throws The error that ended the client, if one did.
 */
export async function listen(client: JimClient, ui: PipeUi, options: ListenOptions): Promise<void> {
  const { asJson, out, join = [] } = options;
  const chat = new Chat(client, { ...options, ui });
  if (!asJson) {
    const running = chat.run();
    chat.later(() => enterAsked(chat, join));
    const error = await running;
    if (error !== undefined) throw error;
    return;
  }
  chat.later(() => enterAsked(chat, join));
  const { speaker, clock } = options;
  const comeback = new Comeback({
    hasPrompt: false,
    clock,
    tell: (key, error) => {
      if (key === "notYetBack") return ui.show(line("info", speaker.say(key), "faint"));
      const reason = describeFailure(error, speaker);
      ui.show(errorLine(speaker.say(key, { name: client.name ?? "", reason })));
    },
  });
  try {
    for await (const event of client.events()) {
      if (event.type === "message" || isOfRoom(event)) {
        out(harmlessJson(event.line) + "\n");
      } else if (event.type === "offline") {
        comeback.failed(event.error);
      } else if (event.type === "online" && comeback.succeeded() !== undefined) {
        ui.show(line("info", speaker.say("backOnline")));
      }
    }
  } catch (error) {
    // Whatever was in hand could not be written; does nothing if it was the client that has ended.
    client.close({ confirms: false });
    throw error;
  } finally {
    comeback.end();
  }
}
