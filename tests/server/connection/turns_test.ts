import { assertEquals } from "@std/assert";

import { Turns } from "../../../server/connection/turns.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";

/** Turns whose ends and looks at the sockets are in the test's hands. */
function makeTurns(): {
  turns: Turns;
  clock: FakeClock;
  endTurn: () => void;
  look: () => Promise<void>;
} {
  const clock = new FakeClock();
  const ends: (() => void)[] = [];
  const looks: (() => void)[] = [];
  const turns = new Turns({
    clock,
    afterReady: (callback) => ends.push(callback),
    nextLook: () => new Promise<void>((resolve) => looks.push(resolve)),
  });
  return {
    turns,
    clock,
    endTurn: () => ends.splice(0).forEach((end) => end()),
    look: async () => {
      looks.splice(0).forEach((look) => look());
      await settle();
    },
  };
}

Deno.test("Turns flushes at the end of the turn, what is urgent first", () => {
  const { turns, endTurn } = makeTurns();
  const log: string[] = [];
  turns.schedule(() => log.push("answer"), false);
  turns.schedule(() => log.push("message"), true);
  assertEquals(log, []);
  endTurn();
  assertEquals(log, ["message", "answer"]);
  endTurn();
  assertEquals(log.length, 2);
});

Deno.test("Turns says that a turn is over when all is flushed, and only then", () => {
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const turns = new Turns({
    clock: new FakeClock(),
    afterReady: (callback) => ends.push(callback),
    onEnd: () => log.push("end"),
  });
  turns.schedule(() => log.push("answer"), false);
  turns.schedule(() => log.push("message"), true);
  ends.splice(0).forEach((end) => end());
  assertEquals([log, ends.length], [["message", "answer", "end"], 0]);
  turns[Symbol.dispose]();
});

Deno.test("Turns lets answers wait while many are busy, no longer than eighty milliseconds", async () => {
  const { turns, endTurn, look, clock } = makeTurns();
  const log: string[] = [];
  const busyTurn = async (): Promise<void> => {
    await look();
    for (let i = 0; i < 16; i++) turns.served();
    endTurn();
  };
  turns.schedule(() => log.push("answer"), false);
  turns.schedule(() => log.push("message"), true);
  await busyTurn();
  assertEquals(log, ["message"]);
  clock.advance(40);
  turns.schedule(() => log.push("next answer"), false);
  clock.advance(39);
  await busyTurn();
  assertEquals(log, ["message"]);
  clock.advance(1);
  await busyTurn();
  assertEquals(log, ["message", "answer"]);
  clock.advance(40);
  await busyTurn();
  assertEquals(log, ["message", "answer", "next answer"]);
  assertEquals(clock.pending, 0, "no timer is needed: while something waits, there is a next look");
});

Deno.test("Turns lets no answer wait for longer because there are ever more messages", async () => {
  const { turns, endTurn, look, clock } = makeTurns();
  const log: string[] = [];
  turns.schedule(() => log.push("answer"), false);
  for (let turn = 0; turn < 5; turn++) {
    for (let i = 0; i < 1_000; i++) turns.schedule(() => log.push("message"), true);
    clock.advance(20);
    endTurn();
    assertEquals(log.length, 256 * (turn + 1));
    assertEquals(log.includes("answer"), turn >= 3);
    await look();
  }
});

Deno.test("Turns lets no message wait because many answers are due", () => {
  const { turns, endTurn } = makeTurns();
  const log: string[] = [];
  for (let i = 0; i < 1_000; i++) turns.schedule(() => log.push("answer"), false);
  for (let i = 0; i < 15; i++) turns.schedule(() => log.push("message"), true);
  endTurn();
  const expected = [...new Array(15).fill("message"), ...new Array(256 - 15).fill("answer")];
  assertEquals(log, expected);
});

Deno.test("Turns lets no answer wait once there is little to do", async () => {
  const { turns, endTurn, look } = makeTurns();
  let answers = 0;
  const serve = (count: number): number => {
    const before = answers;
    for (let i = 0; i < count; i++) turns.served();
    endTurn();
    return answers - before;
  };
  for (let i = 0; i < 600; i++) turns.schedule(() => answers++, false);
  assertEquals(serve(16), 0);
  await look();
  assertEquals(serve(15), 256, "as many as one look is good for");
  await look();
  assertEquals(serve(16), 256, "those that may go go, whatever comes meanwhile");
  await look();
  turns.schedule(() => answers++, false);
  assertEquals(serve(16), 600 - 2 * 256, "but not what is newer");
  await look();
  assertEquals(serve(0), 1);
});

Deno.test("Turns writes no more at once than one look at the sockets is good for", async () => {
  const { turns, endTurn, look } = makeTurns();
  const written: number[] = [];
  for (let i = 0; i < 1_000; i++) turns.schedule(() => written.push(i), true);
  const counts: number[] = [];
  for (let before = 0; written.length < 1_000; before = written.length) {
    endTurn();
    counts.push(written.length - before);
    await look();
  }
  endTurn();
  assertEquals(counts, [256, 256, 256, 232]);
  assertEquals(written, Array.from({ length: 1_000 }, (_, i) => i), "in order");
});

Deno.test("Turns holds nobody who has little to say, however many are busy", () => {
  const { turns, endTurn } = makeTurns();
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < 1_000; i++) assertEquals(turns.served(8_191), undefined);
    endTurn();
  }
});

Deno.test("Turns reads nobody again who has much to say before all who are ready have been read", async () => {
  const { turns, endTurn, look } = makeTurns();
  const resumed: string[] = [];
  turns.served(8_192)!.then(() => resumed.push("first"));
  turns.others().then(() => resumed.push("second"));
  endTurn();
  await look();
  assertEquals(resumed, ["first", "second"]);
  turns.served(8_192)!.then(() => resumed.push("again"));
  await settle();
  assertEquals(resumed.length, 2, "there was no look in between");
  endTurn();
  await look();
  assertEquals(resumed, ["first", "second", "again"]);
});

Deno.test("Turns asks the clock once a turn", () => {
  const { turns, endTurn, clock } = makeTurns();
  const [ms, seconds] = [turns.nowMs, turns.nowSeconds];
  clock.advance(5_000);
  assertEquals([turns.nowMs, turns.nowSeconds], [ms, seconds]);
  endTurn();
  assertEquals([turns.nowMs, turns.nowSeconds], [ms + 5_000, seconds + 5]);
});

Deno.test("Turns reports a write that fails at once and goes on with the others", () => {
  const { turns, endTurn } = makeTurns();
  const reported: unknown[] = [];
  const report = (event: ErrorEvent): void => {
    event.preventDefault();
    reported.push(event.error);
  };
  globalThis.addEventListener("error", report);
  try {
    const log: string[] = [];
    const fault = new Error("the connection is gone");
    turns.schedule(() => {
      throw fault;
    }, true);
    turns.schedule(() => log.push("message"), true);
    turns.schedule(() => log.push("answer"), false);
    endTurn();
    assertEquals([log, reported], [["message", "answer"], [fault]]);
    turns.schedule(() => log.push("next"), true);
    endTurn();
    assertEquals(log.at(-1), "next");
  } finally {
    globalThis.removeEventListener("error", report);
  }
});

Deno.test("Turns says that long answers were given, until the turn is over", () => {
  const { turns, endTurn } = makeTurns();
  turns.worked(65_535);
  assertEquals(turns.hasWorked, false);
  turns.worked(1);
  assertEquals(turns.hasWorked, true);
  endTurn();
  assertEquals(turns.hasWorked, false);
});
