import { assertEquals } from "@std/assert";

import { inOrder, Missed } from "../../../client/chat/missed.ts";
import type { Delivery } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const MESSAGE: Delivery = { event: "msg", time: 1, to: "eve", from: "bob", message: "hi" };

Deno.test("what is missed gathers until no more comes, or until something else is shown", () => {
  const clock = new FakeClock();
  const blocks: number[] = [];
  const missed = new Missed({ clock, show: (messages) => blocks.push(messages.length) });
  for (let i = 0; i < 3; i++) {
    missed.add(MESSAGE);
    clock.advance(200);
  }
  assertEquals(blocks, []);
  clock.advance(100);
  assertEquals(blocks, [3]);
  missed.add(MESSAGE);
  missed.flush();
  missed.flush();
  assertEquals([blocks, clock.pending], [[3, 1], 0]);
});

Deno.test("a thousand are not waited for", () => {
  const clock = new FakeClock();
  const blocks: number[] = [];
  const missed = new Missed({ clock, show: (messages) => blocks.push(messages.length) });
  for (let i = 0; i < 2_500; i++) missed.add(MESSAGE);
  assertEquals(blocks, [1_000, 1_000]);
  clock.advance(300);
  assertEquals(blocks, [1_000, 1_000, 500]);
});

Deno.test("what was begun is shown, even if nothing comes", () => {
  const clock = new FakeClock();
  const blocks: number[] = [];
  const missed = new Missed({ clock, show: (messages) => blocks.push(messages.length) });
  missed.begin();
  clock.advance(299);
  missed.add(MESSAGE);
  clock.advance(300);
  missed.begin();
  clock.advance(300);
  assertEquals([blocks, clock.pending], [[1, 0], 0]);
});

Deno.test("conversations are put together by time, and none is put out of its order", () => {
  const said = (to: string, time: number, message: string): Delivery => {
    return { ...MESSAGE, to, time, message };
  };
  const sorted = inOrder([
    said("#dev", 5, "c"),
    said("#DEV", 3, "d"), // the server's clock went back
    said("#tea", 1, "a"),
    said("#tea", 4, "b"),
    said("#tea", 5, "e"),
    said("#dev", 6, "f"),
  ], ({ to }) => to);
  assertEquals(sorted.map(({ message }) => message).join(""), "abcdef");
});
