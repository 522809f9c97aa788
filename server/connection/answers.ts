/**
 * A connection's answers, in the order of its requests.
 *
 * @module
 */

import type { RequestId } from "../../common/wire/protocol.ts";
import type { Answer, Commit } from "../answer.ts";
import { Later, type Waiter } from "../later.ts";
import type { Asked } from "../metrics/counters.ts";

/** Whose answers they are. */
export interface AnswersHost {
  /**
   * Puts an answer out; what it returns belongs to the request and is waited for. Never rejects.
   *
   * @param asked What it answers.
   * @param sinceMs When that was read.
   */
  put(
    answer: Answer,
    id: RequestId | undefined,
    asked: Asked,
    sinceMs: number,
  ): Promise<void> | undefined;
  /** The answer to a request whose handler failed; `undefined` if nobody waits for one. */
  failed(error: unknown): Answer | undefined;
  /** Adds `bytes`, which may be negative, to the size of requests that wait for their answers. */
  hold(bytes: number): void;
}

/** Requests of one connection that may wait for their answers at once, and UTF-16 units of their lines. */
const MAX_WAITING = 64;
const MAX_WAITING_UNITS = 65_536;

/** A request that waits for its answer. */
class Waiting implements Waiter<Answer | Commit> {
  readonly id: RequestId | undefined;
  readonly asked: Asked;
  readonly sinceMs: number;
  readonly units: number;
  /** What to put out; `undefined` while that is not known, `null` if nobody waits for it any more. */
  outcome: Answer | Commit | null | undefined;
  readonly #answers: Answers;
  readonly #host: AnswersHost;

  constructor(
    answers: Answers,
    host: AnswersHost,
    id: RequestId | undefined,
    asked: Asked,
    sinceMs: number,
    units: number,
  ) {
    this.#answers = answers;
    this.#host = host;
    this.id = id;
    this.asked = asked;
    this.sinceMs = sinceMs;
    this.units = units;
  }

  settled(outcome: Answer | Commit): void {
    this.outcome = outcome;
    this.#answers.putOut();
  }

  failed(error: unknown): void {
    this.outcome = this.#host.failed(error) ?? null;
    this.#answers.putOut();
  }
}

/**
 * Puts a connection's answers out in the order of its requests, whichever is known first.
 *
 * Guarantees:
 * 1. Each request is answered once. A {@linkcode Commit} is carried out in one turn with putting its answer out.
 * 2. At most {@linkcode MAX_WAITING} requests wait, if the caller serves no further one before
 *    {@linkcode Answers.roomy}.
 */
export class Answers {
  readonly #host: AnswersHost;
  /** Made when a request waits for the first time: most connections never have one. */
  #waiting: Waiting[] | undefined;
  #units = 0;
  /** What belongs to an answer that was put out and has to be waited for. */
  #afterwards: Promise<void> | undefined;
  #progress: PromiseWithResolvers<void> | undefined;

  /** Nothing waits yet. */
  constructor(host: AnswersHost) {
    this.#host = host;
  }

  /** Whether all requests are answered. */
  get isEmpty(): boolean {
    return this.#waiting === undefined || this.#waiting.length === 0;
  }

  /** Whether no further request may be served for now. */
  get isFull(): boolean {
    return this.#waiting !== undefined &&
      (this.#waiting.length >= MAX_WAITING || this.#units >= MAX_WAITING_UNITS);
  }

  /**
   * Takes an answer that is known.
   *
   * @param asked What it answers.
   * @param sinceMs When that was read; only told to the host.
   * @returns What has to be waited for before the next request is served, if anything.
   */
  now(
    answer: Answer,
    id: RequestId | undefined,
    asked: Asked = "invalid",
    sinceMs = 0,
  ): Promise<void> | undefined {
    if (this.isEmpty) return this.#host.put(answer, id, asked, sinceMs);
    const waiting = new Waiting(this, this.#host, id, asked, sinceMs, 0);
    waiting.outcome = answer;
    this.#waiting!.push(waiting);
    return this.isFull ? this.roomy() : undefined;
  }

  /**
   * Takes an answer that will be known.
   *
   * @param units Length of the request's line in UTF-16 units.
   * @param asked What it answers.
   * @param sinceMs When that was read; only told to the host.
   * @returns See {@linkcode Answers.now}.
   */
  later(
    reply: Promise<Answer | Commit> | Later<Answer | Commit>,
    id: RequestId | undefined,
    units: number,
    asked: Asked = "invalid",
    sinceMs = 0,
  ): Promise<void> | undefined {
    const waiting = new Waiting(this, this.#host, id, asked, sinceMs, units);
    (this.#waiting ??= []).push(waiting);
    this.#units += units;
    this.#host.hold(units);
    if (reply instanceof Later) reply.tell(waiting);
    else reply.then((outcome) => waiting.settled(outcome), (error) => waiting.failed(error));
    return this.isFull ? this.roomy() : undefined;
  }

  /** Resolves when all requests are answered, and all that belongs to their answers is done. */
  async settled(): Promise<void> {
    while (!this.isEmpty) await (this.#progress ??= Promise.withResolvers()).promise;
    await this.#afterwards;
  }

  /** Resolves when a further request may be served. */
  async roomy(): Promise<void> {
    while (this.isFull) await (this.#progress ??= Promise.withResolvers()).promise;
  }

  /** Puts out all answers up to the first that is not known. For those that wait. */
  putOut(): void {
    const waiting = this.#waiting!;
    let count = 0;
    for (let next = waiting[0]; next !== undefined && next.outcome !== undefined;) {
      const { id, asked, sinceMs, units, outcome } = next;
      this.#units -= units;
      this.#host.hold(-units);
      next = waiting[++count];
      const answer = typeof outcome === "function" ? this.#carryOut(outcome) : outcome;
      if (answer) this.#afterwards = this.#host.put(answer, id, asked, sinceMs);
    }
    if (count === 0) return;
    if (count === 1) waiting.shift();
    else waiting.splice(0, count);
    this.#progress?.resolve();
    this.#progress = undefined;
  }

  #carryOut(commit: Commit): Answer | undefined {
    try {
      return commit();
    } catch (error) {
      return this.#host.failed(error);
    }
  }
}
