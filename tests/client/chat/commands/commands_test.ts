import { assertEquals } from "@std/assert";

import { COMMAND_WORDS, COMMANDS, findCommand } from "../../../../client/chat/commands/commands.ts";

Deno.test("every command and alias is a word of its own", () => {
  const words = COMMANDS.flatMap(({ name, russian, aliases }) => [name, russian, ...aliases]);
  assertEquals(words.toSorted(), COMMAND_WORDS.toSorted());
  assertEquals(words.length, new Set(words.map((word) => word.toLowerCase())).size);
});

Deno.test("a command is found by all its words, whatever their case", () => {
  assertEquals(["WHO", "W", "Кто"].map((word) => findCommand(word)?.name), ["who", "who", "who"]);
  assertEquals(["", "whom", "toString"].map(findCommand), [undefined, undefined, undefined]);
  for (const word of COMMAND_WORDS) assertEquals([word, /^\S+$/.test(word)], [word, true]);
});
