import { assertEquals, assertRejects } from "@std/assert";

import { Posting } from "../../../server/delivery/posting.ts";
import { settle } from "../../support/settle.ts";

Deno.test("Posting: who comes later waits until all letters to that addressee are on disk", async () => {
  const posting = new Posting();
  assertEquals(posting.to("bob"), undefined);
  const [first, second] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const results = [posting.during("bob", first.promise), posting.during("bob", second.promise)];
  let isDone = false;
  posting.to("bob")!.then(() => isDone = true);
  assertEquals(posting.to("eve"), undefined);
  second.resolve(2);
  await settle();
  assertEquals(isDone, false);
  first.resolve(1);
  assertEquals(await Promise.all(results), [1, 2]);
  await settle();
  assertEquals([isDone, posting.to("bob")], [true, undefined]);
});

Deno.test("Posting: a letter that fails is not under way any more", async () => {
  const posting = new Posting();
  const failing = posting.during("bob", Promise.reject(new Error("disk full")));
  await assertRejects(() => failing, Error, "disk full");
  assertEquals(posting.to("bob"), undefined);
});
