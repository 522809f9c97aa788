/**
 * A room that people run, over real sockets.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

import { type Clock, systemClock } from "../../common/clock.ts";
import type { ServerSettings } from "../../server/flags.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import { FakeClock } from "./fake_clock.ts";
import type { Frame, RawClient } from "./raw_client.ts";
import { TestServer } from "./server_fixture.ts";

/** A room of eve's, #Dev, in which are mod, a moderator, ann, an account, and bob, a guest. */
export interface ModeratedRoom {
  readonly server: TestServer;
  /** Stands still until a test moves it; the store's, too. */
  readonly clock: FakeClock;
  readonly store: Store;
  readonly eve: RawClient;
  readonly mod: RawClient;
  readonly ann: RawClient;
  readonly bob: RawClient;
}

/** Runs a test in such a room. Nobody has anything to read at the beginning. */
export async function withModeratedRoom(
  test: (room: ModeratedRoom) => Promise<void>,
  db = ":memory:",
): Promise<void> {
  const clock = new FakeClock();
  await using store = openSqliteStore(db, { clock: datedBy(clock) });
  await using server = new TestServer({ store, clock, settings: STILL });
  const [eve, mod, ann] = [
    await server.registered("eve"),
    await server.registered("mod"),
    await server.registered("Ann"),
  ];
  const bob = await server.online("bob");
  for (const client of [eve, mod, ann, bob]) await client.ask({ event: "join", room: "#Dev" });
  const grant = { event: "grant", room: "#dev", user: "mod", role: "moderator" };
  assertEquals((await eve.ask(grant)).response, 200);
  for (const client of [eve, mod, ann, bob]) await client.pending();
  await test({ server, clock, store, eve, mod, ann, bob });
}

/** Settings of a server whose clock stands still, or jumps: nothing waits for it. */
export const STILL: Partial<ServerSettings> = { rate: 0, work: 0, probeInterval: 1e6 };

/** A clock for a store: it has another one's date, and timers that fire. */
export function datedBy(clock: Clock): Clock {
  return { ...systemClock, epochMs: () => clock.epochMs() };
}

/** A request about the room. */
export const about = (event: string, more: object = {}): object => ({
  event,
  room: "#dev",
  ...more,
});

/** A message to the room. */
export const say = (message: string, more: object = {}): object => ({
  ...{ event: "msg", to: "#dev", message },
  ...more,
});

/** The code of an answer; with what was refused, if that is said. */
export async function codeOf(client: RawClient, request: object): Promise<unknown> {
  const { response, refused } = await client.ask(request);
  return refused === undefined ? response : [response, refused];
}

/** A frame without its time and its sentence, which is not empty. */
export function factsOf({ time: _, alert, ...facts }: Frame): object {
  assertEquals(alert !== "", true);
  return facts;
}

/** What has come for somebody, without times and sentences. */
export async function heard(client: RawClient): Promise<object[]> {
  return (await client.pending()).map(factsOf);
}
