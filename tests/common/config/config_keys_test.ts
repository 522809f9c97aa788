import { assertEquals, assertThrows } from "@std/assert";

import { parseConfig } from "../../../common/config/config_file.ts";
import { configFlag, type ConfigSpec } from "../../../common/config/config_keys.ts";
import { UsageError } from "../../../common/errors.ts";
import { SERVER_CONFIG } from "../../../server/flags.ts";

/** With tables: one of keys that are known, one of anybody's. */
const TABLES: ConfigSpec = {
  flag: "--profile",
  keys: {
    name: { kind: "text", value: "NAME", help: "" },
    "pet.kind": { kind: "choice", value: "KIND", choices: ["cat", "dog"], help: "" },
    "pet.time": {
      kind: "text",
      value: "HH:MM",
      isValid: (text) => /^\d\d:\d\d$/.test(text),
      help: "",
    },
  },
  tables: { words: { kind: "text", value: "TEXT", help: "" } },
  refused: { password: "not here" },
  hint: "see 'settings'",
};

Deno.test("a file may have tables, each key of which stands behind the name of the table", () => {
  const text = `pet.kind = "Cat"
[words]
a.b = "c d"
"#x y" = "z"
`;
  assertEquals([...parseConfig(text, "", TABLES)], [
    ["pet.kind", { value: "cat", line: 1 }],
    ["words.a.b", { value: "c d", line: 3 }],
    ["words.#x y", { value: "z", line: 4 }],
  ]);
});

Deno.test("a table that there is not, and one in the place of a value, are named", () => {
  const fault = (text: string): string =>
    assertThrows(() => parseConfig(text, "x", TABLES), UsageError).message;
  assertEquals(fault("\n[pets]"), "x:2: unknown table 'pets', did you mean 'pet'?");
  assertEquals(fault("[zzzzzz]"), "x:1: unknown table 'zzzzzz'; there are pet, words");
  assertEquals(fault("[[pet]]"), "x:1: pet must be a table, [pet], received a list of tables");
  assertEquals(fault("words = 1"), "x:1: words must be a table, [words]");
  assertEquals(fault("pet = { kind = 'cat' }"), "x:1: pet must be a table, [pet]");
  assertEquals(fault("[pet.kind]"), "x:1: unknown table 'pet.kind'; there are pet, words");
  assertEquals(fault("kind = 'cat'"), "x:1: unknown key 'kind', did you mean 'pet.kind'?");
  assertEquals(
    fault("[pet]\nkinds = 'cat'"),
    "x:2: unknown key 'pet.kinds', did you mean 'pet.kind'?",
  );
  assertEquals(fault("zzz = 1"), "x:1: unknown key 'zzz'; see 'settings'");
  assertEquals(fault("PassWord = 'x'"), "x:1: not here");
  assertEquals(fault("[pet]\ntime = '8'"), "x:2: pet.time must be HH:MM, received '8'");
  assertEquals(fault("[words]\nx = 1"), "x:2: words.x must be TEXT in quotes, received '1'");
});

Deno.test("a key is found by its name, in a table of anybody's keys by that of the table", () => {
  const kinds = ["name", "pet.kind", "words.x", "words.", "words", "pet", "nam"].map((key) =>
    configFlag(TABLES, key)?.kind
  );
  assertEquals(kinds, ["text", "choice", "text", undefined, undefined, undefined, undefined]);
  assertEquals(configFlag(SERVER_CONFIG, "port")?.kind, "integer");
  assertEquals(configFlag(SERVER_CONFIG, "config"), undefined);
  assertEquals(configFlag(SERVER_CONFIG, "toString"), undefined);
});
