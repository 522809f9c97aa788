import { assertEquals } from "@std/assert";

import { Interrupts } from "../../common/interrupts.ts";
import { settle } from "../support/settle.ts";

Deno.test("what comes within half a second is one wish, what comes later a second one", async () => {
  let now = 1_000;
  const wishes: string[] = [];
  const interrupts = new Interrupts(() => now);
  interrupts.first.then(() => wishes.push("in order"));
  interrupts.second.then(() => wishes.push("at once"));

  interrupts.request();
  now += 499;
  interrupts.request();
  await settle();
  assertEquals(wishes, ["in order"]);

  now += 1;
  interrupts.request();
  await settle();
  assertEquals(wishes, ["in order", "at once"]);
});
