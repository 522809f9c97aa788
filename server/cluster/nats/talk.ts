/**
 * What a node says to others and hears from them, in one life.
 *
 * @module
 */

import type { Msg, Subscription } from "@nats-io/transport-node";

import type { Clock } from "../../../common/clock.ts";
import { messageOf, stackOf } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import type { Batch, BusListener, Incarnation } from "../bus.ts";
import { UnavailableError } from "../operation_log.ts";
import type { Client } from "./client_types.ts";
import { Gathered, type Item } from "./gathered.ts";
import { isIncarnation } from "./node_table.ts";
import { PieceError, Pieces } from "./pieces.ts";
import { type Asker, Questions } from "./questions.ts";

/** What a message may have if NATS has not said. */
const DEFAULT_MAX_PAYLOAD = 1024 * 1024;

/** Seconds for which answers to a batch are waited for. */
const BATCH_SECONDS = 5;

/** What of NATS it needs, and who listens. */
export interface TalkOptions {
  /** The connection; it gets its own messages back. */
  readonly nc: Pick<Client, "publish" | "subscribe" | "info">;
  /** What subjects begin with. */
  readonly prefix: string;
  /** Who speaks. */
  readonly self: Incarnation;
  /** Asked before anything is done: whether this life goes on. */
  readonly isAlive: () => boolean;
  /** Who hears. */
  readonly listener: Pick<BusListener, "told" | "missed" | "asked">;
  /** Time for patience. */
  readonly clock: Clock;
  /** For what cannot be read, once per node. */
  readonly log: Log;
}

/**
 * Words to all, on `<prefix>.told.<from>`; questions, on `<prefix>.node.<to>.<from>`; answers, on
 * `<prefix>.answer.<to>.<from>`. Bodies are JSON arrays: words; `[number, question]`; `[number, answer]`, several of them
 * if a batch was asked, or `[number, null, true]` for a failure.
 */
export class Talk {
  readonly #options: TalkOptions;
  readonly #out: Gathered;
  readonly #questions: Questions;
  readonly #subscriptions: Subscription[];
  /** What comes, by the subject on which it does. */
  readonly #ways = new Map<string, Pieces>();
  readonly #nodes = new Set<Incarnation>();
  readonly #unreadable = new Set<Incarnation>();

