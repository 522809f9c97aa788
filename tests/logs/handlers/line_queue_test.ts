import { assert, assertEquals } from "@std/assert";

import { LineQueue } from "../../../logs/handlers/line_queue.ts";

Deno.test("LineQueue forgets what was taken whole", () => {
  const queue = new LineQueue(12);
  assert(queue.add("abc"));
  assert(queue.add("é")); // two bytes
  assert(!queue.add("defgh"));
  assert(queue.add("defg"));
  const text = (): string => new TextDecoder().decode(queue.next(100));
  assertEquals(text(), "abc\né\ndefg\n");
  assertEquals(queue.next(1).length, 4);
  queue.take(5);
  assertEquals(queue.length, 2);
  assertEquals(queue.next(100).length, 7);
  queue.rewind();
  assertEquals(text(), "é\ndefg\n");
  queue.take(8);
  assertEquals([queue.length, text()], [0, ""]);
  assert(queue.add("0123456789a"));
  assertEquals(queue.clear(), 1);
  assert(queue.add("0123456789a"));
});

Deno.test("LineQueue counts bytes, and frees them line by line", () => {
  const queue = new LineQueue(8);
  assert(queue.add("ж")); // 3 bytes with its end
  assert(queue.add("abcd")); // 5
  assert(!queue.add(""));
  assertEquals(queue.length, 2);
  queue.take(2);
  assert(!queue.add(""), "a line that is taken in part still has its room");
  queue.take(1);
  assert(queue.add("12"));
  assertEquals(new TextDecoder().decode(queue.next(100)), "abcd\n12\n");
});

Deno.test("LineQueue gives at least one line, and a new connection the whole of a line that was cut", () => {
  const queue = new LineQueue(100);
  for (const line of ["first", "second", "third"]) queue.add(line);
  const next = (maxBytes: number): string => new TextDecoder().decode(queue.next(maxBytes));
  assertEquals(next(1), "first\n");
  assertEquals(next(7), "first\nsecond\n");
  queue.take(8);
  assertEquals(next(1), "cond\n");
  queue.rewind();
  assertEquals(next(1), "second\n");
  assertEquals(queue.clear(), 2);
  assertEquals([next(100), queue.length], ["", 0]);
});
