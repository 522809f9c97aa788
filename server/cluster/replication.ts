/**
 * This node's part in the log: what it gives, and what it applies.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import type { ReplicaStore } from "../store/replica_store.ts";
import { StoreError } from "../store/store.ts";
import { Barrier } from "./barrier.ts";
import { Erasures } from "./erasures.ts";
import { execute, type Results } from "./execute.ts";
import type { Follower } from "./follower.ts";
import type { ConversationName, Deed, Operation } from "./operation.ts";
import { type Entry, type OperationLog, UnavailableError } from "./operation_log.ts";
import { OwnOperations } from "./own_operations.ts";

/** Entries that are on their way to disk at most: more come when these are there. */
const MAX_UNDER_WAY = 2_000;
/** Milliseconds to wait at most for entries that are known to be there. */
const PATIENCE_MS = 10_000;

/** What a {@linkcode Replication} is made of. */
export interface ReplicationOptions {
  /** This node's copy. */
  readonly copy: ReplicaStore;
  /** The log. */
  readonly log: OperationLog;
  /** What no other life of any node has: the beginning of the ids of its entries; at most 48 characters. */
  readonly prefix: string;
  /** Stamps operations, and measures how long who waits. */
  readonly clock: Clock;
  /**
   * The copy cannot follow the log any more (a full disk, a file that is no copy of this log, an entry of a newer version):
   * the node has to stop. Called once.
   */
  readonly onBroken: (error: StoreError) => void;
  /**
   * What came of an administrator's act, when it is on this node's disk and people have been told: their command waits for
   * it. Must not throw.
   *
   * @param id The id of its entry.
   */
  readonly onAdministered?: (id: string, result: unknown) => void;
}

/**
 * Appends operations and applies all entries to this node's copy.
 *
 * Guarantees:
 * 1. Entries are applied once each, in their order; those that come together share a transaction.
 * 2. What comes of an entry is told in the order of the log, when it is on this node's disk: to who gave it, or to the
 *    {@linkcode Follower}.
 * 3. What was appended is applied on all nodes in the end, whether or not its node still lives.
 */
export class Replication {
  /** This node's copy. */
  readonly copy: ReplicaStore;
  /** The log. */
  readonly log: OperationLog;
  /** Entries that are to go. */
  readonly erasures: Erasures;
  readonly #options: ReplicationOptions;
  readonly #own: OwnOperations;
  readonly #barrier: Barrier;
  #follower: Follower | undefined;
  /** The last entry that was begun with, and the last one that is through. */
  #begun: number;
  #applied: number;
  #underWay = 0;
  /** What was begun last is through. */
  #tail: Promise<void> = Promise.resolve();
  #waiting: {
    readonly seq: number;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #end: StoreError | undefined;
  #erasing: Promise<unknown> = Promise.resolve();
  #lastTidy = -Infinity;

