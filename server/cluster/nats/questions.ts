/**
 * Questions that wait for answers.
 *
 * @module
 */

import type { Clock, Timer } from "../../../common/clock.ts";
import type { Incarnation } from "../bus.ts";
import { UnavailableError } from "../operation_log.ts";

interface Question {
  readonly node: Incarnation;
  /** When it is given up, by the monotonic clock. */
  readonly until: number;
  readonly seconds: number;
  resolve(answer: unknown): void;
  reject(error: UnavailableError): void;
}

/** Matches answers with questions, by number. */
export class Questions {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Question>();
  #number = 0;
  /** One for all: tens of thousands are asked a second, and nearly all of them are answered. */
  #timer: Timer | undefined;
  #timerAt = Infinity;

  /** Nothing is asked yet; `clock` is what is waited by. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A question goes to a node.
   *
   * @param seconds How long its answer is waited for.
   * @returns Its number, and its answer: rejects with {@linkcode UnavailableError}.
   */
  add(node: Incarnation, seconds: number): { number: number; answer: Promise<unknown> } {
    const number = ++this.#number;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const until = this.#clock.monotonicMs() + seconds * 1_000;
    this.#waiting.set(number, { node, until, seconds, resolve, reject });
    if (until < this.#timerAt) this.#look(until);
    return { number, answer: promise };
  }

  /** A node has answered. Too late, or to what others were asked, counts for nothing. */
  answer(node: Incarnation, number: number, answer: unknown): void {
    this.#take(node, number)?.resolve(answer);
  }

  /** A node could not answer. */
  fail(node: Incarnation, number: number): void {
    this.#take(node, number)?.reject(new UnavailableError(`node ${node} failed to answer`));
  }

  /** Nobody answers for a node any more; without one, for any. */
  abandon(reason: string, node?: Incarnation): void {
    for (const [number, question] of this.#waiting) {
      if (node !== undefined && question.node !== node) continue;
      this.#waiting.delete(number);
      question.reject(new UnavailableError(reason));
    }
    this.#restIfEmpty();
  }

  #restIfEmpty(): void {
    if (this.#waiting.size > 0) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timerAt = Infinity;
  }

  /** Looks at a moment who has waited long enough, and again when the next one has. */
  #look(at: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timerAt = Infinity;
      const now = this.#clock.monotonicMs();
      let next = Infinity;
      for (const [number, { node, until, seconds, reject }] of this.#waiting) {
        if (until > now) {
          next = Math.min(next, until);
          continue;
        }
        this.#waiting.delete(number);
        reject(new UnavailableError(`node ${node} did not answer within ${seconds} s`));
      }
      if (next < this.#timerAt) this.#look(next);
    }, Math.max(0, at - this.#clock.monotonicMs()));
  }

  #take(node: Incarnation, number: number): Question | undefined {
    const question = this.#waiting.get(number);
    if (question?.node !== node) return undefined;
    this.#waiting.delete(number);
    this.#restIfEmpty();
    return question;
  }
}
