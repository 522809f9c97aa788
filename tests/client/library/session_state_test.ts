// Each way from one state of a session to another is gone here; the last test looks whether all were.
import { assert, assertEquals, assertRejects } from "@std/assert";

import { ClientClosedError, ConnectError } from "../../../client/library/errors.ts";
import { Session } from "../../../client/library/session.ts";
import type { SessionEvent } from "../../../client/library/session_options.ts";
import { NEXT_STATES, type StateName } from "../../../client/library/session_state.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

const walked = new Set<string>();

/** A session whose server is in the test's hands. */
class Walk {
  readonly clock = new FakeClock();
  readonly links: FakeConn[] = [];
  readonly events: SessionEvent[] = [];
  readonly ends: (Error | undefined)[] = [];
  readonly session: Session;
  /** What dialling fails with, if it does. */
  dialFailure: Error | undefined;
  #before: StateName;

  constructor(more: { reconnects?: boolean } = {}) {
    this.session = new Session({
      clock: this.clock,
      random: () => 0,
      dial: () => {
        if (this.dialFailure !== undefined) return Promise.reject(this.dialFailure);
        this.links.push(new FakeConn());
        return Promise.resolve(this.link);
      },
      reconnects: true,
      onReceived: () => {},
      onEvent: (event) => this.events.push(event),
      onEnd: (error) => this.ends.push(error),
      ...more,
    });
    this.#before = this.session.state;
  }

  /** The connection that was made last. */
  get link(): FakeConn {
    return this.links.at(-1)!;
  }

  /** Something happens, after which the session is in that state. */
  async to(state: StateName, act: () => unknown): Promise<void> {
    const done = act();
    if (done instanceof Promise) done.catch(() => {});
    await settle();
    assertEquals(this.session.state, state);
    walked.add(`${this.#before} → ${state}`);
    this.#before = state;
  }

  async online(): Promise<void> {
    await this.to("connected", () => this.session.open());
    await this.to("online", () => this.#logIn());
  }

  async interrupted(): Promise<void> {
    await this.online();
    await this.to("interrupted", () => this.link.end());
  }

  async returning(): Promise<void> {
    await this.interrupted();
    await this.to("returning", () => this.clock.advance(250));
  }

  /** Nothing is left over. */
  ended(error?: Error): void {
    assertEquals([this.ends, this.clock.pending], [[error], 0]);
    for (const link of this.links) assert(link.isClosed);
  }

  async #logIn(): Promise<void> {
    const login = this.session.login("eve", {});
    await settle();
    this.link.feedFrames({ response: 200 });
    await login;
  }
}

Deno.test("before the login a connection comes and goes, and takes nothing with it", async () => {
  const walk = new Walk();
  await walk.to("connected", () => walk.session.open());
  await walk.to("disconnected", () => walk.link.end());
  await walk.to("connected", () => walk.session.open());
  await walk.to("ended", () => walk.session.end(undefined));
  walk.ended();
  assertEquals(walk.events, []);
  await assertRejects(() => walk.session.open(), ClientClosedError);
});

Deno.test("a session that was never connected ends", async () => {
  const walk = new Walk();
  await walk.to("ended", () => walk.session.quit());
  walk.ended();
});

Deno.test("a lost session waits, tries, waits longer, and is online again", async () => {
  const walk = new Walk();
  await walk.returning();
  await walk.to("interrupted", () => walk.link.reset());
  walk.dialFailure = new ConnectError("refused", "nobody");
  walk.clock.advance(500);
  await walk.to("interrupted", () => {});
  walk.dialFailure = undefined;
  await walk.to("returning", () => walk.clock.advance(1_000));
  await walk.to("online", () => walk.link.feedFrames({ response: 200 }));
  assertEquals(
    walk.events.map((event) => event.type === "offline" ? event.retryMs : event.type),
    ["online", 250, 500, 1_000, "online"],
  );
  await walk.to("ended", () => walk.session.end(undefined));
  walk.ended();
});

Deno.test("what ends a session while it is online, lost, or on its way back", async () => {
  const online = new Walk({ reconnects: false });
  await online.online();
  await online.to("ended", () => online.link.end());
  assertEquals(online.ends.length, 1);

  const interrupted = new Walk();
  await interrupted.interrupted();
  await interrupted.to("ended", () => interrupted.session.quit());
  interrupted.ended();

  const refused = new Walk();
  await refused.returning();
  await refused.to("ended", () => refused.link.feedFrames({ response: 403, error: "blocked" }));
  assertEquals(refused.ends.map((error) => error?.message), ["blocked"]);
  assertEquals(refused.clock.pending, 0);
});

Deno.test("goodbye is said wherever there is a connection, and waited for, but not for long", async () => {
  const connected = new Walk();
  await connected.to("connected", () => connected.session.open());
  await connected.to("quitting", () => connected.session.quit());
  await connected.to("ended", () => connected.clock.advance(2_000));
  connected.ended();

  const online = new Walk();
  await online.online();
  await online.to("quitting", () => online.session.quit());
  assert(online.session.isOnline && online.session.isClosing);
  await online.to("ended", () => online.link.feedFrames({ response: 200 }));
  online.ended();

  const returning = new Walk();
  await returning.returning();
  await returning.to("quitting", () => returning.session.quit());
  assertEquals(returning.link.frames.map(({ event }) => event), ["presence", "quit"]);
  // The answer to the login comes late: nothing is begun any more.
  returning.link.feedFrames({ response: 200 });
  await returning.to("quitting", () => {});
  await returning.to("ended", () => returning.link.end());
  assertEquals(returning.events.map(({ type }) => type), ["online", "offline"]);
  assertEquals([returning.ends, returning.clock.pending], [[undefined], 0]);
});

Deno.test("two logins at once share the connection that was made first", async () => {
  const walk = new Walk();
  const logins = [walk.session.login("eve", {}), walk.session.login("eva", {})];
  await settle();
  assertEquals(walk.links.map(({ isClosed }) => isClosed), [false, true]);
  walk.links[0]!.feedFrames({ response: 409, error: "taken" }, { response: 200 });
  await assertRejects(() => logins[0]!);
  await logins[1];
  assertEquals([walk.session.state, walk.session.identity?.name], ["online", "eva"]);
  walk.session.end(undefined);
  await settle();
  walk.ended();
});

Deno.test("all ways that a session may go were gone", () => {
  const ways = Object.entries(NEXT_STATES).flatMap(([from, next]) =>
    next.map((to) => `${from} → ${to}`)
  );
  const notGone = ways.filter((way) => !walked.has(way));
  assertEquals(notGone, []);
  const stays = [...walked].filter((way) => !ways.includes(way));
  assertEquals(stays, ["interrupted → interrupted", "quitting → quitting"]);
});
