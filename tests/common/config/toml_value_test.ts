import { assertEquals } from "@std/assert";
import { parseTOML } from "toml-eslint-parser";

import { tomlValue } from "../../../common/config/toml_value.ts";
import { printable } from "../../../common/printable.ts";

Deno.test("what a value becomes is that value again, in one line without controls", () => {
  const values = [
    ...["", "plain", 'a "b" \\ c', "line\nbreak\t\x1b[2J\x7f\x9b", "Привет 🙂", "\u202ereversed"],
    ...["tag \u{e0041}\\udb40\\udc41", "\\\\u{d}", true, 12],
  ];
  for (const value of values) {
    const text = tomlValue(value);
    assertEquals(printable(text), text);
    const [entry] = parseTOML(`x = ${text}`, { tomlVersion: "1.0" }).body[0].body;
    assertEquals(
      entry?.type === "TOMLKeyValue" && "value" in entry.value && entry.value.value,
      value,
    );
  }
});

Deno.test("half a surrogate pair is not written", () => {
  assertEquals(tomlValue("a\ud800"), '"a\ufffd"');
});
