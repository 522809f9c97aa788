import { assertEquals } from "@std/assert";

import { notification } from "../../../client/terminal/notification.ts";

Deno.test("what others wrote neither ends the sequence nor begins another one", () => {
  const text = "a\x07b\x1b\\c\x9cd\n\u202ee";
  assertEquals(notification("osc9", text), "\x1b]9;a b \\c d e\x07");
  assertEquals(notification("osc777", text), "\x1b]777;notify;JIM;a b \\c d e\x07");
});

Deno.test("no text is taken for another request of the same number", () => {
  assertEquals(notification("osc9", "4;1;50"), "\x1b]9;4,1;50\x07");
  assertEquals(notification("osc777", "a;b"), "\x1b]777;notify;JIM;a,b\x07");
});

Deno.test("tmux gets it wrapped, each escape twice", () => {
  assertEquals(notification("osc9", "hi", true), "\x1bPtmux;\x1b\x1b]9;hi\x07\x1b\\");
});
