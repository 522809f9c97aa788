/**
 * Questions that wait for answers.
 *
 * @module
 */

import type { Clock, Timer } from "../../../common/clock.ts";
import type { Batch, Incarnation } from "../bus.ts";
import { UnavailableError } from "../operation_log.ts";

/** Who has asked: see `Batch`. */
export type Asker = Pick<Batch, "take" | "fail">;

interface Question {
  readonly node: Incarnation;
  /** When it is given up, by the monotonic clock. */
  readonly until: number;
  readonly seconds: number;
  readonly asker: Asker;
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
   * @param seconds How long its answers are waited for.
   * @returns Its number.
   */
  add(node: Incarnation, seconds: number, asker: Asker): number {
    const number = ++this.#number;
    const until = this.#clock.monotonicMs() + seconds * 1_000;
    this.#waiting.set(number, { node, until, seconds, asker });
    if (until < this.#timerAt) this.#look(until);
    return number;
  }

  /** A node has answered. Too late, or to what others were asked, counts for nothing. */
  answer(node: Incarnation, number: number, answer: unknown): void {
    const question = this.#find(node, number);
    if (question !== undefined && !question.asker.take(answer)) this.#remove(number);
  }

  /** A node could not answer. */
  fail(node: Incarnation, number: number): void {
    const question = this.#find(node, number);
    if (question === undefined) return;
    this.#remove(number);
    question.asker.fail(new UnavailableError(`node ${node} failed to answer`));
  }

  /** Nobody answers for a node any more; without one, for any. */
  abandon(reason: string, node?: Incarnation): void {
    for (const [number, question] of this.#waiting) {
      if (node !== undefined && question.node !== node) continue;
      this.#waiting.delete(number);
      question.asker.fail(new UnavailableError(reason));
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
      for (const [number, { node, until, seconds, asker }] of this.#waiting) {
        if (until > now) {
          next = Math.min(next, until);
          continue;
        }
        this.#waiting.delete(number);
        asker.fail(new UnavailableError(`node ${node} did not answer within ${seconds} s`));
      }
      if (next < this.#timerAt) this.#look(next);
    }, Math.max(0, at - this.#clock.monotonicMs()));
  }

  #find(node: Incarnation, number: number): Question | undefined {
    const question = this.#waiting.get(number);
    return question?.node === node ? question : undefined;
  }

  #remove(number: number): void {
    this.#waiting.delete(number);
    this.#restIfEmpty();
  }
}