  /** Applies nothing before {@linkcode Replication.follow}. */
  constructor(options: ReplicationOptions) {
    const { copy, log, prefix, clock } = options;
    this.#options = options;
    this.copy = copy;
    this.log = log;
    this.erasures = new Erasures(log);
    this.#own = new OwnOperations(prefix, clock);
    this.#barrier = new Barrier(log, (seq) => this.#reached(seq));
    this.#begun = this.#applied = copy.position;
    copy.watchErased((entries) => this.#eraseSome(entries));
  }

  /** The number of the last entry that is applied, on this node's disk, and told of. */
  get applied(): number {
    return this.#applied;
  }

  /** Operations that were given here: how many are not applied yet, and how many the log has not taken since the start. */
  get own(): { readonly pending: number; readonly failed: number } {
    return { pending: this.#own.size, failed: this.#own.failures };
  }

  /** Milliseconds since 1970 of the last {@linkcode Deed} that let go of what is old, of any node. */
  get lastTidy(): number {
    return this.#lastTidy;
  }

  /** Begins to apply. To be called once. */
  follow(follower: Follower): void {
    this.#follower = follower;
    this.log.follow(
      this.copy.position,
      (entry) => this.#apply(entry),
      (seq) => this.#passed(seq),
    );
  }

  /**
   * Has something done by all nodes.
   *
   * @param onApplied Called with what came of it, and the number of its entry, when that is applied here: perhaps later
   * than the promise has rejected. What it throws rejects.
   * @returns What came of it here.
   * @throws {UnavailableError} If that is not known within 10 s; it may be done all the same.
   */
  perform<Given extends Deed>(
    deed: Given,
    onApplied?: (result: Results[Given["do"]], seq: number) => unknown,
  ): Promise<Results[Given["do"]]> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const id = this.#own.nextId();
    const operation: Operation = { ...deed as Deed, at: this.#options.clock.epochMs() };
    const result = this.#own.wait<Results[Given["do"]]>(id, onApplied);
    this.log.append(id, operation).then(
      (seq) => this.#own.appended(id, seq),
      (error) => this.#own.failed(id, error),
    );
    return result;
  }

  /**
   * Takes the text of an own entry out of the log again: it came to nothing.
   *
   * @param repeats Of a message that had come before: where that is. There may be copies that do not know.
   */
  withdraw(seq: number, repeats?: ConversationName): void {
    this.erasures.add(seq);
    if (repeats === undefined) return;
    const time = this.#options.clock.epochMs() / 1000;
    this.perform({ do: "withdraw", in: repeats, withdrawal: { seq, time } }).catch(() => {});
  }

  /**
   * Resolves when all is applied that was in the log at the call: what is read then has seen all that anybody was
   * answered before.
   *
   * @throws {UnavailableError} If that is not so within 10 s of the log's answer, or there is none.
   */
  fresh(): Promise<void> {
    return this.#end === undefined ? this.#barrier.pass() : Promise.reject(this.#end);
  }

  /**
   * Resolves when all is applied that was in the log at the call, however long that takes.
   *
   * @throws {StoreError} If the copy is ahead of the log: then it is one of another log.
   */
  async ready(): Promise<void> {
    const last = await this.log.last();
    if (last < this.copy.position) {
      const error = new StoreError(
        `The database has applied ${this.copy.position} entries of a log that has ${last}; choose another file`,
      );
      this.#broken(error);
      throw error;
    }
    await this.#wait(last);
  }

  /** Applies no more; resolves when what was begun with is through. Who waits hears that the store is closed. */
  async close(): Promise<void> {
    this.#stop(new StoreError("Database is closed"));
    await this.#tail.catch(() => {});
  }

  #apply(entry: Entry): void | Promise<void> {
    if (this.#end !== undefined || entry.seq <= this.#begun) return;
    this.#begun = entry.seq;
    const { operation, seq } = entry;
    const stamp = { seq, at: operation.at };
    const { copy } = this;
    this.#underWay++;
    switch (operation.do) {
      case "edit":
      case "delete":
      case "withdraw":
        return this.#tell(entry, this.#tail.then(() => copy.change(stamp, operation)));
      case "tidy":
        return this.#tell(entry, this.#tail.then(() => copy.tidy(stamp, operation.terms)));
    }
    const decide: Follower["decide"] = (deed, room) => this.#follower!.decide(deed, room);
    const through = this.#tell(
      entry,
      copy.apply(stamp, (writes) => execute(writes, operation, decide)),
    );
    if (this.#underWay >= MAX_UNDER_WAY) return through;
  }

  /** There is no entry any more up to a number: it is reached when those before it are through. */
  #passed(seq: number): void {
    this.#tail = this.#tail.then(() => this.#reach(seq));
  }

  /** Tells of an entry when it is on disk. Results of one transaction come in the order of the calls. */
  #tell(entry: Entry, result: Promise<unknown>): Promise<void> {
    return this.#tail = result.then((value) => this.#through(entry, value)).catch((error) =>
      this.#broken(error)
    );
  }

  #through({ id, seq, operation }: Entry, result: unknown): void {
    if (this.#end !== undefined) return; // nobody is to be told any more
    this.#underWay--;
    if (operation.do === "tidy") this.#lastTidy = Math.max(this.#lastTidy, operation.at);
    if (operation.do === "administer") {
      this.copy.tellChanges();
      this.#options.onAdministered?.(id, result);
    }
    const isOwn = this.#own.has(id);
    this.#follow(operation, result, isOwn);
    if (isOwn) this.#own.applied(id, result, seq);
    this.#own.passed(seq);
    this.erasures.applied(seq);
    this.#reach(seq);
  }

  #reach(seq: number): void {
    this.#applied = Math.max(this.#applied, seq);
    while (this.#waiting.length > 0 && this.#waiting[0]!.seq <= seq) {
      this.#waiting.shift()!.resolve();
    }
  }

  #follow(operation: Operation, result: unknown, isOwn: boolean): void {
    const follower = this.#follower!;
    if (operation.do === "moderate") {
      const changed = result as Results["moderate"];
      if (changed !== undefined && "after" in changed) follower.moderated(operation.deed, changed);
    }
    if (isOwn) return;
    switch (operation.do) {
      case "call":
        if (operation.method === "rooms.adopt") {
          const [rooms, folded] = operation.args as [readonly number[], string];
          follower.adopted(rooms, folded);
        }
        return;
      case "message": {
        const outcome = result as Results["message"];
        if ("room" in operation.in && "kept" in outcome) {
          follower.said(operation.in.room, outcome.kept, operation.message);
        }
        return;
      }
      case "letter":
        if ((result as Results["letter"]).outcome === "stored") {
          follower.lettered(operation.letter.folded);
        }
        return;
      case "edit":
      case "delete": {
        const { outcome, place } = result as Results["edit"];
        if (typeof outcome === "object") follower.changed(operation, place!, outcome);
        return;
      }
      case "enter": {
        const room = result as Results["enter"];
        if (typeof room === "object" && room.isNew) follower.made(room);
      }
    }
  }

  /** All of these are in front of the entry by which they became worthless. One part after the other, and nobody waits. */
  #eraseSome(entries: readonly number[]): void {
    if (entries.length === 0 || this.#end !== undefined) return;
    this.#erasing = this.#erasing.then(() => this.erasures.finish(entries)).catch(() => {}); // done later
  }

  async #reached(seq: number): Promise<void> {
    if (seq <= this.#applied) return;
    const { clock } = this.#options;
    let timer: Timer | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = clock.setTimeout(
        () => reject(new UnavailableError("This node is behind the others; try again")),
        PATIENCE_MS,
      );
    });
    try {
      await Promise.race([this.#wait(seq), late]);
    } finally {
      clock.clearTimeout(timer);
    }
  }

  #wait(seq: number): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    if (seq <= this.#applied) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const index = this.#waiting.findLastIndex((other) => other.seq <= seq);
      this.#waiting.splice(index + 1, 0, { seq, resolve, reject });
    });
  }

  #broken(error: unknown): void {
    if (this.#end !== undefined) return; // closed, or told before
    const fault = error instanceof StoreError ? error : new StoreError(
      `An entry of the log cannot be applied: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
    this.#stop(fault);
    this.#options.onBroken(fault);
  }

  #stop(error: StoreError): void {
    this.#end ??= error;
    this.#own.end(this.#end);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
  }
}
