/**
 * The tokens of the embedded store.
 *
 * @module
 */

import type { Log } from "../../common/log.ts";
import { logCalls } from "../../logs/calls/log_calls.ts";
import type { ResumeStore, RightToken, SessionEnd } from "./resume_store.ts";
import type { SqliteTokens } from "./sqlite/tokens.ts";

/** What the tokens need of the store that they are in. */
export interface ResumeHost {
  /** Where each call is logged at DEBUG. */
  readonly log: Log;
  /** Hours after a connection's end for which its tokens are right. */
  readonly resumeHours: number;
  /** Unix seconds. */
  seconds(): number;
  /** Reads; an error becomes a rejection. */
  read<T>(query: () => T): Promise<T>;
  /** Does work in the next transaction; resolves when that is on disk. */
  write<T>(work: () => T): Promise<T>;
}

const SECONDS_AN_HOUR = 3_600;

const logged = logCalls({ log: (self: SqliteResume) => self.log });

/** {@linkcode ResumeStore} on the tables of the embedded database. */
export class SqliteResume implements ResumeStore {
  /** Where calls are logged. */
  readonly log: Log;
  readonly #tokens: SqliteTokens;
  readonly #host: ResumeHost;

  /** Works on a table of the host's database. */
  constructor(tokens: SqliteTokens, host: ResumeHost) {
    this.log = host.log;
    this.#tokens = tokens;
    this.#host = host;
  }

  /** See {@linkcode ResumeStore.save}. */
  @logged
  save(folded: string, passwordHash: string, hash: string): Promise<boolean> {
    return this.#host.write(() => this.#tokens.save(folded, passwordHash, hash));
  }

  /** See {@linkcode ResumeStore.use}. */
  @logged
  async use(folded: string, hash: string, nextHash: string): Promise<RightToken | undefined> {
    const since = this.oldest;
    // Whoever guesses makes nobody wait for the disk.
    const known = await this.#host.read(() => this.#tokens.find(folded, hash, since));
    if (known === undefined) return undefined;
    return await this.#host.write(() => this.#tokens.use(folded, hash, nextHash, since));
  }

  /** See {@linkcode ResumeStore.settle}. */
  @logged
  settle(folded: string, hash: string): Promise<void> {
    return this.#host.write(() => this.#tokens.settle(folded, hash));
  }

  /** See {@linkcode ResumeStore.end}. */
  @logged
  end(folded: string, end: SessionEnd): Promise<void> {
    const time = this.#host.seconds();
    return this.#host.write(() => this.#tokens.end(folded, end, time));
  }

  /** See {@linkcode ResumeStore.forget}. */
  @logged
  async forget(folded: string): Promise<void> {
    if (!await this.#host.read(() => this.#tokens.hasAny(folded))) return;
    await this.#host.write(() => this.#tokens.deleteAll(folded));
  }

  /**
   * To be the first thing that is written: connections of which no end was noted have ended with an earlier process,
   * now at the latest.
   */
  endAll(): Promise<void> {
    const time = this.#host.seconds();
    return this.#host.write(() => this.#tokens.endAll(time));
  }

  /**
   * Retention, inside a transaction: deletes tokens of connections that ended at a time (Unix seconds) or before; at most
   * `limit`. Returns how many.
   */
  forgetSome(until: number, limit: number): number {
    return this.#tokens.forget(until, limit);
  }

  /** Unix seconds: the tokens of connections that ended then or before are right no more. */
  get oldest(): number {
    return this.#host.seconds() - this.#host.resumeHours * SECONDS_AN_HOUR;
  }
}
