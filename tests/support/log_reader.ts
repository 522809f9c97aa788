import { assert, assertEquals } from "@std/assert";

import type { Operation } from "../../server/cluster/operation.ts";
import type { Entry } from "../../server/cluster/operation_log.ts";
import type { NatsLog } from "../../server/cluster/nats/nats_log.ts";

/** Follows a log from its beginning and keeps what it gives; fails if an entry comes twice or out of order. */
export class LogReader {
  /** What has come. */
  readonly entries: Entry[] = [];
  /** The number up to which all has come that is there. */
  position = 0;
  readonly #waiting: { readonly seq: number; readonly resolve: () => void }[] = [];

  /** Begins. */
  constructor(log: NatsLog, before: (entry: Entry) => void | Promise<void> = () => {}) {
    log.follow(
      0,
      (entry) => {
        const newest = this.entries.at(-1)?.seq ?? 0;
        assert(entry.seq > newest, `${entry.seq} comes behind ${newest}`);
        this.entries.push(entry);
        this.#moved(entry.seq);
        return before(entry);
      },
      (seq) => this.#moved(seq),
    );
  }

  /** Resolves when all up to a number has come. */
  reaches(seq: number): Promise<void> {
    if (this.position >= seq) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ seq, resolve }));
  }

  /** The names of the entries. */
  get ids(): string[] {
    return this.entries.map(({ id }) => id);
  }

  #moved(seq: number): void {
    this.position = Math.max(this.position, seq);
    for (const one of this.#waiting.filter(({ seq }) => seq <= this.position)) one.resolve();
  }
}

/** An operation with a text in it, of a lifetime. */
export function operation(
  text: string,
  method: "rememberName" | "openRoom" = "openRoom",
): Operation {
  return { do: "call", method, args: [text], at: 1 };
}

/** What all readers have got is the same, has no name twice, and has all that was acknowledged where that said it is. */
export function assertSame(
  readers: readonly LogReader[],
  acknowledged: ReadonlyMap<string, number>,
): void {
  const [first, ...others] = readers;
  for (const { entries } of others) assertEquals(entries, first!.entries);
  assertEquals(new Set(first!.ids).size, first!.ids.length);
  const found = new Map(first!.entries.map(({ id, seq }) => [id, seq]));
  assertEquals(
    [...acknowledged].filter(([id, seq]) => found.get(id) !== seq),
    [],
  );
}
