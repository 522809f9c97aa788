/**
 * A person's chat: what they type becomes requests, what happens becomes lines. It knows no terminal.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { type Log, silentLog } from "../../common/log.ts";
import { foldName } from "../../common/names.ts";
import { type Delivery, isRoomAddress, type Notice } from "../../common/wire/protocol.ts";
import type { JimClient } from "../library/jim_client.ts";
import { closest } from "./closest.ts";
import { COMMAND_WORDS, findCommand, splitWord } from "./commands.ts";
import { ClientClosedError, ConnectionLostError } from "../library/errors.ts";
import type { ClientEvent } from "../library/events.ts";
import { describeFailure } from "./failures.ts";
import { errorLine, line } from "./styled_line.ts";
import { OwnMessages } from "./own_messages.ts";
import {
  renderDay,
  renderMessage,
  renderNotice,
  type RenderOptions,
  renderOutcome,
  renderUnanswered,
} from "./render.ts";
import type { Speaker, TextKey, TextValues } from "../texts/texts.ts";
import type { Ui } from "./ui.ts";

/** How a {@linkcode Chat} behaves. */
export interface ChatOptions {
  /** Where it is read and written. */
  ui: Ui;
  /** The language. */
  speaker: Speaker;
  /** A message with line breaks takes several lines. @default {false} */
  multiline?: boolean;
  /** Ring for direct messages and mentions. @default {false} */
  bell?: boolean;
  /**
   * Told of the connection's fate, and nothing of what is said.
   *
   * @default {silentLog}
   */
  log?: Log;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
}

/** A conversation with messages that were neither answered nor opened. */
export interface Unread {
  /** With whom, or in which room. */
  readonly name: string;
  /** How many messages. */
  readonly count: number;
}

/**
 * A chat over a client that is online.
 *
 * Guarantees:
 * 1. What looks like a command goes out as a message only if the person says so.
 * 2. An own message is shown with its state when the server has answered, in the order of the wire, not before.
 * 3. No text of others reaches the ui unescaped.
 */
export class Chat {
  /** The connection. */
  readonly client: JimClient;
  /** Where the chat is read and written. */
  readonly ui: Ui;
  /** The language. */
  readonly speaker: Speaker;
  readonly #render: RenderOptions;
  readonly #bell: boolean;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tasks = new Set<Promise<void>>();
  readonly #own: OwnMessages;
  readonly #unread = new Map<string, Unread>();
  readonly #names = new Map<string, string>();
  #addressee: string | undefined;
  #lastSender: string | undefined;
  #shownDay: string;
  #isLeaving = false;
  #isLearning = false;
  #nextName: string | undefined;

  /**
   * Makes a chat; {@linkcode Chat.run} makes it listen.
   *
   * @param client Is online.
   * @param options See {@linkcode ChatOptions}.
   */
  constructor(client: JimClient, options: ChatOptions) {
    const { ui, speaker, multiline = false, bell = false } = options;
    const { clock = systemClock, log = silentLog } = options;
    this.client = client;
    this.ui = ui;
    this.speaker = speaker;
    this.#render = { speaker, multiline };
    this.#bell = bell;
    this.#clock = clock;
    this.#log = log;
    this.#own = new OwnMessages(clock, () => ui.refresh());
    this.#shownDay = new Date(clock.epochMs()).toDateString();
  }

  /** To whom lines go; `undefined` while lines are commands. */
  get addressee(): string | undefined {
    return this.#addressee;
  }

  /** Who wrote last directly, or in a room if nobody did directly. */
  get lastSender(): string | undefined {
    return this.#lastSender;
  }

