/**
 * Messages that were answered 200, on their way from a connection that ended into a mailbox.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { messageOf } from "../../common/errors.ts";
import { LIMITS } from "../../common/limits.ts";
import type { Log } from "../../common/log.ts";
import type { Letter, SentAs, StoreOutcome } from "../store/store.ts";
import type { Message } from "./message.ts";

/** What {@linkcode Rescues} are made of. */
export interface RescuesOptions {
  /** Puts a letter into its mailbox beyond all limits. Rejects if the store fails. */
  readonly post: (letter: Letter) => Promise<StoreOutcome>;
  /** Puts out what an account has not got yet, if it is online; else `undefined`. Never rejects. */
  readonly deliver: (folded: string) => Promise<void> | undefined;
  /** Timers. */
  readonly clock: Clock;
  /** Where to say what happens. */
  readonly log: Log;
  /**
   * Bytes that may wait for the disk.
   *
   * @default {LIMITS.maxStrandedBytes}
   */
  readonly maxBytes?: number;
}

/** An addressee, as a rescue hands messages to them. */
export interface Rescued {
  /** The folded name. */
  readonly folded: string;
  /** Takes a direct message; `false` if the connection takes no more. */
  take(message: Message): boolean;
}

/** Why the store has not taken letters. */
interface Failure {
  /** The addressee's name. */
  readonly to: string;
  readonly reason: string;
}

/** Milliseconds between two attempts. */
const RETRY_MS = 5_000;
/** What a message takes beside its text, about. */
const MESSAGE_BYTES = 500;

/**
 * Gets messages into the mailboxes of accounts whose connection ended before they were confirmed.
 *
 * Guarantees:
 * 1. Letters get to the store in their order, and those that it has not refused before in one turn, so before
 *    whatever is sent later.
 * 2. What the store does not take is kept and tried again: every five seconds, before the next message to that
 *    account, at its next login, and at the end. It is lost only with the process, or if it is more than `maxBytes`
 *    in all: the log says so.
 */
export class Rescues {
  readonly #options: RescuesOptions;
  readonly #maxBytes: number;
  /** Attempts under way, by the addressee's folded name. */
  readonly #underWay = new Map<string, Promise<unknown>>();
  /** What waits for the next attempt, by the addressee's folded name. */
  readonly #stranded = new Map<string, Message[]>();
  #bytes = 0;
  #timer: Timer | undefined;
  #isClosed = false;

  /** Nothing waits yet. */
  constructor(options: RescuesOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? LIMITS.maxStrandedBytes;
  }

  /** Whether nobody has to wait for anything. */
  get isIdle(): boolean {
    return this.#underWay.size === 0 && this.#stranded.size === 0;
  }

