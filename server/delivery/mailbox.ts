/**
 * Letters on their way out of a mailbox.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import type { EventKey } from "../../common/wire/protocol.ts";
import type { Confirmed } from "../people/numbered_frames.ts";
import type { Place } from "../store/messages.ts";
import type { SentAs, Store, StoredLetter } from "../store/store.ts";
import { addressOf, Envelope, Message } from "./message.ts";

/** Whose mailbox it is, as a {@linkcode MailboxReader} writes to them. */
export interface MailSink {
  /** The name under which the mailbox is looked up. */
  readonly folded: string;
  /** The addressee's dialect. */
  readonly key: EventKey;
  /** Tells the session from all others. */
  readonly session: string;
  /** Queues a frame; `false` if there is no room. */
  send(frame: string): boolean;
  /** Queues a message from the mailbox; `false` if there is no room. */
  sendStored(frame: string, stored: number): boolean;
  /** Resolves when there is room again; with `false` if the connection takes nothing more, ever. */
  roomy(): Promise<boolean>;
  /** Adds `bytes`, which may be negative, to what is held for the user. */
  hold(bytes: number): void;
}

/** Letters of a mailbox that have not got into it, since the disk took none. */
export interface Stranded {
  /** Tries to get them into the mailbox; `undefined` if there are none. Never rejects. */
  store(): Promise<unknown> | undefined;
  /** Hands those that are left to the user. */
  handOver(): void;
  /** Drops those that were sent in a session, up to a number: they have arrived. */
  drop(upTo: SentAs): void;
}

/** How far another node has come with a mailbox, as plain JSON values. */
export interface HandedMailbox {
  /** The number of the last letter that was put out. */
  readonly last: number;
  /** Lines that come behind all letters. */
  readonly behind: readonly string[];
}

/** How a {@linkcode MailboxReader} begins. */
export interface MailboxReaderOptions {
  /** What should be in the mailbox and may not be: comes behind what is. */
  readonly stranded?: Stranded;
  /** What of an earlier session has arrived: it is not put out again. */
  readonly arrived?: SentAs | undefined;
  /** How far the session has come with it on another node. */
  readonly handed?: HandedMailbox | undefined;
  /** Told of a deletion that nobody waits for. It never rejects. */
  readonly onDeletion?: (deletion: Promise<void>) => void;
  /** Told what goes wrong where nobody waits. */
  readonly onFault?: (error: unknown) => void;
}

/** Letters that are read from the store at once; bounds the memory that one login takes. */
const PAGE = 100;
/** Bytes of what happened to letters that wait until all letters are out; what is more is not told. */
const MAX_BEHIND_BYTES = 262_144;

/**
 * Puts out one mailbox's letters, oldest first, each once in this connection.
 *
 * They stay in the mailbox until they are acknowledged, and no more can be acknowledged than was put out.
 */
export class MailboxReader {
  readonly #store: Store;
  readonly #sink: MailSink;
  readonly #stranded: Stranded | undefined;
  readonly #onDeletion: (deletion: Promise<void>) => void;
  readonly #onFault: (error: unknown) => void;
  #arrivedBefore: SentAs | undefined;
  #lastSent = 0;
  #isRunning = false;
  #hasMore = false;
  /** Letters that were read and are not put out yet. */
  #page: StoredLetter[] = [];
  /** Lines that come behind all letters. */
  #behind: string[] = [];
  #behindBytes = 0;

  /**
   * Makes a reader that has put out nothing yet.
   *
   * @param sink Whose mailbox.
   */
  constructor(store: Store, sink: MailSink, options: MailboxReaderOptions = {}) {
    this.#store = store;
    this.#sink = sink;
    this.#stranded = options.stranded;
    this.#arrivedBefore = options.arrived;
    const { last, behind } = options.handed ?? { last: 0, behind: [] };
    this.#lastSent = last;
    for (const line of behind) this.#hold(line);
    this.#onDeletion = options.onDeletion ?? (() => {});
    this.#onFault = options.onFault ?? (() => {});
  }

