/**
 * What JetStream keeps for the server: made where it is missing, checked where it is there.
 *
 * @module
 */

import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { headers } from "@nats-io/transport-node";

import { type Clock, systemClock } from "../../../common/clock.ts";
import { messageOf, StartError } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import { printable } from "../../../common/printable.ts";
import { UnavailableError } from "../operation_log.ts";
import type { Bucket, JetStreamManager } from "./client_types.ts";
import type { NatsConnection } from "./nats_connection.ts";
import { ANSWER_MS, type Patience, patiently, RETRY_MS } from "./patience.ts";

/** The oldest server that has what is used: the next message of a subject can be asked for. */
const MIN_VERSION = "2.9.0";

/** Copies of all that is kept, where there are as many servers: one may die. */
const REPLICAS = 3;

/** So long may a cluster take that has just been started until its servers have found each other. */
const SETTLE_MS = 5_000;

/** Repeats of an append are found for ten minutes. */
const DUPLICATE_WINDOW_NS = 600 * 1e9;

/** Code of JetStream: there are fewer servers than copies. */
const NO_PEERS = [10_005, 10_074];

/**
 * Codes of JetStream: somebody has made it meanwhile, in another way or with the same name; or its subjects are another's,
 * which nats-server 2.9 also says of the very one, if that was made while it looked.
 */
const IN_USE = [10_058, 10_065];

/** What {@linkcode Streams.open} needs. */
export interface StreamsOptions {
  /** Where to ask. */
  readonly nats: NatsConnection;
  /** Is told what was made. */
  readonly log: Log;
  /**
   * How long to wait for a leader, in milliseconds. Three servers that come up together on what they have kept need 12 s
   * at times, and 19 s on a busy machine.
   *
   * @default {30_000}
   */
  readonly patienceMs?: number;
  /**
   * What times are taken by.
   *
   * @default {systemClock}
   */
  readonly clock?: Clock;
}

/**
 * Makes and checks streams and buckets. All of them are in files, and on three servers if NATS has three that work
 * together, else on one. Two nodes may do that at the same moment.
 */
export class Streams {
  /** JetStream's interface, with short times. */
  readonly manager: JetStreamManager;
  readonly #options: StreamsOptions;
  readonly #isCluster: boolean;

  private constructor(options: StreamsOptions, manager: JetStreamManager, isCluster: boolean) {
    this.#options = options;
    this.manager = manager;
    this.#isCluster = isCluster;
  }

  /**
   * Asks what there is.
   *
   * @throws {StartError} If NATS is too old, has no JetStream, or JetStream has no leader within `patienceMs`.
   */
  static async open(options: StreamsOptions): Promise<Streams> {
    const { client } = options.nats;
    const { version = "", jetstream: isOn = false, cluster } = client.info ?? {};
    if (!isRecent(version)) {
      throw new StartError(
        `NATS ${printable(version)} is too old: update nats-server to ${MIN_VERSION} or newer`,
      );
    }
    const manager = await jetstreamManager(client, { checkAPI: false, timeout: ANSWER_MS });
    await startPatiently(options, async () => {
      try {
        await manager.getAccountInfo();
      } catch (error) {
        const isNone = error instanceof Error && error.constructor.name === "JetStreamNotEnabled" &&
          // Nobody answers where it is on: there is no leader yet.
          (!isOn || error.cause instanceof JetStreamApiError);
        if (!isNone) throw error;
        throw new StartError(
          "NATS has no JetStream here: start nats-server with -js, or turn it on for the account",
          { cause: error },
        );
      }
    });
    return new Streams(options, manager, cluster !== undefined);
  }

