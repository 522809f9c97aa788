/**
 * Blocks between accounts in the embedded store.
 *
 * @module
 */

import type { Log } from "../../common/log.ts";
import { logCalls } from "../../logs/calls/log_calls.ts";
import type { BlockedUsers } from "./blocked_users.ts";
import type { SqliteUserBlocks } from "./sqlite/user_blocks.ts";

/** What the blocks need of the store that they are in. */
export interface BlocksHost {
  /** Where each call is logged at DEBUG. */
  readonly log: Log;
  /** Unix seconds. */
  seconds(): number;
  /**
   * Reads at once.
   *
   * @throws {StoreError} If the engine fails.
   */
  query<T>(query: () => T): T;
  /** Reads; an error becomes a rejection. */
  read<T>(query: () => T): Promise<T>;
  /** Does work in the next transaction; resolves when that is on disk. */
  write<T>(work: () => T): Promise<T>;
}

const logged = logCalls({ log: (self: SqliteBlockedUsers) => self.log });

/** {@linkcode BlockedUsers} on a table of the embedded database. */
export class SqliteBlockedUsers implements BlockedUsers {
  /** Where calls are logged. */
  readonly log: Log;
  readonly #table: SqliteUserBlocks;
  readonly #host: BlocksHost;

  /** Works on a table of the host's database. */
  constructor(table: SqliteUserBlocks, host: BlocksHost) {
    this.log = host.log;
    this.#table = table;
    this.#host = host;
  }

  /** See {@linkcode BlockedUsers.set}. */
  @logged
  set(folded: string, other: string, isOn: boolean): Promise<"done" | "no-account" | "too-many"> {
    const time = this.#host.seconds();
    return this.#host.write(() => this.#table.set(folded, other, isOn, time));
  }

  /** See {@linkcode BlockedUsers.has}. */
  @logged
  has(folded: string, other: string): Promise<boolean> {
    return this.#host.read(() => this.#table.has(folded, other));
  }

  /** See {@linkcode BlockedUsers.list}. */
  @logged
  list(folded: string): Promise<string[]> {
    return this.#host.read(() => this.#table.list(folded).map(({ name }) => name));
  }

  /** See {@linkcode BlockedUsers.of}. */
  of(folded: string): Set<string> | undefined {
    const others = this.#host.query(() => this.#table.list(folded));
    return others.length === 0 ? undefined : new Set(others.map((other) => other.folded));
  }
}
