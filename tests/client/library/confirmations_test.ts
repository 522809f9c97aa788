import { assertEquals } from "@std/assert";

import { Confirmations } from "../../../client/library/confirmations.ts";
import { Connection } from "../../../client/library/connection.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

/** Confirmations whose connection and mailbox are in the test's hands. */
function fixture(): {
  confirmations: Confirmations;
  clock: FakeClock;
  /** The number of the first stored message that nobody has dealt with. */
  open: { first?: number | undefined };
  stuck: () => number;
  connect: () => { link: FakeConn; connection: Connection };
} {
  const clock = new FakeClock();
  const open: { first?: number | undefined } = {};
  let stuck = 0;
  const confirmations = new Confirmations({
    clock,
    firstOpen: () => open.first,
    onStuck: () => stuck++,
  });
  const connect = (): { link: FakeConn; connection: Connection } => {
    const link = new FakeConn();
    return {
      link,
      connection: new Connection(link, { clock, onEvent: () => {}, onEnd: () => {} }),
    };
  };
  return { confirmations, clock, open, stuck: () => stuck, connect };
}

Deno.test("a frame is new once, also on the next connection; a new session counts anew", () => {
  const { confirmations, connect } = fixture();
  const [first, second, third] = [connect(), connect(), connect()];
  confirmations.begin(first.connection, true);
  confirmations.took(1, "{}", false);
  confirmations.took(2, "{}", false);
  assertEquals([undefined, 1, 2, 3].map((n) => confirmations.isNew(n)), [true, false, false, true]);
  confirmations.lost();
  assertEquals(confirmations.tell(), 2);
  confirmations.goOn(second.connection);
  assertEquals([2, 3].map((n) => confirmations.isNew(n)), [false, true]);
  confirmations.begin(third.connection, true);
  assertEquals([confirmations.isNew(1), confirmations.tell()], [true, 0]);
  confirmations.begin(third.connection, false);
  confirmations.took(1, "{}", false);
  assertEquals(confirmations.isNew(1), true);
  for (const { connection } of [first, second, third]) connection.close();
});

Deno.test("what is new to say goes with any request, once, behind all other fields", async () => {
  const { confirmations, connect, clock } = fixture();
  const { link, connection } = connect();
  confirmations.begin(connection, true);
  connection.send({ event: "msg", to: "bob", message: "a", id: 1 });
  confirmations.took(1, "{}", false);
  connection.send({ event: "msg", to: "bob", message: "b", id: 2 });
  connection.send({ event: "who", id: 3 });
  await settle();
  assertEquals(
    link.writes.join(""),
    [
      '{"event":"msg","to":"bob","message":"a","id":1}\n',
      '{"event":"msg","to":"bob","message":"b","id":2,"seen":1}\n',
      '{"event":"who","id":3}\n',
    ].join(""),
  );
  assertEquals(clock.pending, 0);
  connection.close();
});

Deno.test("what waits for its consumer holds up what is behind it, and no more", async () => {
  const { confirmations, connect, clock, open } = fixture();
  const { link, connection } = connect();
  confirmations.begin(connection, true);
  open.first = 1;
  confirmations.took(1, "{}", true);
  confirmations.took(2, "{}", false);
  clock.advance(5_000);
  open.first = 3;
  confirmations.took(3, "{}", true);
  clock.advance(999);
  await settle();
  assertEquals(link.frames, []);
  clock.advance(1);
  open.first = undefined;
  confirmations.moved();
  clock.advance(1_000);
  await settle();
  assertEquals(link.frames, [{ event: "probe", seen: 2 }, { event: "probe", seen: 3 }]);
  assertEquals(clock.pending, 0);
  connection.close();
});

Deno.test("much is confirmed at once: 64 frames, or 64 KiB on the wire", async () => {
  const { confirmations, connect } = fixture();
  const { link, connection } = connect();
  confirmations.begin(connection, true);
  for (let n = 1; n <= 64; n++) confirmations.took(n, "{}", false);
  confirmations.took(65, "ж".repeat(32_767), false);
  await settle();
  assertEquals(link.frames, [{ event: "probe", seen: 64 }]);
  confirmations.took(66, "", false);
  await settle();
  assertEquals(link.frames.slice(1), [{ event: "probe", seen: 66 }]);
  connection.close();
});

Deno.test("what was dealt with while there was no connection is said on the next", async () => {
  const { confirmations, connect, clock, open } = fixture();
  const [first, second] = [connect(), connect()];
  confirmations.begin(first.connection, true);
  open.first = 1;
  confirmations.took(1, "{}", true);
  confirmations.lost();
  assertEquals(confirmations.tell(), 0);
  open.first = undefined;
  confirmations.moved();
  assertEquals(clock.pending, 0);
  confirmations.goOn(second.connection);
  first.connection.send({ event: "probe" });
  clock.advance(1_000);
  await settle();
  assertEquals(first.link.frames, [{ event: "probe" }]);
  assertEquals(second.link.frames, [{ event: "probe", seen: 1 }]);
  for (const { connection } of [first, second]) connection.close();
});

Deno.test("256 KiB behind what nobody takes is too much; a mailbox that is full is not", () => {
  const { confirmations, connect, open, stuck } = fixture();
  const { connection } = connect();
  confirmations.begin(connection, true);
  const line = "x".repeat(1_023);
  confirmations.took(1, line, false);
  open.first = 2;
  for (let n = 2; n < 1_000; n++) confirmations.took(n, line, true);
  for (let n = 1_000; n < 1_256; n++) confirmations.took(n, line, false);
  assertEquals(stuck(), 0);
  // It goes on with its mailbox: what stands before the next one does not count.
  open.first = 900;
  confirmations.took(1_256, line, true);
  assertEquals(stuck(), 0);
  confirmations.took(1_257, line, false);
  assertEquals(stuck(), 1);
  connection.close();
});

Deno.test("a server that numbers as it likes and answers nothing gets sixteen probes, and the next one for an answer", async () => {
  const { confirmations, connect, clock } = fixture();
  const { link, connection } = connect();
  confirmations.begin(connection, true);
  for (let n = 64; n <= 6_400; n += 64) confirmations.took(n, "{}", false);
  clock.advance(10_000);
  await settle();
  assertEquals([link.frames.length, clock.pending], [16, 0]);
  link.feedFrames({ response: 200 });
  await settle();
  assertEquals(link.frames.slice(16), [{ event: "probe", seen: 6_400 }]);
  connection.close();
});
