import { assertEquals } from "@std/assert";

import { Turns } from "../../server/turns.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { settle } from "../support/settle.ts";

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

Deno.test("Turns lets an answer wait for one more turn while it is busy", () => {
  const { turns, endTurn, clock } = makeTurns();
  const log: string[] = [];
  for (let i = 0; i < 16; i++) turns.served();
  turns.schedule(() => log.push("answer"), false);
  turns.schedule(() => log.push("message"), true);
  endTurn();
  assertEquals(log, ["message"]);
  turns.schedule(() => log.push("next message"), true);
  assertEquals(clock.pending, 0, "the turn that has begun will end: no timer is needed");
  endTurn();
  assertEquals(log, ["message", "next message", "answer"]);
});

Deno.test("Turns lets no answer wait for longer than two milliseconds", () => {
  const { turns, endTurn, clock } = makeTurns();
  const log: string[] = [];
  for (let i = 0; i < 16; i++) turns.served();
  turns.schedule(() => log.push("answer"), false);
  endTurn();
  assertEquals(log, []);
  clock.advance(2);
  assertEquals(log, ["answer"]);
  assertEquals(clock.pending, 0);
});

Deno.test("Turns holds nobody while few are busy", () => {
  const { turns, endTurn } = makeTurns();
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < 64; i++) assertEquals(turns.served(), undefined);
    endTurn();
  }
});

Deno.test("Turns holds even a single connection that has much to say, until the others had a turn", async () => {
  const { turns, endTurn, look } = makeTurns();
  let resumed = 0;
  assertEquals(turns.served(8_191), undefined);
  turns.served(8_192)!.then(() => resumed++);
  turns.served(10)!.then(() => resumed++);
  endTurn();
  for (let i = 0; i < 5 && resumed === 0; i++) await look();
  assertEquals(resumed, 2, "the round takes in whoever is served while it goes on");
  assertEquals(turns.served(10), undefined);
});

Deno.test("Turns reads nobody again before all who are ready have been read", async () => {
  const { turns, endTurn, look } = makeTurns();
  let resumed = 0;
  const serve = (count: number): void => {
    for (let i = 0; i < count; i++) turns.served()?.then(() => resumed++);
    endTurn();
  };
  serve(128);
  for (let i = 0; i < 5; i++) {
    await look();
    serve(128);
  }
  await look();
  await look();
  assertEquals(resumed, 0, "as long as there are lines, the round goes on");
  await look();
  assertEquals(resumed, 128 * 6 - 64);
  assertEquals(turns.served(), undefined, "a new round");
});