  /**
   * Rescues messages, before those of the same addressee that wait already: while these wait nothing new is handed over,
   * so what comes back is older. Never rejects.
   *
   * @param areNewest Whether they come from nobody's connection: then they go behind those that wait.
   */
  async begin(
    folded: string,
    messages: readonly Message[],
    { areNewest = false }: { areNewest?: boolean } = {},
  ): Promise<void> {
    const { deliver, log } = this.#options;
    const failure = await this.#attempt(folded, messages, areNewest);
    if (failure === undefined || this.#isClosed) return;
    log.error("letters not rescued yet", { to: failure.to, reason: failure.reason });
    deliver(folded); // perhaps the account has come online meanwhile
  }

  /** What a new message to an addressee has to let pass; `undefined` if there is nothing. */
  before(folded: string): Promise<unknown> | undefined {
    return this.retry(folded);
  }

  /** Whether anything of an addressee is on its way or waits. */
  isAbout(folded: string): boolean {
    return this.#underWay.has(folded) || this.#stranded.has(folded);
  }

  /** Whether something waits for an addressee that nothing new may overtake. */
  holds(folded: string): boolean {
    return this.#stranded.has(folded);
  }

  /** Tries again what waits for an addressee, unless that is being done; `undefined` if nothing waits. Never rejects. */
  retry(folded: string): Promise<unknown> | undefined {
    const underWay = this.#underWay.get(folded);
    if (underWay !== undefined) return underWay;
    return this.#stranded.has(folded) ? this.#attempt(folded, []) : undefined;
  }

  /** Gives an account that is online what has not got into its mailbox. It is theirs to confirm again. */
  handOver(user: Rescued): void {
    const messages = this.#stranded.get(user.folded) ?? [];
    this.#stranded.delete(user.folded);
    const left = messages.findIndex((message) => !user.take(message));
    const taken = left === -1 ? messages : messages.slice(0, left);
    for (const message of taken) this.#bytes -= bytesOf(message);
    this.#keep(user.folded, messages.slice(taken.length));
  }

  /** Drops what waits and was sent in a session, up to a number: it has arrived. */
  drop(folded: string, { session, n }: SentAs): void {
    const messages = this.#stranded.get(folded) ?? [];
    const hasArrived = ({ sent }: Message): boolean => sent?.session === session && sent.n <= n;
    this.#stranded.delete(folded);
    for (const message of messages.filter(hasArrived)) this.#bytes -= bytesOf(message);
    this.#keep(folded, messages.filter((message) => !hasArrived(message)));
  }

  /** Tries for the last time; the log says what is lost. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.clock.clearTimeout(this.#timer);
    await Promise.all([...this.#stranded.keys()].map((folded) => this.retry(folded)));
    await Promise.all(this.#underWay.values());
    for (const [folded, messages] of this.#stranded) {
      const to = messages[0]!.envelope.to;
      this.#options.log.error("letters lost", { to, count: messages.length, reason: "shutdown" });
      this.#stranded.delete(folded);
    }
  }

  async #attempt(
    folded: string,
    messages: readonly Message[],
    areNewest = false,
  ): Promise<Failure | undefined> {
    const store = (): Promise<Failure | undefined> => this.#store(folded, messages, areNewest);
    const attempt = this.#underWay.get(folded)?.then(store) ?? store();
    this.#underWay.set(folded, attempt);
    const failure = await attempt;
    if (this.#underWay.get(folded) === attempt) this.#underWay.delete(folded);
    return failure;
  }

  async #store(
    folded: string,
    fresh: readonly Message[],
    areNewest: boolean,
  ): Promise<Failure | undefined> {
    const { post, log } = this.#options;
    const kept = this.#stranded.get(folded) ?? [];
    this.#stranded.delete(folded);
    const messages = areNewest ? [...kept, ...fresh] : [...fresh, ...kept];
    const postAll = (some: Message[]): Promise<PromiseSettledResult<StoreOutcome>[]> =>
      Promise.allSettled(some.map((message) => post(message.toLetter(folded))));
    // The first alone tells whether a disk that took nothing takes something again.
    const first = kept.length > 0 ? 1 : messages.length;
    const outcomes = await postAll(messages.slice(0, first));
    if (outcomes.every(({ status }) => status === "fulfilled")) {
      outcomes.push(...await postAll(messages.slice(first)));
    }
    const left: Message[] = [];
    let failure: Failure | undefined;
    let lost = 0;
    for (const [index, message] of messages.entries()) {
      const { to } = message.envelope;
      const isKept = areNewest ? index < kept.length : index >= fresh.length;
      const outcome = outcomes[index];
      if (outcome?.status !== "fulfilled") {
        failure ??= { to, reason: messageOf(outcome?.reason) };
        if (isKept || this.#reserve(message)) left.push(message);
        else lost++;
        continue;
      }
      if (isKept) this.#bytes -= bytesOf(message);
      if (outcome.value === "stored") log.info("letter rescued", { to });
      else log.error("letter lost", { to, reason: outcome.value });
    }
    if (lost > 0) {
      log.error("letters lost", { to: failure!.to, count: lost, reason: "too many wait already" });
    }
    this.#keep(folded, left);
    return failure;
  }

  /** Counts a message, if there is room for it. */
  #reserve(message: Message): boolean {
    const bytes = bytesOf(message);
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Keeps messages, which are counted already, for the next attempt. */
  #keep(folded: string, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    this.#stranded.set(folded, [...messages, ...this.#stranded.get(folded) ?? []]);
    if (!this.#isClosed) this.#timer ??= this.#setTimer();
  }

  #setTimer(): Timer {
    return this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      // Nobody waits for a user who reads slowly. What is refused again sets the next timer.
      for (const folded of [...this.#stranded.keys()]) {
        if (this.#options.deliver(folded) === undefined) this.retry(folded);
      }
      if (this.#stranded.size > 0 && !this.#isClosed) this.#timer ??= this.#setTimer();
    }, RETRY_MS);
  }
}

/** V8 keeps a text that has a character beyond Latin-1 in two bytes a unit. */
function bytesOf({ units }: Message): number {
  return MESSAGE_BYTES + 2 * units;
}
