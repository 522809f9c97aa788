/**
 * An administrator's acts on all nodes of a server.
 *
 * @module
 */

import type { Msg } from "@nats-io/transport-node";

import { type Clock, systemClock, type Timer } from "../../../common/clock.ts";
import { messageOf, StartError } from "../../../common/errors.ts";
import { silentLog } from "../../../common/log.ts";
import type { AdminActs, ChangeByAdmin } from "../../store/admin_acts.ts";
import { StoreError } from "../../store/store.ts";
import type { AdminDeed } from "../operation.ts";
import { UnavailableError } from "../operation_log.ts";
import { isObject } from "../shapes.ts";
import { NatsConnection } from "./nats_connection.ts";
import { NatsLog } from "./nats_log.ts";
import type { NatsSettings } from "./nats_settings.ts";
import { Streams } from "./streams.ts";

/** Milliseconds for which NATS is tried before anything is written: somebody waits at a terminal. */
const PATIENCE_MS = 3_000;

/** Milliseconds within which a node that lives is heard, and for which its answer is waited for. */
const LISTEN_MS = 3_000;
const ANSWER_MS = 10_000;

/** Acts that come to the same wherever they stand in the log, and to what. */
const CERTAIN: { readonly [Act in keyof AdminActs]?: unknown } = { block: true, invite: undefined };

/** The act is in the log for good, and no node runs that could say what comes of it. `message` is one line for the user. */
export class EnteredError extends Error {
  /** The name of the class, for logs. */
  override readonly name = "EnteredError";
}

/**
 * Writes acts to the log, where all nodes do them in the order of all that they do, and waits for what a node says came of
 * it: on `<prefix>.done.<id of the entry>`, as JSON `{"result"}`. It is no node, and has no copy.
 */
export class NatsAdministration implements AsyncDisposable {
  readonly #nats: NatsConnection;
  readonly #log: NatsLog;
  readonly #clock: Clock;

  private constructor(nats: NatsConnection, log: NatsLog, clock: Clock) {
    this.#nats = nats;
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * Connects to NATS, where there has to be a log. Nothing is made there.
   *
   * @throws {StartError} If there is none, or NATS cannot be reached, or gives too few rights; in one line.
   */
  static async open(
    settings: NatsSettings,
    clock: Clock = systemClock,
  ): Promise<NatsAdministration> {
    await using parts = new AsyncDisposableStack();
    const log = silentLog;
    const nats = parts.use(
      await NatsConnection.open({ settings, log, clock, patienceMs: PATIENCE_MS }),
    );
    const streams = await inOneLine(() =>
      nats.permitted(async () => {
        const streams = await Streams.open({ nats, log, patienceMs: PATIENCE_MS });
        await streams.newest();
        await streams.checkRights();
        return streams;
      })
    );
    const { manager } = streams;
    const stream = `${nats.prefix}_log`;
    const journal = new NatsLog({ nats, manager, stream, log, clock });
    parts.move();
    return new NatsAdministration(nats, journal, clock);
  }

  /**
   * Has all nodes do something. When it resolves it is done on one of them.
   *
   * @throws {EnteredError} If no node runs, and so it is not known what comes of it.
   * @throws {StartError} If it is not known whether it is in the log, or nodes that run do not say what came of it.
   */
  readonly change: ChangeByAdmin = async (act, ...args) => {
    const outcome = await inOneLine(() =>
      this.#nats.permitted(() => this.#perform({ do: "administer", act, args }))
    );
    if (outcome !== undefined) return outcome.result as never;
    if (act in CERTAIN) return CERTAIN[act] as never;
    throw new EnteredError(
      "No node runs at the moment: this is in the log, and each does it when it starts; then it is seen what comes of it",
    );
  };

  /** What came of a deed; `undefined` if no node runs. */
  async #perform(deed: AdminDeed): Promise<{ readonly result?: unknown } | undefined> {
    const { client, prefix } = this.#nats;
    const id = crypto.randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<
      { readonly result?: unknown } | undefined
    >();
    promise.catch(() => {}); // nobody waits before it is in the log
    let isAnyAlive = false;
    const done = (error: Error | null, message: Msg): void => {
      const outcome = error === null ? readOutcome(message.string()) : undefined;
      if (outcome !== undefined) resolve(outcome);
    };
    using listening = new DisposableStack();
    const subscribe = (subject: string, callback: typeof done): void => {
      const subscription = client.subscribe(`${prefix}.${subject}`, { callback });
      listening.defer(() => subscription.unsubscribe());
    };
    subscribe(`done.${id}`, done);
    subscribe("beat", (error) => isAnyAlive ||= error === null);
    await client.flush(); // it is listened to before there is anything to hear
    try {
      await this.#log.append(id, { ...deed, at: this.#clock.epochMs() });
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      throw new StartError(
        `It is not known whether this is in the log; do it again when NATS answers. ${error.message}`,
        { cause: error },
      );
    }
    const after = (ms: number, work: () => void): void => {
      const timer: Timer = this.#clock.setTimeout(work, ms);
      listening.defer(() => this.#clock.clearTimeout(timer));
    };
    after(LISTEN_MS, () => isAnyAlive || resolve(undefined));
    after(ANSWER_MS, () =>
      reject(
        new StartError(
          "This is in the log, but no node has said yet what came of it; look with deno task users at the database of one",
        ),
      ));
    return await promise;
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log[Symbol.asyncDispose]();
    await this.#nats[Symbol.asyncDispose]();
  }
}

/** What an id of {@linkcode NatsAdministration} looks like: subjects are made of it. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Says what came of an act, for the command that waits for it. Never throws. */
export function tellOutcome(
  { client, prefix }: Pick<NatsConnection, "client" | "prefix">,
  id: string,
  result: unknown,
): void {
  if (!ID.test(id)) return;
  try {
    client.publish(`${prefix}.done.${id}`, JSON.stringify({ result }));
  } catch {
    // The connection is closed; other nodes say it, too.
  }
}

function readOutcome(text: string): { readonly result?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What NATS does not do, as the error of a program that cannot go on. */
async function inOneLine<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new StartError(messageOf(error), { cause: error });
  }
}
