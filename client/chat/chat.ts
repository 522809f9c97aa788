/**
 * A person's chat: what they type becomes requests, what happens becomes lines. It knows no terminal.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import { type Log, silentLog } from "../../common/log.ts";
import { foldName } from "../../common/names.ts";
import { isRoomAddress, type MessageKind } from "../../common/wire/protocol.ts";
import { ClientClosedError, ConnectionLostError } from "../library/errors.ts";
import type { JimClient } from "../library/jim_client.ts";
import type { JoinAnswer, JoinOptions } from "../library/options.ts";
import { Profile } from "../profile/profile.ts";
import type { Speaker, TextKey, TextValues } from "../texts/texts.ts";
import { Aliases } from "./aliases.ts";
import { Changes } from "./changes.ts";
import { findCommand } from "./commands/commands.ts";
import { commandHelp, commandTable, unknownCommand } from "./commands/help.ts";
import { Conversations } from "./conversations.ts";
import { describeFailure } from "./failures.ts";
import { Incoming } from "./incoming.ts";
import { withoutSlash } from "./input.ts";
import { KnownNames } from "./known_names.ts";
import { KnownMessages } from "./known_messages.ts";
import { KeptBlocks } from "./kept_blocks.ts";
import { LinkNews } from "./link_news.ts";
import { LookBack } from "./look_back.ts";
import { Moves } from "./moves.ts";
import { Notifier } from "./notifier.ts";
import { OPENING, Past } from "./past.ts";
import { PastPages } from "./past_pages.ts";
import { Prompt } from "./prompt.ts";
import { ReadMarks } from "./read_marks.ts";
import type { ChatRecord } from "./record.ts";
import { Recorder } from "./recorder.ts";
import { RoomMembers } from "./room_members.ts";
import { Search } from "./search.ts";
import { Switching } from "./switching.ts";
import { View } from "./view.ts";
import { HeldMessages } from "./held_messages.ts";
import type { ChatMemory } from "./chat_memory.ts";
import { Sending } from "./sending.ts";
import { chatState } from "./chat_state.ts";
import type { ChatState } from "./state_line.ts";
import { errorLine, line } from "./styled_line.ts";
import { Transcript } from "./transcript.ts";
import { TypedLines } from "./typed_lines.ts";
import type { Ui } from "./ui.ts";

/** How a {@linkcode Chat} behaves. */
export interface ChatOptions {
  /** Where it is read and written. */
  ui: Ui;
  /** The language. */
  speaker: Speaker;
  /** Makes a client that is connected and not online yet, for `login`; without it there is no `login`. */
  connect?: (() => Promise<JimClient>) | undefined;
  /**
   * What the person has chosen to see, and what is open; without it everything is in one stream, and nothing is
   * remembered.
   */
  memory?: ChatMemory | undefined;
  /** A message with line breaks takes several lines. @default {false} */
  multiline?: boolean;
  /** The person's settings. @default Those that hold without a file. */
  profile?: Profile;
  /**
   * The chat of the same person under another name, which has ended: what waits there goes on waiting here, and so do
   * the numbers of conversations.
   */
  before?: Chat | undefined;
  /** Keeps what is said. @default Nothing does. */
  record?: ChatRecord | undefined;
  /**
   * Where to log what happens to the connection; never what is said.
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
  /** Makes another client, if that is possible. */
  readonly connect: (() => Promise<JimClient>) | undefined;
  /** Whom the person talks to. */
  readonly conversations: Conversations;
  /** Names for completion. */
  readonly names: KnownNames;
  /** Who is in the rooms that the person is in. */
  readonly members: RoomMembers;
  /** Where time comes from. */
  readonly clock: Clock;
  /** What was said before, as far as it is shown by itself. */
  readonly past: Past;
  /** More of it. */
  readonly back: LookBack;
  /** What the person looks for in it. */
  readonly search: Search;
  /** How it is changed. */
  readonly changes: Changes;
  readonly #transcript: Transcript;
  /** The person's settings. */
  readonly profile: Profile;
  /** The person's own words for command lines. */
  readonly aliases: Aliases;
  /** From one conversation to the other. */
  readonly switching: Switching;
  /** What of all that comes is shown. */
  readonly view: View;
  readonly #held: HeldMessages;
  readonly #marks: ReadMarks;
  readonly #sending: Sending;
  readonly #incoming: Incoming;
  readonly #link: LinkNews;
  readonly #tasks = new Set<Promise<void>>();
  readonly #typed = new TypedLines(this);
  readonly #prompt: Prompt;
  #isLeaving = false;
  #next: JimClient | undefined;
  #isRenamed = false;

