/**
 * A real server on a real port, in this process.
 *
 * @module
 */

import { type scrypt, scryptSync } from "node:crypto";

import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";

import type { Clock } from "../../common/clock.ts";
import { ChatServer, type ChatServerOptions } from "../../server/chat_server.ts";
import type { Cluster } from "../../server/cluster/cluster.ts";
import type { ServerSettings } from "../../server/flags.ts";
import type { Deliveries } from "../../server/metrics/deliveries.ts";
import { Passwords, type ScryptCost } from "../../server/accounts/passwords.ts";
import { CidrList } from "../../server/connection/proxy_protocol/cidr_list.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import type { TlsKeeper } from "../../server/connection/tls_keeper.ts";
import { RawClient, withDeadline } from "./raw_client.ts";
import { RecordingLog } from "./recording_log.ts";

/** A hash in no time. */
export const CHEAP: ScryptCost = { logN: 4, r: 8, p: 1 };

/** Hashes on the event loop's own thread: a test that moves the clock by itself need not wait for another one. */
export const computeAtOnce = ((text, salt, length, options, done) => {
  const key = scryptSync(text, salt, length, options);
  queueMicrotask(() => done(null, key));
}) as typeof scrypt;

/** The password of accounts that the fixture makes. */
export const PASSWORD = "correct horse";

/** What a test may choose. */
export interface TestServerOptions {
  /** What differs from the defaults. */
  settings?: Partial<ServerSettings>;
  /** @default {systemClock} */
  clock?: Clock;
  /** @default {new Passwords({ cost: … })} at next to no cost */
  passwords?: Passwords;
  /** Speaks TLS: with the keeper's certificate, which is also what the clients trust. */
  tls?: { keeper: TlsKeeper; ca: string };
  /** Measures how long messages take; by default nothing does. */
  deliveries?: Deliveries;
  /** Networks of proxies, as `--proxy-protocol` gets them. */
  proxies?: string;
  /** Makes it a node of several; a test has it join. */
  cluster?: Cluster;
  /** Stays open at the end. By default the server gets a store of its own that keeps nothing. */
  store?: Store;
}

/** A {@linkcode ChatServer} that listens on a port of the loopback interface which the system chose. */
export class TestServer implements AsyncDisposable {
  /** The server. */
  readonly server: ChatServer;
  /** Where it listens. */
  readonly address: Deno.NetAddr;
  /** What it logged; at INFO, as a server does by default. */
  readonly log: RecordingLog = new RecordingLog(20);
  readonly #serving: Promise<void>;
  readonly #ownStore: Store | undefined;
  readonly #ca: string | undefined;
  readonly #clients: RawClient[] = [];

  /** Starts a server. */
  constructor(options: TestServerOptions = {}) {
    this.#ownStore = options.store === undefined ? openSqliteStore(":memory:") : undefined;
    const chatOptions: ChatServerOptions = {
      store: options.store ?? this.#ownStore!,
      passwords: options.passwords ?? new Passwords({ cost: CHEAP, compute: computeAtOnce }),
      log: this.log,
      ...(options.settings !== undefined && { settings: options.settings }),
      ...(options.tls !== undefined && { tls: options.tls.keeper }),
      ...(options.clock !== undefined && { clock: options.clock }),
      ...(options.deliveries !== undefined && { deliveries: options.deliveries }),
      ...(options.cluster !== undefined && { cluster: options.cluster }),
      ...(options.proxies !== undefined && { proxies: CidrList.parse(options.proxies) }),
    };
    this.#ca = options.tls?.ca;
    this.server = new ChatServer(chatOptions);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.address = listener.addr;
    this.#serving = this.server.serve(listener);
  }

  /** A new connection, from that address, with what a proxy says first; closed with the server at the latest. */
  async connect(localAddress?: string, prelude?: Uint8Array): Promise<RawClient> {
    const client = await RawClient.connect(this.address, localAddress, this.#ca, prelude);
    this.#clients.push(client);
    return client;
  }

  /** A new connection that is online as a guest of that name. */
  async online(name: string): Promise<RawClient> {
    const client = await this.connect();
    const { response } = await client.ask({ event: "presence", user: { account_name: name } });
    assertEquals(response, 200, `${name} goes online`);
    return client;
  }

  /** A new connection that is online as an account of that name, which is made. */
  async registered(name: string): Promise<RawClient> {
    const client = await this.connect();
    const user = { account_name: name, password: PASSWORD };
    const { response } = await client.ask({ event: "authenticate", user, register: true });
    assertEquals(response, 201, `${name} registers`);
    return client;
  }

  /** Several at once, each online under its name. */
  onlineAll<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [Index in keyof Names]: RawClient }> {
    return Promise.all(names.map((name) => this.online(name))) as Promise<
      { [Index in keyof Names]: RawClient }
    >;
  }

  /** Waits until the server has just these connections, names and rooms. */
  async settlesAt(
    expected: { connections?: number; online?: number; rooms?: number },
  ): Promise<void> {
    const isSettled = (): boolean => {
      const { counts } = this.server;
      return Object.entries(expected).every(([what, count]) =>
        counts[what as keyof typeof counts] === count
      );
    };
    await eventually(
      isSettled,
      () => `${JSON.stringify(expected)}, there are ${JSON.stringify(this.server.counts)}`,
    );
  }

  /** Hangs up all clients, ends the server and checks that it leaves nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await withDeadline(this.server.shutdown(), () => "the end of the server");
    await this.#serving;
    assertEquals(this.server.counts, { connections: 0, online: 0, rooms: 0 });
    await this.#ownStore?.[Symbol.asyncDispose]();
  }
}

/** Lets the event loop turn until something is true. */
export async function eventually(isTrue: () => boolean, what: () => string): Promise<void> {
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isTrue() && !isOver) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  try {
    await withDeadline(watch(), what);
  } finally {
    isOver = true;
  }
}
