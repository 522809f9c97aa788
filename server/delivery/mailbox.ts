/**
 * Letters on their way out of a mailbox.
 *
 * @module
 */

import { Buffer } from "node:buffer";

import type { EventKey } from "../../common/wire/protocol.ts";
import type { Place } from "../store/messages.ts";
import type { Store, StoredLetter } from "../store/store.ts";
import { type Address, Envelope, Message } from "./message.ts";

/** Whose mailbox it is, as a {@linkcode MailboxReader} writes to them. */
export interface MailSink {
  /** The name under which the mailbox is looked up. */
  readonly folded: string;
  /** The addressee's dialect. */
  readonly key: EventKey;
  /** Queues a frame; `false` if there is no room. */
  send(frame: string): boolean;
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
   * @param stranded What should be in it and may not be: comes behind what is.
   */
  constructor(store: Store, sink: MailSink, stranded?: Stranded) {
    this.#store = store;
    this.#sink = sink;
    this.#stranded = stranded;
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
      while (this.#hasMore) {
        this.#hasMore = false;
        const storing = this.#stranded?.store();
        if (storing !== undefined) await storing;
        if (!await this.#putAll()) return;
      }
      this.#stranded?.handOver();
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
    const bytes = Buffer.byteLength(line);
    if (this.#behindBytes + bytes > MAX_BEHIND_BYTES) return;
    this.#behind.push(line);
    this.#behindBytes += bytes;
    this.#sink.hold(bytes);
  }

  /** The peer has all letters up to that number: deletes them for good. */
  async acknowledge(upTo: number): Promise<void> {
    const last = Math.min(upTo, this.#lastSent);
    if (last > 0) await this.#store.deleteLetters(this.#sink.folded, last);
  }

  #putBehind(): void {
    const lines = this.#behind;
    this.#sink.hold(-this.#behindBytes);
    [this.#behind, this.#behindBytes] = [[], 0];
    for (const line of lines) this.#sink.send(line);
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
      if (this.#sink.send(this.#lineOf(letter))) {
        this.#page.shift();
        this.#lastSent = letter.stored;
      } else if (!await this.#sink.roomy()) {
        return false;
      }
    }
    return true;
  }

  #lineOf({ time, to, from, message, id, reply, stored, place }: StoredLetter): string {
    const envelope = new Envelope(addressOf(from), addressOf(to), time);
    return new Message(envelope, JSON.stringify(message), id, stored, place, reply)
      .lineFor(this.#sink.key);
  }
}

function addressOf(name: string): Address {
  return { name, nameJson: JSON.stringify(name) };
}