  /**
   * Makes or checks the stream of the log.
   *
   * @returns Its name.
   * @throws {StartError} If it is there and is not fit; says what to do.
   */
  async log(): Promise<string> {
    const { prefix } = this.#options.nats;
    const name = `${prefix}_log`;
    await this.#ensure({
      name,
      subjects: [`${prefix}.log.*`],
      duplicate_window: DUPLICATE_WINDOW_NS,
    });
    return name;
  }

  /**
   * Makes or checks a bucket of keys and values, with one value each, and opens it. It is read from its leader: a copy
   * may lag.
   *
   * @param name Without the prefix.
   * @throws {StartError} As {@linkcode Streams.log} does.
   */
  async bucket(name: string): Promise<Bucket> {
    const bucket = `${this.#options.nats.prefix}_${name}`;
    await this.#ensure({
      name: `KV_${bucket}`,
      subjects: [`$KV.${bucket}.>`],
      max_msgs_per_subject: 1,
      allow_rollup_hdrs: true,
      allow_direct: false,
    });
    const kvm = new Kvm(this.#options.nats.client);
    return await kvm.open(bucket, { allow_direct: false });
  }

  /**
   * Has NATS say whether this user may hear and write what nodes do: to be called within `NatsConnection.permitted`.
   * Nothing is written, since JetStream takes none of it.
   */
  async checkRights(): Promise<void> {
    const { client, prefix } = this.#options.nats;
    client.subscribe(`${prefix}.beat`, { callback: () => {} }).unsubscribe();
    const lost = headers();
    lost.set("Nats-Expected-Stream", "-");
    for (const subject of [`${prefix}.log.state`, `$KV.${prefix}_names.-`]) {
      // Whatever is answered: a stream without a leader is looked into by others.
      await client.request(subject, "", { headers: lost, timeout: ANSWER_MS }).catch(() => {});
    }
  }

  /**
   * The number of the newest entry of the log.
   *
   * @throws {StartError} If there is no log: no node ever was here.
   * @throws {UnavailableError} If JetStream does not answer.
   */
  async newest(): Promise<number> {
    const { prefix } = this.#options.nats;
    const info = await patiently(() => this.#find(`${prefix}_log`), patienceOf(this.#options));
    if (info !== undefined) return info.state.last_seq;
    throw new StartError(
      `This NATS has no nodes that begin with '${printable(prefix)}'; see --nats-prefix`,
    );
  }

  async #ensure(config: StreamWish): Promise<void> {
    const wanted: StreamWish = {
      ...config,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      deny_delete: false,
      deny_purge: false,
    };
    const is = await startPatiently(this.#options, async () => {
      const { config } = await this.#find(wanted.name) ?? await this.#make(wanted);
      return config;
    });
    let fault = faultOf(is, wanted);
    if (fault === undefined && is.num_replicas < REPLICAS && this.#isCluster) {
      const count = await startPatiently(this.#options, () => this.#placeable());
      if (count > is.num_replicas) {
        fault = `is on ${is.num_replicas} of ${count} servers: ` +
          `nats stream edit ${is.name} --replicas ${count}`;
      }
    }
    if (fault === undefined) return;
    throw new StartError(`The stream ${printable(config.name)} of NATS ${fault}`);
  }

  async #find(name: string): Promise<StreamInfo | undefined> {
    try {
      return await this.manager.streams.info(name);
    } catch (error) {
      if (codeOf(error) === JetStreamApiCodes.StreamNotFound) return undefined;
      throw error;
    }
  }

  async #make(wanted: StreamWish): Promise<StreamInfo> {
    const { log } = this.#options;
    const num_replicas = this.#isCluster ? await this.#settledCount() : 1;
    try {
      const info = await this.manager.streams.add({ ...wanted, num_replicas });
      log.info("NATS stream made", { stream: wanted.name, copies: info.config.num_replicas });
      return info;
    } catch (error) {
      // Another node was faster.
      const made = IN_USE.includes(codeOf(error) ?? 0) ? await this.#find(wanted.name) : undefined;
      if (made === undefined) throw error;
      return made;
    }
  }

  /** How many copies a cluster can hold. One that has just been started may not have found all its servers yet. */
  async #settledCount(): Promise<number> {
    const { clock } = patienceOf(this.#options);
    const end = clock.monotonicMs() + SETTLE_MS;
    for (;;) {
      const count = await this.#placeable();
      if (count === REPLICAS) return count;
      if (clock.monotonicMs() > end) {
        this.#options.log.warn("NATS keeps one copy: with three servers it would bear a loss");
        return count;
      }
      await new Promise<void>((resolve) => clock.setTimeout(resolve, RETRY_MS));
    }
  }

  /** How many copies the servers that work together can hold: found by having them hold some, for a moment. */
  async #placeable(): Promise<number> {
    const name = `${this.#options.nats.prefix}_try_${crypto.randomUUID()}`;
    const { streams } = this.manager;
    try {
      await streams.add({
        ...{ name, subjects: [name], num_replicas: REPLICAS, storage: StorageType.Memory },
      });
    } catch (error) {
      if (NO_PEERS.includes(codeOf(error) ?? 0)) return 1;
      throw error;
    }
    await streams.delete(name).catch(() => {});
    return REPLICAS;
  }
}

