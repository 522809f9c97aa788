/**
 * A real server with its store, and peers that log in, register and leave.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

import { Passwords } from "../../server/accounts/passwords.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../server/store/sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import type { Frame, RawClient } from "./raw_client.ts";
import { CHEAP, PASSWORD, TestServer, type TestServerOptions } from "./server_fixture.ts";

/** A request to go online as a guest. */
export const presence = (name: string): object => ({
  event: "presence",
  user: { account_name: name },
});

/** A request to go online as an account. */
export const login = (name: string, password = PASSWORD, more: object = {}): object => ({
  event: "authenticate",
  user: { account_name: name, password },
  ...more,
});

/** A request to make an account. */
export const register = (name: string, password?: string): object =>
  login(name, password, { register: true });

/** A message to bob, to be stored if he is offline. */
export const toBob = (message: string, more: object = {}): object => ({
  event: "msg",
  to: "bob",
  message,
  store: true,
  ...more,
});

/** A server and its store. */
export interface AccountFixture {
  readonly server: TestServer;
  readonly store: Store;
}

/** What a test may choose. */
export interface AccountFixtureOptions extends Omit<TestServerOptions, "store"> {
  /** The database; by default it is in memory. */
  db?: string;
  /** How it is opened. */
  storeOptions?: SqliteStoreOptions;
}

/** Runs a test with a server and the store that it uses. */
export async function withAccounts(
  { db = ":memory:", storeOptions, ...options }: AccountFixtureOptions,
  run: (fixture: AccountFixture) => Promise<void>,
): Promise<void> {
  await using store = openSqliteStore(db, storeOptions);
  await using server = new TestServer({ ...options, store });
  await run({ server, store });
}

/** A hash in no time. */
export const cheapHash = (password: string): Promise<string> =>
  new Passwords({ cost: CHEAP }).hash(password);

/** Sends a request and gives the code of its response. */
export async function ask(client: RawClient, request: object): Promise<number | undefined> {
  return (await client.ask(request)).response;
}

/** The next frame; `undefined` when the server has closed. */
export async function next(client: RawClient): Promise<Frame | undefined> {
  const line = await client.line();
  return line === undefined ? undefined : JSON.parse(line);
}

/** Registers a name and leaves. */
export async function makeAccount({ server }: AccountFixture, name: string): Promise<void> {
  const peer = await server.connect();
  assertEquals(await ask(peer, register(name)), 201);
  await leave(peer);
}

/** Quits, waits for the end and hangs up: for a peer that does not, the server waits half a second. */
export async function leave(peer: RawClient): Promise<void> {
  assertEquals(await ask(peer, { event: "quit" }), 200);
  assertEquals(await next(peer), undefined);
  peer.close();
}

/** A new connection that goes online by that request. */
export async function online({ server }: AccountFixture, request: object): Promise<RawClient> {
  const peer = await server.connect();
  const code = await ask(peer, request);
  assert(code === 200 || code === 201, `online: ${code}`);
  return peer;
}

/** The texts of frames. */
export const messages = (frames: Frame[]): unknown[] => frames.map(({ message }) => message);
