import { assertEquals, assertThrows } from "@std/assert";

import { encoderOf } from "../../../logs/handlers/encoding.ts";

/** A character of two bytes in UTF-8, one of three, one beyond U+FFFF, and half a pair. */
const TEXT = "é€😀\ud800";

Deno.test("what an encoding lacks is escaped as Python does it", () => {
  const latin1 = new TextDecoder("latin1");
  assertEquals(latin1.decode(encoderOf("ascii")(TEXT)), String.raw`\xe9\u20ac\U0001f600\ud800`);
  assertEquals(latin1.decode(encoderOf("Latin1")(TEXT)), String.raw`é\u20ac\U0001f600\ud800`);
});

Deno.test("UTF-8 and UTF-16 hold everything but halves of pairs, under both spellings", () => {
  const all = String.raw`é€😀\ud800`;
  for (const name of ["utf-8", "UTF8"]) {
    assertEquals(new TextDecoder("utf-8", { fatal: true }).decode(encoderOf(name)(TEXT)), all);
  }
  for (const name of ["utf-16le", "UTF16LE"]) {
    assertEquals(new TextDecoder("utf-16le", { fatal: true }).decode(encoderOf(name)(TEXT)), all);
  }
});

Deno.test("an unknown encoding is a RangeError that says which there are", () => {
  for (const name of ["utf-7", "", "constructor"]) {
    assertThrows(() => encoderOf(name), RangeError, "must be utf-8, utf-16le, latin1 or ascii");
  }
});