/** What a stream is to be like. */
type StreamWish = Partial<StreamConfig> & { readonly name: string };

/**
 * Whether a server's version is new enough.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["2.8.4", "2.9.0", "2.10.1-beta.2", "3.0.0"].map(isRecent), [false, true, true, true]);
 * ```
 */
export function isRecent(version: string): boolean {
  const numbers = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (numbers === undefined) return false;
  const least = MIN_VERSION.split(".").map(Number);
  const at = numbers.findIndex((number, index) => number !== least[index]);
  return at === -1 || numbers[at]! > least[at]!;
}

/** What is wrong with a stream, and what to do about it. */
function faultOf(is: StreamConfig, wanted: Partial<StreamConfig>): string | undefined {
  const edit = `: nats stream edit ${is.name}`;
  const remake = "; it cannot be changed: choose another --nats-prefix, or remove the stream";
  if (is.storage !== wanted.storage) return `is not kept in files${remake}`;
  if (is.retention !== wanted.retention) return `does not keep by limits${remake}`;
  if (is.mirror !== undefined || is.sources !== undefined) return `is a copy of another${remake}`;
  if (is.sealed || is.deny_delete || is.deny_purge) return `cannot be deleted from${remake}`;
  const subjects = wanted.subjects!.join();
  if (is.subjects?.join() !== subjects) {
    return `must be on ${printable(subjects)}${edit} --subjects '${printable(subjects)}'`;
  }
  if (is.max_age > 0) return `drops what is old${edit} --max-age 0`;
  if (is.max_msgs > 0) return `has a limit of messages${edit} --max-msgs -1`;
  if (is.max_bytes > 0 && is.discard !== DiscardPolicy.New) {
    return `drops what is old when it is full${edit} --discard new`;
  }
  if ((is.max_msgs_per_subject ?? -1) !== (wanted.max_msgs_per_subject ?? -1)) {
    const count = wanted.max_msgs_per_subject ?? -1;
    return `keeps another number of messages for a subject${edit} --max-msgs-per-subject ${count}`;
  }
  if (is.duplicate_window < (wanted.duplicate_window ?? 0)) {
    return `forgets repeats too soon${edit} --dupe-window 10m`;
  }
  return undefined;
}

function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

function patienceOf({ patienceMs = 30_000, clock = systemClock }: StreamsOptions): Patience {
  return { patienceMs, clock };
}

/** As `patiently` does, but with the error of a program that cannot start. */
async function startPatiently<T>(options: StreamsOptions, ask: () => Promise<T>): Promise<T> {
  try {
    return await patiently(ask, patienceOf(options));
  } catch (cause) {
    if (cause instanceof UnavailableError) {
      throw new StartError(
        `JetStream does not answer: are most of NATS's servers up? ${cause.message}`,
        { cause },
      );
    }
    if (cause instanceof JetStreamApiError) {
      throw new StartError(`JetStream says no: ${printable(messageOf(cause))}`, { cause });
    }
    throw cause;
  }
}
