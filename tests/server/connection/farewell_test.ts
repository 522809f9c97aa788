import { assertEquals } from "@std/assert";

import { Farewell, within } from "../../../server/connection/farewell.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

/** A connection with a farewell, which counts how often it ended it. */
function aboutToEnd(): {
  conn: FakeConn;
  clock: FakeClock;
  farewell: Farewell;
  ends: () => number;
} {
  const [conn, clock] = [new FakeConn(), new FakeClock()];
  let ends = 0;
  const farewell = new Farewell(conn, clock, () => void ends++);
  return { conn, clock, farewell, ends: () => ends };
}

Deno.test("Farewell: what is queued is written, then the half is closed, half a second later the socket", async () => {
  const { conn, clock, farewell, ends } = aboutToEnd();
  const written = Promise.withResolvers<void>();
  const hangingUp = farewell.hangUp(written.promise, 5);
  await settle();
  assertEquals(conn.isWriteClosed, false);
  written.resolve();
  await hangingUp;
  assertEquals([conn.isWriteClosed, ends()], [true, 0]);
  clock.advance(499);
  assertEquals(ends(), 0);
  clock.advance(1);
  assertEquals([ends(), clock.pending], [1, 0]);
});

Deno.test("Farewell: a peer that takes nothing is waited for that long and no longer", async () => {
  const { conn, clock, farewell, ends } = aboutToEnd();
  const hangingUp = farewell.hangUp(new Promise(() => {}), 5);
  clock.advance(4_999);
  await settle();
  assertEquals(conn.isWriteClosed, false);
  clock.advance(1);
  await hangingUp;
  assertEquals(
    [conn.isWriteClosed, ends()],
    [false, 1],
    "closing our half would wait for the peer",
  );
});

Deno.test("Farewell: it ends also where the writing or the closing of the half fails", async () => {
  const { conn, clock, farewell, ends } = aboutToEnd();
  conn.closeWrite = () => Promise.reject(new Deno.errors.NotConnected("gone"));
  await farewell.hangUp(Promise.reject(new Deno.errors.BrokenPipe("gone")), 5);
  clock.advance(500);
  assertEquals(ends(), 1);
});

Deno.test("Farewell: once it is cancelled nothing happens any more, whenever that is", async () => {
  const early = aboutToEnd();
  const written = Promise.withResolvers<void>();
  const hangingUp = early.farewell.hangUp(written.promise, 5);
  early.farewell.cancel();
  written.resolve();
  await hangingUp;
  const late = aboutToEnd();
  await late.farewell.hangUp(Promise.resolve(), 5);
  late.farewell.cancel();
  for (const { clock, ends } of [early, late]) {
    assertEquals(clock.pending, 0);
    clock.advance(10_000);
    assertEquals(ends(), 0);
  }
  assertEquals(early.conn.isWriteClosed, false);
});

Deno.test("Farewell: who hangs up twice ends once, and not after it is cancelled", async () => {
  const twice = aboutToEnd();
  const cancelled = aboutToEnd();
  for (const { farewell } of [twice, cancelled]) {
    await farewell.hangUp(Promise.resolve(), 5);
    await farewell.hangUp(Promise.resolve(), 5);
  }
  cancelled.farewell.cancel();
  for (const { clock } of [twice, cancelled]) clock.advance(10_000);
  assertEquals([twice.ends(), cancelled.ends()], [1, 0]);
});

Deno.test("within: until the promise settles, either way, or the time is over; no timer stays", async () => {
  const clock = new FakeClock();
  await within(clock, 1, Promise.resolve());
  await within(clock, 1, Promise.reject(new Error("failed")));
  assertEquals(clock.pending, 0);
  const late = Promise.withResolvers<void>();
  const waiting = within(clock, 0.25, late.promise);
  clock.advance(250);
  await waiting;
  late.reject(new Error("too late for anybody"));
});
