/**
 * What another node tells of its people, made whole.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import {
  type NumberedWord,
  type PeoplePage,
  type PersonThere,
  type PresenceWord,
  readPage,
  readWord,
} from "./presence_words.ts";

/** What a {@linkcode NodeFeed} works with. */
export interface NodeFeedOptions {
  /** Asks the node for those whose folded names come behind one. */
  readonly ask: (behind: string) => Promise<unknown>;
  /** Timers. */
  readonly clock: Clock;
  /** These are all its people at the moment. */
  readonly onPeople: (people: readonly PersonThere[]) => void;
  /** Called for what is told from then on, in order. */
  readonly onWord: (word: PresenceWord) => void;
  /** The node does not answer as it should; it is asked again. */
  readonly onFault: (error: unknown) => void;
}

/** Milliseconds until a node is asked again. */
const RETRY_MS = 1_000;

/**
 * Asks a node for all its people, in parts, and goes on with its words. When words are missing it asks anew.
 *
 * Guarantees:
 * 1. Whatever is lost or comes late, all who are there are known some time after the last loss.
 * 2. A part says as of which word it was made, so that no word is applied twice, and none is left out that the part does
 *    not know of.
 */
export class NodeFeed implements Disposable {
  readonly #options: NodeFeedOptions;
  /** What was told since the question, as long as that is not answered. */
  #waiting: NumberedWord[] | undefined;
  #pages: readonly PeoplePage[] = [];
  /** The number of the last word that was taken. */
  #last = 0;
  /** Changes with each question, so that answers to earlier ones are left. */
  #round = 0;
  #timer: Timer | undefined;

  /** Asks for the first time. */
  constructor(options: NodeFeedOptions) {
    this.#options = options;
    this.#learn();
  }

  /** The node has told something. */
  take(value: unknown): void {
    const word = readWord(value);
    if (word === undefined) return;
    if (this.#waiting === undefined) this.#follow(word);
    else this.#waiting.push(word);
  }

  /** Something that the node has told was lost. */
  missed(): void {
    this.#learn();
  }

  /** The node is gone. */
  [Symbol.dispose](): void {
    this.#round++;
    this.#options.clock.clearTimeout(this.#timer);
  }

  #follow({ n, word }: NumberedWord): void {
    if (n <= this.#last) return;
    if (n > this.#last + 1) {
      this.#learn();
      return;
    }
    this.#last = n;
    if (word !== undefined && (word.is === "said" || n > this.#asOf(word.who))) {
      this.#options.onWord(word);
    }
  }

  async #learn(): Promise<void> {
    const { ask, clock, onFault } = this.#options;
    const round = ++this.#round;
    clock.clearTimeout(this.#timer);
    // What has come until now is older than the answer.
    this.#waiting = [];
    const pages: PeoplePage[] = [];
    try {
      for (let behind: string | undefined = ""; behind !== undefined; behind = pages.at(-1)!.upTo) {
        const page = readPage(await ask(behind));
        if (round !== this.#round) return;
        pages.push(page);
      }
    } catch (error) {
      if (round !== this.#round) return;
      onFault(error);
      this.#timer = clock.setTimeout(() => this.#learn(), RETRY_MS);
      return;
    }
    this.#goOn(pages);
  }

  #goOn(pages: readonly PeoplePage[]): void {
    const { onPeople, onWord } = this.#options;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#pages = pages;
    this.#last = pages[0]!.n;
    onPeople(pages.flatMap(({ people }) => people));
    for (const it of waiting) {
      if (this.#waiting !== undefined) return; // one is missing
      if (it.n > pages[0]!.n) this.#follow(it);
      else if (it.word?.is === "said") onWord(it.word);
    }
  }

  /** The number of the last word that the parts know of, as far as somebody is concerned. */
  #asOf(who: string): number {
    return this.#pages.find(({ upTo }) => upTo === undefined || who <= upTo)?.n ?? 0;
  }
}
