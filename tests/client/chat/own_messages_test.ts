import { assertEquals } from "@std/assert";

import { OwnMessages } from "../../../client/chat/own_messages.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("an answer is late after half a second, which is told once per message", () => {
  const clock = new FakeClock();
  let told = 0;
  const own = new OwnMessages(clock, () => told++);
  own.add("a", { to: "bob", text: "one" });
  clock.advance(300);
  own.add("b", { to: "bob", text: "two" });
  clock.advance(199);
  assertEquals([own.count("all"), own.count("late"), told], [2, 0, 0]);
  clock.advance(1);
  assertEquals([own.count("late"), told], [1, 1]);
  clock.advance(10_000);
  assertEquals([own.count("late"), told], [2, 2]);
});

Deno.test("what is settled waits no more and is never late", async () => {
  const clock = new FakeClock();
  const own = new OwnMessages(clock, () => {
    throw new Error("late");
  });
  const settled = own.add("a", { to: "bob", text: "one" });
  own.settle("a");
  own.settle("a");
  await settled;
  clock.advance(1_000);
  assertEquals([own.count("all"), clock.pending], [0, 0]);
});

Deno.test("at the end what had no answer is given back, oldest first", async () => {
  const clock = new FakeClock();
  const own = new OwnMessages(clock, () => {});
  const first = own.add("a", { to: "bob", text: "one" });
  own.add("b", { to: "#dev", text: "two" });
  own.add("c", { to: "bob", text: "three" });
  own.settle("b");
  assertEquals(own.abandon(), [{ to: "bob", text: "one" }, { to: "bob", text: "three" }]);
  await first;
  assertEquals([own.abandon(), clock.pending], [[], 0]);
});

Deno.test("who waits for the answers to a name gets the last message that was taken", async () => {
  const own = new OwnMessages(new FakeClock(), () => {});
  for (const id of ["a", "b", "c"]) own.add(id, { to: "bob", text: id });
  own.add("d", { to: "#dev", text: "d" });
  const answered = own.answered("BOB");
  own.add("e", { to: "bob", text: "e" });
  own.settle("a", { seq: 1 });
  own.settle("c");
  own.settle("b", { seq: 2 });
  assertEquals(await answered, { seq: 2 });
  assertEquals(await own.answered("zoe"), undefined);
  own.abandon();
});
