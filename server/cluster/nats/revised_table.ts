/**
 * A table in NATS whose entries change by compare-and-set only.
 *
 * @module
 */

import { JetStreamApiError, type JetStreamManager } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";

import { messageOf } from "../../../common/errors.ts";
import { UnavailableError } from "../operation_log.ts";
import type { NatsConnection } from "./nats_connection.ts";
import { ANSWER_MS, unavailable } from "./patience.ts";
import type { Streams } from "./streams.ts";

/** How many entries are read at a time. */
const READ_AHEAD = 50;

/** "Wrong last sequence": somebody else was first (JetStream's `err_code`). */
const WRONG_LAST_SEQUENCE = 10_071;
/** What is said of a sequence that is there no more. */
const MESSAGE_NOT_FOUND = 10_037;
const SEQUENCE_NOT_FOUND = 10_043;

/** An entry as it is. */
export interface RevisedEntry {
  /** The value; JSON of any shape, since anybody who may write to NATS may have put it there. */
  readonly value: unknown;
  /** Its revision: higher than that of all that was written to the table before. */
  readonly revision: number;
  /** When it was written, by the clock of NATS: milliseconds since 1970. */
  readonly at: number;
}

/**
 * A key-value bucket (file storage, history 1), read from its leader only: a copy that lags would tell of holders who have
 * gone.
 */
export class RevisedTable {
  readonly #kv: KV;
  readonly #manager: JetStreamManager;
  readonly #bucket: string;

  private constructor(kv: KV, manager: JetStreamManager, bucket: string) {
    this.#kv = kv;
    this.#manager = manager;
    this.#bucket = bucket;
  }

  /**
   * Opens a bucket; makes it if there is none.
   *
   * @param name Without the prefix.
   * @throws {StartError} If that cannot be done: see `Streams.bucket`.
   */
  static async open(
    nats: Pick<NatsConnection, "prefix">,
    streams: Pick<Streams, "bucket" | "manager">,
    name: string,
  ): Promise<RevisedTable> {
    const kv = await streams.bucket(name);
    return new RevisedTable(kv, streams.manager, `${nats.prefix}_${name}`);
  }

  /**
   * Reads an entry from the leader.
   *
   * @throws {UnavailableError} If there is no answer within 2 s.
   */
  async read(key: string): Promise<RevisedEntry | undefined> {
    try {
      const subject = `$KV.${this.#bucket}.${key}`;
      const query = { last_by_subj: subject };
      const message = await this.#manager.streams.getMessage(this.#stream, query);
      if (message === null || message.header.has("KV-Operation")) return undefined; // deleted
      return { value: json(message), revision: message.seq, at: message.time.getTime() };
    } catch (error) {
      if (codeOf(error) === MESSAGE_NOT_FOUND) return undefined;
      throw noAnswer(error);
    }
  }

  /**
   * Writes an entry if it is still of a revision.
   *
   * @param expected 0: there is none.
   * @returns The new revision, or `undefined` if it was of another one.
   * @throws {UnavailableError} If there is no answer within 2 s: then it may be written all the same, even later.
   */
  async write(key: string, value: object, expected: number): Promise<number | undefined> {
    try {
      return await this.#kv.put(key, JSON.stringify(value), {
        previousSeq: expected,
        timeout: ANSWER_MS,
      });
    } catch (error) {
      if (codeOf(error) === WRONG_LAST_SEQUENCE) return undefined;
      throw noAnswer(error);
    }
  }

  /**
   * Takes an entry out, if it is still of that revision.
   *
   * @throws {UnavailableError} If there is no answer within 2 s.
   */
  async remove(revision: number): Promise<void> {
    try {
      await this.#manager.streams.deleteMessage(this.#stream, revision, false);
    } catch (error) {
      const code = codeOf(error);
      if (code !== MESSAGE_NOT_FOUND && code !== SEQUENCE_NOT_FOUND) throw noAnswer(error);
    }
  }

  /**
   * All entries; one that is written meanwhile may be missing.
   *
   * @throws {UnavailableError} If there is no answer within 2 s.
   */
  async *entries(): AsyncGenerator<readonly [key: string, entry: RevisedEntry]> {
    const keys = await this.#keys();
    for (let i = 0; i < keys.length; i += READ_AHEAD) {
      const part = keys.slice(i, i + READ_AHEAD);
      const entries = await Promise.all(part.map((key) => this.read(key)));
      for (const [j, entry] of entries.entries()) if (entry !== undefined) yield [part[j]!, entry];
    }
  }

  get #stream(): string {
    return `KV_${this.#bucket}`;
  }

  async #keys(): Promise<string[]> {
    try {
      const { state } = await this.#manager.streams.info(this.#stream, { subjects_filter: ">" });
      // Subjects are `$KV.<bucket>.<key>`.
      return Object.keys(state.subjects ?? {}).map((subject) =>
        subject.split(".").slice(2).join(".")
      );
    } catch (error) {
      throw noAnswer(error);
    }
  }
}

function json(entry: { json(): unknown }): unknown {
  try {
    return entry.json();
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

function noAnswer(error: unknown): UnavailableError {
  return unavailable(messageOf(error), error);
}