  /** Conversations with messages that were neither answered nor opened, oldest first. */
  get unread(): Unread[] {
    return [...this.#unread.values()];
  }

  /** Names of users that were met, for completion. */
  get names(): string[] {
    return [...this.#names.values()];
  }

  /** Whether the person asked to leave. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Under which name the person who leaves comes back. */
  get nextName(): string | undefined {
    return this.#nextName;
  }

  /** What stands before the input: `eve> `, in a conversation `eve → bob> `. */
  get prompt(): string {
    const { name = "", isOnline } = this.client;
    const count = this.#own.count(isOnline ? "late" : "all");
    const waiting = count > 0 ? this.say("promptWaiting", { count }) : "";
    const state = (isOnline ? "" : this.say("promptOffline")) + waiting;
    const to = this.#addressee === undefined ? "" : ` → ${this.#addressee}`;
    return `${state}${name}${to}> `;
  }

  /** Gives a sentence. */
  say(key: TextKey, values?: TextValues): string {
    return this.speaker.say(key, values);
  }

  /** Shows a sentence. */
  tell(key: TextKey, values?: TextValues): void {
    this.ui.show(line("info", this.say(key, values), "notice"));
  }

  /** Shows that something is wrong. */
  fail(key: TextKey, values?: TextValues): void {
    this.ui.show(errorLine(this.say(key, values)));
  }

  /**
   * Shows what happens until the client ends.
   *
   * @returns What ended it; nothing if the person did.
   * @throws What the ui throws; the client is closed then.
   */
  async run(): Promise<Error | undefined> {
    try {
      for await (const event of this.client.events()) this.#onEvent(event);
    } catch (error) {
      // Else it is the error of `closed`.
      if (!this.client.isClosed) {
        this.client.close();
        throw error;
      }
    }
    for (const { to, text } of this.#own.abandon()) {
      this.#showUnanswered("stateUnanswered", to, text);
    }
    return await this.client.closed;
  }

  /**
   * Carries out a line of input. Resolves when the next line may be read; answers of the server may come later, see
   * {@linkcode Chat.settled}.
   */
  async handle(input: string): Promise<void> {
    const to = this.#addressee;
    if (input.trim() === "") return;
    if (to === undefined) {
      await this.#command(input);
    } else if (input.startsWith("//")) {
      this.send(to, input.slice(1));
    } else if (!/^\s*\//.test(input)) {
      this.send(to, input);
    } else if (input.startsWith("/") && findCommand(splitWord(input.slice(1)).word)) {
      await this.#command(input);
    } else {
      await this.#sendDoubtful(to, input);
    }
  }

  /** Resolves when the server has answered all that was asked so far, and the answers are shown. */
  async settled(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  /** Lets something go on beside the input. If it fails, the reason is shown. */
  later(task: () => Promise<void>): void {
    const running = (async () => {
      try {
        await task();
      } catch (error) {
        this.#showFailure(error);
      }
    })();
    this.#tasks.add(running);
    running.then(() => this.#tasks.delete(running));
  }

  /** Sends a message; what became of it is shown when the server has said so. */
  send(to: string, text: string): void {
    if (text.trim() === "") {
      this.fail("emptyMessage");
      return;
    }
    this.#unread.delete(foldName(to));
    const id = crypto.randomUUID();
    const shown = this.#own.add(id, { to, text });
    this.later(async () => {
      try {
        await this.client.send(to, text, { id });
        await shown;
      } catch (error) {
        if (!this.client.isClosed) this.#own.settle(id); // else `run` says what became of it
        throw error;
      }
    });
    if (!this.client.isOnline) this.#showUnanswered("stateQueued", to, text);
    this.ui.refresh();
  }

  /** Enters a room; an open conversation with one that cannot be entered ends. */
  join(asked: string): void {
    this.later(async () => {
      try {
        const { room, users } = await this.client.join(asked);
        this.addNames(users);
        this.tell("joinedRoom", { room, users: users.join(", ") });
      } catch (error) {
        if (this.isOpen(asked)) this.close();
        throw error;
      }
    });
  }

  /** Opens a conversation. */
  open(to: string): void {
    this.#addressee = to;
    this.#unread.delete(foldName(to));
    this.tell("chatWith", { to });
    this.ui.refresh();
  }

  /** Ends the conversation. */
  close(): void {
    this.tell(this.#addressee === undefined ? "noChat" : "chatEnds");
    this.#addressee = undefined;
    this.ui.refresh();
  }

  /** Whether a conversation with that name is open. */
  isOpen(to: string): boolean {
    return this.#addressee !== undefined && foldName(this.#addressee) === foldName(to);
  }

  /** Whether the person is in a room. */
  isIn(room: string): boolean {
    return this.client.rooms.some((other) => foldName(other) === foldName(room));
  }

  /** Learns names, for completion. */
  addNames(names: readonly string[]): void {
    for (const name of names) this.#names.set(foldName(name), name);
  }

  /** Asks the server who is online, for completion; what it answers is not shown. */
  async learnNames(): Promise<void> {
    if (!this.client.isOnline || this.#isLearning) return;
    this.#isLearning = true;
    try {
      const { users } = await this.client.who();
      this.addNames(users.map(({ account_name }) => account_name));
    } catch {
      // Then Tab knows fewer names.
    } finally {
      this.#isLearning = false;
    }
  }

  /**
   * Says goodbye to the server, after all that was asked before.
   *
   * @param nextName Under which name the person comes back, if they do.
   */
  async leave(nextName?: string): Promise<void> {
    this.#isLeaving = true;
    this.#nextName ??= nextName;
    await this.client.quit();
  }

  /** Says that there is no such command, and which one may be meant. */
  unknownCommand(word: string): void {
    const { maxNameChars } = LIMITS;
    if (word.length > maxNameChars) word = `${word.slice(0, maxNameChars)}…`; // no command: a text, or a paste
    const hint = closest(word.toLowerCase(), COMMAND_WORDS);
    if (hint === undefined) this.fail("unknownCommand", { word });
    else this.fail("unknownCommandHint", { word, hint });
  }

  async #command(input: string): Promise<void> {
    const { word, rest } = splitWord(input.trimStart().replace(/^\//, ""));
    const command = findCommand(word);
    if (command === undefined) {
      this.unknownCommand(word);
    } else if (command.usage === "" && rest.trim() !== "") {
      this.fail("noArguments", { command: word });
    } else {
      await command.run(this, rest);
    }
  }

  async #sendDoubtful(to: string, input: string): Promise<void> {
    if (!this.ui.isInteractive) this.fail("looksLikeCommand");
    else if (await this.ui.confirm(this.say("sendAnyway", { to }))) this.send(to, input);
    else this.tell("cancelled");
  }

  #onEvent(event: ClientEvent): void {
    switch (event.type) {
      case "message":
        this.#onMessage(event.message);
        break;
      case "notice":
        this.#onNotice(event.notice);
        break;
      case "outcome": {
        const { to, message, outcome } = event;
        const time = this.#now();
        this.#markDay(time);
        this.ui.show(...renderOutcome(to, message, outcome, time, this.#render));
        this.#own.settle(outcome.id);
        break;
      }
      case "online":
        this.addNames([event.name]);
        this.#log.info("online", { name: event.name, again: event.again });
        if (event.again) this.tell("backOnline");
        break;
      case "offline":
        this.#log.warn("connection lost", {
          reason: event.error.message,
          attempt: event.attempt,
          retryMs: event.retryMs,
        });
        if (event.attempt === 1) this.fail("lost", { reason: this.#reason(event.error) });
        break;
      case "room-lost": {
        const { room, error } = event;
        this.fail("roomLost", { room, reason: this.#reason(error) });
        if (this.isOpen(room)) this.close();
        break;
      }
      case "malformed":
        this.#log.warn("malformed frame", { reason: event.reason });
        this.fail("malformed", { reason: event.reason });
        break;
    }
    this.ui.refresh();
  }

  #onMessage(message: Delivery): void {
    const { from, to } = message;
    const conversation = isRoomAddress(to) ? to : from;
    const folded = foldName(conversation);
    if (!isRoomAddress(to) || this.#lastSender === undefined) this.#lastSender = from;
    this.addNames([from]);
    if (!this.isOpen(conversation)) {
      const count = (this.#unread.get(folded)?.count ?? 0) + 1;
      this.#unread.set(folded, { name: conversation, count });
    }
    this.#markDay(message.time);
    this.ui.show(...renderMessage(message, this.#render));
    if (this.#bell && (!isRoomAddress(to) || this.#isMentioned(message.message))) this.ui.ring();
  }

  #onNotice(notice: Notice): void {
    const { joined, left } = notice;
    if (joined !== undefined) this.addNames([joined]);
    if (left !== undefined) this.#names.delete(foldName(left));
    this.ui.show(renderNotice(notice, this.speaker));
  }

  #isMentioned(text: string): boolean {
    const own = foldName(this.client.name ?? "");
    const words = text.split(/[^\p{L}\p{M}\p{Nd}_.\-]+/u);
    return words.some((word) => foldName(word.replace(/[.\-]+$/, "")) === own);
  }

  /** Marks a change of the day, also back to one: stored messages keep their own time. */
  #markDay(unixSeconds: number): void {
    const date = new Date(unixSeconds * 1000);
    const day = date.toDateString();
    if (day === this.#shownDay || Number.isNaN(date.getTime())) return;
    this.#shownDay = day;
    this.ui.show(renderDay(date, this.speaker));
  }

  #showUnanswered(state: "stateQueued" | "stateUnanswered", to: string, text: string): void {
    this.ui.show(...renderUnanswered(to, text, state, this.#now(), this.#render));
  }

  #showFailure(error: unknown): void {
    // How a connection ends is said once, by whoever waits for `run`.
    const isEnd = error instanceof ConnectionLostError || error instanceof ClientClosedError;
    if (isEnd && (this.client.isClosed || this.#isLeaving)) return;
    this.ui.show(errorLine(this.#reason(error)));
  }

  /** Unix seconds. */
  #now(): number {
    return this.#clock.epochMs() / 1000;
  }

  #reason(error: unknown): string {
    return describeFailure(error, this.speaker);
  }
}