  /** Begins to listen. */
  constructor(options: TalkOptions) {
    this.#options = options;
    const { nc, self, clock } = options;
    this.#questions = new Questions(clock);
    this.#out = new Gathered((subject, piece, reply) => {
      try {
        nc.publish(subject, piece, reply === undefined ? {} : { reply });
      } catch (error) {
        options.log.debug("nothing is sent", { why: messageOf(error) }); // the connection was closed
      }
    }, () => nc.info?.max_payload ?? DEFAULT_MAX_PAYLOAD);
    this.#subscriptions = [
      this.#subscribe("told.*", (node, items) => {
        if (this.#nodes.has(node)) { for (const word of items) options.listener.told(node, word); }
      }),
      this.#subscribe(`node.${self}.*`, (node, items) => this.#asked(node, items)),
      this.#subscribe(`answer.${self}.*`, (node, items) => this.#answered(node, items)),
    ];
  }

  /** How many pieces were told to all: what others need to see whether they have all of them. */
  get told(): number {
    return this.#out.count(this.#subject(`told.${this.#options.self}`));
  }

  /** A node is there, and has told so many pieces up to now. */
  add(node: Incarnation, told: number): void {
    this.#nodes.add(node);
    this.#ways.set(this.#subject(`told.${node}`), new Pieces(told));
  }

  /** A node has told so many pieces up to now. */
  upTo(node: Incarnation, told: number): void {
    if (this.#ways.get(this.#subject(`told.${node}`))?.upTo(told) && this.#nodes.has(node)) {
      this.#options.listener.missed(node);
    }
  }

  /** A node has gone: nothing comes of it any more. */
  remove(node: Incarnation): void {
    this.#nodes.delete(node);
    this.#unreadable.delete(node);
    const { self } = this.#options;
    for (const way of [`told.${node}`, `node.${self}.${node}`, `answer.${self}.${node}`]) {
      this.#ways.delete(this.#subject(way));
    }
    for (const way of [`node.${node}.${self}`, `answer.${node}.${self}`]) {
      this.#out.forget(this.#subject(way));
    }
    this.#questions.abandon(`node ${node} has gone`, node);
  }

  /** See `Bus.tell`. */
  tell(word: unknown): void {
    const subject = this.#subject(`told.${this.#options.self}`);
    this.#out.put(subject, JSON.stringify(word), { isToAll: true });
  }

  /** See `Bus.ask`. */
  ask(node: Incarnation, question: unknown, seconds: number): Promise<unknown> {
    return new Promise((resolve, fail) => {
      const take = (answer: unknown): boolean => (resolve(answer), false);
      this.#ask(node, (number) => JSON.stringify([number, question]), { take, fail }, seconds);
    });
  }

  /** See `Bus.askAll`. */
  askAll(node: Incarnation, batch: Batch): void {
    const item = (number: number) => (): string => JSON.stringify([number, batch.close()]);
    this.#ask(node, item, batch, BATCH_SECONDS);
  }

  /** Sends what has been said. */
  flush(): void {
    this.#out.flush();
  }

  /** Nothing is heard any more; what is asked is not answered. */
  close(reason: string): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#nodes.clear();
    this.#questions.abandon(reason);
  }

  #ask(
    node: Incarnation,
    item: (number: number) => Item,
    asker: Asker,
    seconds: number,
  ): void {
    if (!this.#nodes.has(node)) {
      asker.fail(new UnavailableError(`node ${node} is not there`));
      return;
    }
    const { self } = this.#options;
    const reply = this.#subject(`answer.${self}.${node}`);
    const subject = this.#subject(`node.${node}.${self}`);
    this.#out.put(subject, item(this.#questions.add(node, seconds, asker)), { reply });
  }

  #subject(rest: string): string {
    return `${this.#options.prefix}.${rest}`;
  }

  #subscribe(rest: string, take: (node: Incarnation, items: unknown[]) => void): Subscription {
    const { nc, log } = this.#options;
    const callback = (error: Error | null, message: Msg): void => {
      const node = error === null ? message.subject.split(".").at(-1) : undefined;
      if (!isIncarnation(node) || node === this.#options.self) return;
      try {
        if (this.#options.isAlive()) this.#take(node, message, take);
      } catch (error) {
        // What throws here would end the reading of the connection.
        log.error("a word of another node has failed", { node, error: stackOf(error) });
      }
    };
    return nc.subscribe(this.#subject(rest), { callback });
  }

  #take(node: Incarnation, message: Msg, take: (node: Incarnation, items: unknown[]) => void) {
    if (message.headers?.code === 503 && message.data.length === 0) {
      this.#questions.abandon(`node ${node} does not listen`, node);
      return;
    }
    let items: unknown;
    let isGap = false;
    try {
      let way = this.#ways.get(message.subject);
      if (way === undefined) {
        if (message.subject === this.#subject(`told.${node}`)) return; // not there yet, or any more
        this.#ways.set(message.subject, way = new Pieces());
      }
      const taken = way.take(message.data);
      isGap = taken.isGap;
      if (taken.text !== undefined) items = JSON.parse(taken.text);
    } catch (error) {
      if (!(error instanceof PieceError || error instanceof SyntaxError)) throw error;
      this.#complain(node);
      return;
    }
    if (isGap && this.#nodes.has(node) && message.subject === this.#subject(`told.${node}`)) {
      this.#options.listener.missed(node);
    }
    if (Array.isArray(items)) take(node, items);
    else if (items !== undefined) this.#complain(node);
  }

  #asked(node: Incarnation, items: unknown[]): void {
    for (const item of items) {
      if (!Array.isArray(item) || !Number.isSafeInteger(item[0])) this.#complain(node);
      else this.#answer(node, item[0], item[1]);
    }
  }

  async #answer(node: Incarnation, number: number, question: unknown): Promise<void> {
    let answer: string;
    try {
      if (!this.#nodes.has(node)) throw new UnavailableError("it is not known here");
      const more = (further: unknown): void => this.#say(node, JSON.stringify([number, further]));
      const given = this.#options.listener.asked(node, question, more);
      answer = JSON.stringify([number, given instanceof Promise ? await given : given]);
    } catch (error) {
      const { log } = this.#options;
      if (error instanceof UnavailableError) log.debug("no answer", { node, why: error.message });
      else log.error("a question has failed", { node, error: stackOf(error) });
      answer = JSON.stringify([number, null, true]);
    }
    this.#say(node, answer);
  }

  #say(node: Incarnation, answer: string): void {
    if (!this.#options.isAlive()) return;
    this.#out.put(this.#subject(`answer.${node}.${this.#options.self}`), answer);
  }

  #answered(node: Incarnation, items: unknown[]): void {
    for (const item of items) {
      if (!Array.isArray(item) || !Number.isSafeInteger(item[0])) this.#complain(node);
      else if (item[2] === true) this.#questions.fail(node, item[0]);
      else this.#questions.answer(node, item[0], item[1]);
    }
  }

  #complain(node: Incarnation): void {
    if (this.#unreadable.has(node)) return;
    this.#unreadable.add(node);
    this.#options.log.warn("what a node says cannot be read; is it of another version?", { node });
  }
}