  /** Whether letters are being put out; what comes later must not overtake them. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /**
   * Puts out all letters that were not put out before. Waits where the connection has no room. A call while
   * another is under way makes that one look again.
   *
   * @throws {StoreError} If the store fails.
   */
  async run(): Promise<void> {
    this.#hasMore = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      await this.#dropArrived();
      let isThrough = false;
      while (this.#hasMore) {
        this.#hasMore = false;
        const storing = this.#stranded?.store();
        if (storing !== undefined) await storing;
        isThrough = await this.#putAll();
      }
      if (isThrough) this.#stranded?.handOver();
    } finally {
      this.#isRunning = false;
      this.#putBehind();
    }
  }

  /**
   * A message that may be one of the letters has changed while they are put out.
   *
   * @param place Where it is kept.
   * @param text What it says from now on; `undefined` if it was deleted.
   * @param line Tells the addressee, who may have it already: behind all letters.
   */
  change(place: Place, text: string | undefined, line: string): void {
    const index = this.#page.findIndex((letter) =>
      letter.place?.seq === place.seq && letter.place.conversation === place.conversation
    );
    const letter = this.#page[index];
    if (letter !== undefined) {
      this.#page.splice(index, 1, ...(text === undefined ? [] : [{ ...letter, message: text }]));
    }
    this.#hold(line);
  }

  /** How far it has come, for the node on which the session goes on: nothing more is to be put out here. */
  handOver(): HandedMailbox {
    const handed = { last: this.#lastSent, behind: this.#behind };
    this.#behind = [];
    return handed;
  }

  /** The peer has all letters up to that number: deletes them for good. */
  async acknowledge(upTo: number): Promise<void> {
    const last = Math.min(upTo, this.#lastSent);
    if (last > 0) await this.#store.deleteLetters(this.#sink.folded, last);
  }

  #hold(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#behindBytes + bytes > MAX_BEHIND_BYTES) return;
    this.#behind.push(line);
    this.#behindBytes += bytes;
    this.#sink.hold(bytes);
  }

  #putBehind(): void {
    const lines = this.#behind;
    this.#sink.hold(-this.#behindBytes);
    [this.#behind, this.#behindBytes] = [[], 0];
    for (const line of lines) this.#sink.send(line);
  }

  /**
   * Frames of a numbered session up to a number have arrived. Nobody waits for it: what cannot be deleted comes again
   * at the next login. Never rejects.
   */
  async arrived(confirmed: Confirmed, upTo: SentAs): Promise<void> {
    if (confirmed.stored === 0 && !confirmed.wasSaved) return;
    const deletion = this.#deleteArrived(confirmed, upTo);
    this.#onDeletion(deletion);
    await deletion;
  }

  async #deleteArrived({ stored, wasSaved }: Confirmed, upTo: SentAs): Promise<void> {
    try {
      // Both begin at once: what the next login asks for comes behind them.
      await Promise.all([this.acknowledge(stored), wasSaved && this.#drop(upTo)]);
    } catch (error) {
      this.#onFault(error);
    }
  }

  async #dropArrived(): Promise<void> {
    const upTo = this.#arrivedBefore;
    this.#arrivedBefore = undefined;
    if (upTo !== undefined) await this.#drop(upTo);
  }

  #drop(upTo: SentAs): Promise<void> {
    this.#stranded?.drop(upTo);
    return this.#store.dropLetters(this.#sink.folded, upTo);
  }

  async #putAll(): Promise<boolean> {
    for (;;) {
      const letters = await this.#store.listLetters(this.#sink.folded, this.#lastSent, PAGE);
      const { length } = letters;
      const units = letters.reduce((sum, { message }) => sum + message.length, 0);
      this.#sink.hold(units);
      this.#page = letters;
      const isPut = await this.#putPage();
      this.#page = [];
      this.#sink.hold(-units);
      if (!isPut) return false;
      if (length < PAGE) return true;
    }
  }

  /** Whatever is the first of the page may have changed since it found no room. */
  async #putPage(): Promise<boolean> {
    for (let letter; (letter = this.#page[0]) !== undefined;) {
      // What was sent in this session is among its frames, under its number.
      const isOwn = letter.sent !== undefined && letter.sent.session === this.#sink.session;
      if (isOwn || this.#sink.sendStored(this.#lineOf(letter), letter.stored)) {
        this.#page.shift();
        this.#lastSent = letter.stored;
      } else if (!await this.#sink.roomy()) {
        return false;
      }
    }
    return true;
  }

  #lineOf(letter: StoredLetter): string {
    const { time, to, from, message, id, stored, place } = letter;
    const envelope = new Envelope(addressOf(from), addressOf(to), time);
    return new Message(envelope, JSON.stringify(message), id, stored, place, letter)
      .lineFor(this.#sink.key);
  }
}