  /**
   * Makes a chat; {@linkcode Chat.run} makes it listen.
   *
   * @param client Is online.
   * @param options See {@linkcode ChatOptions}.
   */
  constructor(client: JimClient, options: ChatOptions) {
    const { ui, speaker, multiline = false, record, before } = options;
    const { clock = systemClock, log = silentLog, profile = new Profile() } = options;
    this.client = client;
    this.ui = ui;
    this.speaker = speaker;
    this.connect = options.connect;
    this.conversations = before?.conversations ?? new Conversations();
    this.#held = before === undefined ? new HeldMessages() : before.#held;
    this.names = new KnownNames(client);
    this.members = new RoomMembers(client);
    this.clock = clock;
    this.profile = profile;
    this.aliases = new Aliases(profile, (word) => this.isCommandWord(word));
    const transcript = this.#transcript = new Transcript({
      ...{ ui, speaker, multiline, clock },
      get gutter() {
        return ui.isInteractive ? profile.value("gutter") : 0;
      },
    });
    const moves = new Moves({
      show: (moved) => {
        if (this.view.shows(moved.room)) transcript.moved(moved);
      },
      clock,
    });
    const notifier = new Notifier({ ui, speaker, profile, clock });
    const recorder = new Recorder({ record, speaker, clock });
    this.#link = new LinkNews(this, { log, clock });
    const known = new KnownMessages();
    this.#marks = new ReadMarks({
      isRead: ui.isInteractive,
      mark: (name, seq) => client.markRead(name, seq),
      clock,
    });
    const { memory } = options;
    this.view = new View({
      conversations: this.conversations,
      memory: ui.repaintsPrompt ? memory : undefined,
    });
    const view = this.view;
    const shared = {
      chat: this,
      transcript,
      known,
      view,
      held: this.#held,
      marks: this.#marks,
      moves,
      recorder,
      clock,
    };
    this.#sending = new Sending(shared);
    const blocks = new KeptBlocks(shared);
    this.back = new LookBack({ ...shared, blocks });
    this.past = new Past({ ...shared, blocks, back: this.back });
    this.search = new Search(shared);
    this.changes = new Changes({ ...shared, sending: this.#sending });
    this.#incoming = new Incoming({
      ...shared,
      sending: this.#sending,
      link: this.#link,
      notifier,
    });
    const incoming = this.#incoming;
    this.switching = new Switching({ chat: this, view, incoming, memory });
    for (const room of client.rooms) this.conversations.entered(room);
    for (const { name } of this.conversations.numbers.all) {
      // It has not let that name in.
      if (isRoomAddress(name) && !this.isIn(name)) this.roomIsGone(name);
    }
    this.#prompt = new Prompt({
      chat: this,
      typed: this.#typed,
      sending: this.#sending,
      link: this.#link,
    });
  }

  /** Whether the person asked to leave. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** The client with which the person goes on under another name, if they do; it is online. */
  get next(): JimClient | undefined {
    return this.#next;
  }

  /** Whether {@linkcode Chat.next} is the same person under another name, as opposed to another account. */
  get isRenamed(): boolean {
    return this.#isRenamed;
  }

  /** What stands before the input. */
  get prompt(): string {
    return this.#prompt.text;
  }

  /** Where the person is, and what waits elsewhere. */
  get state(): ChatState {
    return chatState(this, this.#link.prompt);
  }

  /** What a command begins with now, where it has to begin with something. */
  get slash(): "/" | "" {
    return this.conversations.current === undefined ? "" : "/";
  }

  /** Whom `reply` answers: who had written last when the line was begun. */
  get replyTo(): string | undefined {
    return this.#prompt.replyTo;
  }

  /** The line that is being typed has changed; it is empty when it was entered or cleared. */
  typing(line: string): void {
    this.#prompt.typing(line);
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
    const { hidden } = this.aliases;
    if (hidden.length > 0) this.fail("aliasesHidden", { words: hidden.join(", ") });
    try {
      for await (const event of this.client.events()) this.#incoming.take(event);
    } catch (error) {
      // Else it is the error of `closed`.
      if (!this.client.isClosed) {
        // Whatever was in hand could not be shown.
        this.client.close({ confirms: false });
        throw error;
      }
    }
    this.#incoming.end({ isRenamed: this.#isRenamed });
    this.#marks.stop();
    this.#sending.end();
    return await this.client.closed;
  }

  /**
   * Carries out a line of input. Resolves when the next line may be read; answers of the server may come later, see
   * {@linkcode Chat.settled}.
   */
  async handle(typed: string): Promise<void> {
    await this.#typed.handle(typed);
  }

  /** See {@linkcode TypedLines.isUnderstood}. */
  isUnderstood(typed: string): boolean {
    return this.#typed.isUnderstood(typed);
  }

  /** Resolves when the server has answered all that was asked so far, and the answers are shown. */
  async settled(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  /**
   * Runs a task beside the input. If it fails, the reason is shown.
   *
   * @returns Resolves when it has ended, one way or the other.
   */
  later(task: () => Promise<void>): Promise<void> {
    const running = (async () => {
      try {
        await task();
      } catch (error) {
        this.#showFailure(error);
      }
    })();
    this.#tasks.add(running);
    running.then(() => this.#tasks.delete(running));
    return running;
  }

  /** Sends a message, of a kind if it is not just said; what became of it is shown when the server has said so. */
  send(to: string, text: string, kind?: MessageKind): void {
    if (text.trim() === "") {
      this.fail("emptyMessage");
      return;
    }
    const read = this.past.answering(to);
    const answered = this.conversations.answering(to);
    this.#sending.send(to, text, kind, () => {
      if (read === undefined) return;
      read();
      answered();
    });
    this.ui.refresh();
  }

  /** Enters a room beside the input, see {@linkcode Chat.enterRoom}. */
  join(asked: string): void {
    this.later(() => this.enterRoom(asked));
  }

  /**
   * Enters a room, and shows a person what was said there. If that fails, a conversation that is open there ends.
   *
   * @throws {RefusedError} If the server does not let them in.
   */
  async enterRoom(asked: string): Promise<void> {
    const { isInteractive } = this.ui;
    // Asked first: the server notes who enters.
    const standing = isInteractive ? this.past.standing(asked) : undefined;
    standing?.catch(() => {}); // if it fails, that is said below
    const joined = await this.#enter(asked, isInteractive ? { history: OPENING } : {});
    if (isInteractive) this.past.entered(joined, await standing);
  }

  async #enter(asked: string, options: JoinOptions): Promise<JoinAnswer> {
    try {
      const joined = await this.client.join(asked, options);
      const { room, users, isNew, topic } = joined;
      this.names.add(users);
      this.members.set(room, users);
      this.conversations.entered(room);
      const listed = users.slice(0, LIMITS.maxWhoUsers);
      this.tell("joinedRoom", { room, users: listed.join(", ") });
      const more = users.length - listed.length;
      if (more > 0) this.tell("whoMore", { count: more });
      if (topic !== "") this.tell("topicIs", { room, topic });
      if (isNew) this.noteMade(joined);
      return joined;
    } catch (error) {
      if (this.conversations.isOpen(asked)) this.close();
      throw error;
    }
  }

  /** The person has made a room: under its name there may have been another one. */
  noteMade({ room, isLasting }: JoinAnswer): void {
    this.past.forget(room);
    this.tell(isLasting ? "madeLasting" : "madeRoom", { room });
  }

  /**
   * What was said in the open conversation, for a place that shows it apart; if none is open, in the one that was shown
   * last.
   *
   * @returns Nothing if there is no such conversation.
   */
  pages(): PastPages | undefined {
    const name = this.conversations.current ?? this.back.name;
    if (name === undefined) return undefined;
    return new PastPages({ chat: this, transcript: this.#transcript, name });
  }

  /** Ends the conversation. */
  close(): void {
    this.switching.close();
  }

  /** A room is no more, or the person is no longer admitted. */
  roomIsGone(room: string): void {
    this.names.delete(room);
    this.members.forget(room);
    this.past.forget(room);
    this.conversations.left(room);
    if (this.conversations.isOpen(room)) this.close();
  }

  /** Whether a word names a command; case does not matter. */
  isCommandWord(word: string): boolean {
    return findCommand(word) !== undefined;
  }

  /** Whether the person is in a room. */
  isIn(room: string): boolean {
    return this.client.rooms.some((other) => foldName(other) === foldName(room));
  }

  /** Shows all commands, or what there is to know of one; an empty word means all. */
  help(word: string): void {
    const command = findCommand(withoutSlash(word));
    const alias = this.aliases.find(withoutSlash(word));
    const { ui, speaker } = this;
    if (word === "") ui.show(...commandTable(speaker, ui.columns));
    else if (alias !== undefined) this.tell("aliasIs", { word, line: alias });
    else if (command === undefined) ui.show(unknownCommand(word, speaker));
    else ui.show(...commandHelp(command, speaker, ui.columns));
  }

  /**
   * Says goodbye to the server, after all that was asked before.
   *
   * @param next With which client the person goes on, if they do; it is online under another name.
   */
  async leave(next?: JimClient): Promise<void> {
    this.#isLeaving = true;
    this.#next ??= next;
    this.past.noteRead();
    await this.client.quit();
  }

  /** As {@linkcode Chat.leave}, of the same person under another name: what waits for them is not told, but kept. */
  async rename(next: JimClient): Promise<void> {
    this.#isRenamed = true;
    await this.leave(next);
  }

  #showFailure(error: unknown): void {
    // How a connection ends is said once, by the caller of `run`.
    const isEnd = error instanceof ConnectionLostError || error instanceof ClientClosedError;
    if (isEnd && (this.client.isClosed || this.#isLeaving)) return;
    this.ui.show(errorLine(describeFailure(error, this.speaker)));
  }
}
