import { assertEquals, assertRejects } from "@std/assert";

import { Lanes } from "../../../server/delivery/lanes.ts";
import { settle } from "../../support/settle.ts";

Deno.test("Lanes: what goes behind waits for all letters before it, to that addressee only", async () => {
  const lanes = new Lanes();
  assertEquals(lanes.stateOf("bob"), "free");
  const [first, second] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const results = [
    lanes.beside("bob", "letters", first.promise),
    lanes.beside("BOB", "letters", second.promise),
  ];
  assertEquals([lanes.stateOf("Bob"), lanes.stateOf("eve")], ["letters", "free"]);
  const done: number[] = [];
  const third = lanes.behind("bob", () => done.push(3));
  assertEquals(lanes.stateOf("bob"), "waiters");
  second.resolve(2);
  await settle();
  assertEquals(done, []);
  first.resolve(1);
  assertEquals(await Promise.all([...results, third]), [1, 2, 1]);
  await settle();
  assertEquals([done, lanes.stateOf("bob")], [[3], "free"]);
});

Deno.test("Lanes: who waits holds up all that come later, letters included", async () => {
  const lanes = new Lanes();
  const letter = Promise.withResolvers<void>();
  lanes.beside("bob", "letters", letter.promise);
  const order: string[] = [];
  const second = Promise.withResolvers<void>();
  const waiting = [
    lanes.behind("bob", async () => {
      order.push("second begins");
      await second.promise;
      order.push("second ends");
    }),
    lanes.behind("bob", () => order.push("third")),
  ];
  letter.resolve();
  await settle();
  assertEquals(order, ["second begins"]);
  second.resolve();
  await Promise.all(waiting);
  assertEquals(order, ["second begins", "second ends", "third"]);
});

Deno.test("Lanes: what fails is through, and says so to its own caller alone", async () => {
  const lanes = new Lanes();
  const failing = lanes.beside("bob", "letters", Promise.reject(new Error("disk full")));
  const behind = lanes.behind("bob", () => "delivered");
  await assertRejects(() => failing, Error, "disk full");
  assertEquals(await behind, "delivered");
  assertEquals(lanes.stateOf("bob"), "free");
});
