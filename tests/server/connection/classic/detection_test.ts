import { assertEquals, assertRejects } from "@std/assert";

import {
  detectFraming,
  type Framing,
  lineEndAt,
} from "../../../../server/connection/classic/detection.ts";
import { Intake } from "../../../../server/connection/classic/intake.ts";
import { byteSource } from "../../../support/byte_source.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { FakeConn } from "../../../support/fake_conn.ts";
import { settle } from "../../../support/settle.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const PRESENCE = '{"action":"presence","user":{"account_name":"eve"}}';

/** A connection whose framing is being found out. */
function open(maxLine = 1_000) {
  const [conn, clock] = [new FakeConn(), new FakeClock()];
  const intake = new Intake(conn);
  let framing: Framing | undefined;
  const done = detectFraming(intake, { clock, maxLine }).then((it) => framing = it);
  return { conn, clock, intake, done, framing: () => framing };
}

Deno.test("detectFraming: what the first bytes tell at once", async () => {
  for (
    const [text, expected] of [
      [`${PRESENCE}\n`, "lines"],
      [`${PRESENCE}\r\n`, "lines"],
      [`${PRESENCE} \n`, "lines"],
      [`\r\n \n${PRESENCE}\n`, "lines"],
      [`${PRESENCE}{`, "objects"],
      [`${PRESENCE}{"action":"quit"}\n`, "objects"],
      [`${PRESENCE}  \t{"action"`, "objects"],
      [`\n${PRESENCE}{`, "objects"],
      [`${PRESENCE}x`, "lines"],
      [`${PRESENCE}}`, "lines"],
      ['{"event":"probe"}', "lines"],
      ['{"event":"probe"}{', "lines"],
      ['{"event":"probe","action":"probe"}{', "lines"],
      ['{"action" "probe"}{', "lines"],
      ['{"user":{"action":"probe"}}{', "lines"],
      ["{}", "lines"],
      ["x", "lines"],
      ["[", "lines"],
      ["\uFEFF{", "lines"],
      ['{"action":\n', "lines"],
      ['{"action":"\n', "lines"],
    ] as const
  ) {
    const { conn, done, clock } = open();
    conn.feed(text);
    assertEquals(await done, expected, text);
    assertEquals(clock.pending, 0, text);
    for (let cut = 1; cut < encode(text).length; cut++) {
      const { conn, done, clock } = open();
      conn.feed(encode(text).subarray(0, cut));
      await settle();
      conn.feed(encode(text).subarray(cut));
      assertEquals(await done, expected, `${text} cut at ${cut}`);
      assertEquals(clock.pending, 0, text);
    }
  }
});

Deno.test("detectFraming: an action with nothing behind it for a fifth of a second", async () => {
  const { conn, clock, framing, done, intake } = open();
  conn.feed(PRESENCE);
  await settle();
  clock.advance(199);
  await settle();
  assertEquals(framing(), undefined);
  clock.advance(1);
  assertEquals(await done, "objects");
  // The read that is under way goes on.
  conn.feed('{"action":"quit"}');
  assertEquals(await intake.more(), true);
  assertEquals(new TextDecoder().decode(intake.bytes), `${PRESENCE}{"action":"quit"}`);
});

Deno.test("detectFraming: an indented object that comes at once", async () => {
  const indented = JSON.stringify(JSON.parse(PRESENCE), null, 4);
  const { conn, clock, framing, done } = open();
  conn.feed(indented);
  await settle();
  assertEquals(framing(), undefined);
  clock.advance(200);
  assertEquals(await done, "objects");
  for (
    const [text, expected] of [
      [`${indented}{`, "objects"],
      [`${indented}\n`, "lines"],
      ['{\n"event":"probe"\n}', "lines"],
      ['{"action":"\n"}', "lines"],
      ['{"action":"probe"\n{"action":"probe"}\n', "lines"],
    ] as const
  ) {
    const { conn, done, clock } = open();
    conn.feed(text);
    assertEquals(await done, expected, text);
    assertEquals(clock.pending, 0, text);
  }
});

Deno.test("detectFraming: white space neither decides nor prolongs it", async () => {
  const { conn, clock, framing, done } = open();
  conn.feed(PRESENCE);
  for (let i = 0; i < 4; i++) {
    await settle();
    clock.advance(49);
    conn.feed(" \r");
  }
  await settle();
  assertEquals(framing(), undefined);
  clock.advance(4);
  assertEquals(await done, "objects");
});

Deno.test("detectFraming: a newline just in time", async () => {
  for (const newline of ["\n", "\r\n"]) {
    const { conn, clock, done } = open();
    conn.feed(PRESENCE);
    await settle();
    clock.advance(199);
    conn.feed(newline);
    assertEquals(await done, "lines");
    assertEquals(clock.pending, 0);
  }
});

Deno.test("detectFraming: the end of input is the end of a line", async () => {
  for (const text of ["", "{", PRESENCE, " "]) {
    const { conn, done, clock } = open();
    conn.feed(text);
    conn.end();
    assertEquals(await done, "lines", text);
    assertEquals(clock.pending, 0);
  }
});

Deno.test("detectFraming: what is longer than a line is one", async () => {
  const { conn, done } = open(100);
  conn.feed(`{"action":"${"x".repeat(90)}`);
  assertEquals(await done, "lines");
  const padded = open(100);
  padded.conn.feed(PRESENCE + " ".repeat(100));
  assertEquals(await padded.done, "lines");
  const followed = open(100);
  followed.conn.feed(`${PRESENCE}{"action":"${"x".repeat(90)}`);
  assertEquals(await followed.done, "objects");
});

Deno.test("detectFraming: a failed read before the end of the first object", async () => {
  const intake = new Intake(byteSource([encode('{"action"')], new Error("reset")));
  await assertRejects(() => detectFraming(intake, { clock: new FakeClock(), maxLine: 100 }));
});

Deno.test("lineEndAt", () => {
  const at = (text: string) => lineEndAt(encode(text), 1);
  assertEquals(["}\n", "}\r\n", "}\r", "}", "} \n", "}{", "}\r\r"].map(at), [
    1,
    2,
    undefined,
    undefined,
    0,
    0,
    0,
  ]);
});
