import { assertEquals } from "@std/assert";

import { ReadMarks } from "../../../client/chat/read_marks.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function start(
  { isRead = true, areKept = true } = {},
): { marks: ReadMarks; clock: FakeClock; told: [string, number][] } {
  const clock = new FakeClock();
  const told: [string, number][] = [];
  const mark = (name: string, seq: number): Promise<void> => {
    told.push([name, seq]);
    return name === "#gone" ? Promise.reject(new Error("no such room")) : Promise.resolve();
  };
  const marks = new ReadMarks({ isRead, mark, clock });
  marks.areKept = areKept;
  return { marks, clock, told };
}

Deno.test("many messages are one mark, after two seconds or at once if that is wanted", () => {
  const { marks, clock, told } = start();
  for (let seq = 1; seq <= 100; seq++) marks.read("bob", seq);
  marks.read("#dev", 7);
  clock.advance(1_999);
  assertEquals(told, []);
  clock.advance(1);
  assertEquals(told.splice(0), [["bob", 100], ["#dev", 7]]);
  marks.read("Bob", 101);
  marks.flush();
  assertEquals([told, clock.pending], [[["Bob", 101]], 0]);
});

Deno.test("what the server knows is not told again, nor does a mark move back", () => {
  const { marks, clock, told } = start();
  marks.learned("bob", 10);
  for (const seq of [9, 10]) marks.read("BOB", seq);
  marks.read("bob", 12);
  marks.read("bob", 11);
  clock.advance(2_000);
  marks.learned("bob", 5);
  marks.read("bob", 12);
  marks.flush();
  assertEquals(told, [["bob", 12]]);
  marks.forget("bob");
  marks.read("bob", 1);
  marks.flush();
  assertEquals(told.at(-1), ["bob", 1], "a room of that name that was made anew");
});

Deno.test("a refused mark is nobody's business", async () => {
  const { marks, told } = start();
  marks.read("#gone", 1);
  marks.flush();
  await Promise.resolve();
  assertEquals(told, [["#gone", 1]]);
});

Deno.test("where no marks are kept, or nobody reads, nothing is told", () => {
  for (const options of [{ areKept: false }, { isRead: false }]) {
    const { marks, clock, told } = start(options);
    marks.read("bob", 1);
    marks.flush();
    assertEquals([told, clock.pending], [[], 0]);
  }
});

Deno.test("when the chat ends no timer stays", () => {
  const { marks, clock } = start();
  marks.read("bob", 1);
  marks.stop();
  assertEquals(clock.pending, 0);
});
