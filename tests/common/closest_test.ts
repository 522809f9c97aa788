import { assertEquals } from "@std/assert";

import { closest } from "../../common/closest.ts";

Deno.test("the closest word is one that may have been meant", () => {
  const words = ["join", "leave", "message", "exit", "m", "сообщение"];
  const meant = ["jion", "joni", "leav", "mesage", "exti", "сообщеине", "xyzzy", "hi", ""];
  assertEquals(meant.map((word) => closest(word, words)), [
    "join",
    "join",
    "leave",
    "message",
    "exit",
    "сообщение",
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("a third of the letters may be wrong, and the nearest word wins", () => {
  assertEquals(closest("regsiter", ["register", "registers"]), "register");
  assertEquals(closest("rexxster", ["register"]), "register");
  assertEquals(closest("rexxxter", ["register"]), undefined);
  assertEquals([closest("wh", ["who"]), closest("who", ["wh"])], [undefined, undefined]);
});
