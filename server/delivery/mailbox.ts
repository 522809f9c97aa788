/**
 * Letters on their way into and out of mailboxes.
 *
 * @module
 */

import { encodeDelivery } from "../../common/wire/encode.ts";
import { parseServerFrame } from "../../common/wire/server_frames.ts";
import { type EventKey, isRoomAddress } from "../../common/wire/protocol.ts";
import type { ServerContext } from "../context.ts";
import type { Letter, Store, StoreOutcome } from "../store/store.ts";

/**
 * Puts a letter into its mailbox. If the addressee has come online while it went to disk, they get it at once
 * instead of at their next login.
 *
 * @param isRescue Whether the letter was accepted before: then it may go beyond the mailbox's limits.
 * @throws {StoreError} If the store fails; the letter is not in the mailbox then.
 */
export async function postLetter(
  { store, registry }: ServerContext,
  letter: Letter,
  isRescue = false,
): Promise<StoreOutcome> {
  const outcome = await store.storeLetter(letter, { isRescue });
  if (outcome === "stored") registry.find(letter.folded)?.mailArrived();
  return outcome;
}

/**
 * The letter in a frame that could not be written to its addressee, an account: a direct message that is not in
 * the mailbox yet.
 *
 * @param frame A line that the server made.
 * @param addressee Whose connection it was for.
 */
export function letterIn(
  frame: string,
  { folded, name }: { readonly folded: string; readonly name: string },
): Letter | undefined {
  const { kind, frame: fields } = parseServerFrame(frame);
  if (kind !== "message" || isRoomAddress(fields.to) || fields.stored !== undefined) {
    return undefined;
  }
  const { time, from, message, id } = fields;
  return { folded, to: name, from, message, time, id };
}

/** What a {@linkcode MailboxReader} writes to. */
export interface MailSink {
  /** The addressee's dialect. */
  readonly key: EventKey;
  /** Queues a frame; `false` if there is no room. */
  send(frame: string): boolean;
  /** Resolves when there is room again; with `false` if the connection takes nothing more, ever. */
  roomy(): Promise<boolean>;
}

/** Letters that are read from the store at once; bounds the memory that one login takes. */
const PAGE = 100;

/**
 * Puts out one mailbox's letters, oldest first, each once in this connection.
 *
 * They stay in the mailbox until they are acknowledged, and no more can be acknowledged than was put out.
 */
export class MailboxReader {
  readonly #store: Store;
  readonly #folded: string;
  readonly #sink: MailSink;
  #lastSent = 0;
  #isRunning = false;
  #hasMore = false;

  /**
   * Makes a reader that has put out nothing yet.
   *
   * @param folded Whose mailbox, folded.
   */
  constructor(store: Store, folded: string, sink: MailSink) {
    this.#store = store;
    this.#folded = folded;
    this.#sink = sink;
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
        if (!await this.#putAll()) return;
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** The peer has all letters up to that number: deletes them for good. */
  async acknowledge(upTo: number): Promise<void> {
    const last = Math.min(upTo, this.#lastSent);
    if (last > 0) await this.#store.deleteLetters(this.#folded, last);
  }

  async #putAll(): Promise<boolean> {
    for (;;) {
      const letters = await this.#store.listLetters(this.#folded, this.#lastSent, PAGE);
      for (const { time, to, from, message, id, stored } of letters) {
        const { key } = this.#sink;
        const [toJson, fromJson] = [JSON.stringify(to), JSON.stringify(from)];
        const text = JSON.stringify(message);
        const frame = encodeDelivery(key, time, toJson, fromJson, text, id, stored);
        while (!this.#sink.send(frame)) {
          if (!await this.#sink.roomy()) return false;
        }
        this.#lastSent = stored;
      }
      if (letters.length < PAGE) return true;
    }
  }
}
