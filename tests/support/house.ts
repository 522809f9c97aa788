/**
 * The parts of a server without connections.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

import { Passwords } from "../../server/accounts/passwords.ts";
import type { Answer } from "../../server/answer.ts";
import { assemble } from "../../server/assembly.ts";
import type { ServerContext } from "../../server/context.ts";
import type { Reply } from "../../server/events/handler.ts";
import type { ServerSettings } from "../../server/flags.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeUser } from "./fake_user.ts";
import { RecordingLog } from "./recording_log.ts";
import { CHEAP } from "./server_fixture.ts";
import { settle } from "./settle.ts";

/** What a test may choose. */
export interface HouseOptions {
  /** What differs from the defaults. */
  settings?: Partial<ServerSettings>;
  /** @default {new Passwords({ cost: … })} at next to no cost */
  passwords?: Passwords;
  /** What the handlers get instead of the store. */
  storeFor?: (store: Store) => Store;
}

/** What handlers use, and the test's hands on it. */
export interface House {
  readonly context: ServerContext;
  /** Begins with the year 2026. */
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  readonly store: Store;
  /** Somebody is online from now on. */
  come(name: string): FakeUser;
}

/** Runs a test with the parts of a server and a store that keeps nothing. */
export async function withHouse(
  { settings = {}, passwords = new Passwords({ cost: CHEAP }), storeFor }: HouseOptions,
  test: (house: House) => void | Promise<void>,
): Promise<void> {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  await using store = openSqliteStore(":memory:", { clock });
  const { context, plumbing } = assemble({
    store: storeFor?.(store) ?? store,
    passwords,
    settings,
    clock,
    log,
  });
  using _ = plumbing;
  const come = (name: string): FakeUser => {
    const user = new FakeUser(name);
    assertEquals(context.registry.add(user), true, `${name} comes`);
    return user;
  };
  await test({ context, clock, log, store, come });
  await settle(); // the end of the turn in which the time was asked for
}

/** The answer that a handler gives, its commit carried out. */
export async function answerOf(reply: Reply): Promise<Answer> {
  const outcome = await reply;
  return typeof outcome === "function" ? outcome() : outcome;
}
