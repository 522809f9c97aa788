import { assert, assertEquals } from "@std/assert";

import { LineQueue } from "../../logs/line_queue.ts";

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
