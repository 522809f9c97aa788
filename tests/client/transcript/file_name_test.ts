import { assert, assertEquals, assertNotEquals } from "@std/assert";

import { fileNameOf } from "../../../client/transcript/file_name.ts";

Deno.test("names that a file can have stay, in one spelling", () => {
  assertEquals(["#Dev", "bob", "Ева", "ＥＶＥ", "a.b-c_d", "日本"].map(fileNameOf), [
    ...["#dev", "bob", "ева", "eve", "a.b-c_d", "日本"],
  ]);
});

Deno.test("no name leads out of the folder, is a device, hidden, or too long", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const names = [
      ...["../../x", "..", ".", "", "/etc/passwd", "a/b", "a\\b", "C:x", "a\0b", "a\nb", '*?"<>|'],
      ...[
        "CON",
        "con.txt",
        "nul",
        "COM1",
        "lpt9.a",
        "x.",
        ".hidden",
        "🙂".repeat(64),
        "я".repeat(200),
      ],
      ...["\u202ecod", "\ud800", "-rf", "a b", "~"],
    ];
    const files = names.map(fileNameOf);
    for (const [i, file] of files.entries()) {
      assert(!/[/\\:*?"<>|\p{Cc}\s]/u.test(file), names[i]);
      assert(new TextEncoder().encode(file).length <= 130, file);
      await Deno.mkdir(`${dir}/${file}`); // fails if there is one already
      await Deno.writeTextFile(`${dir}/${file}/2026-01-01.txt`, "");
    }
    assertEquals([...Deno.readDirSync(dir)].length, names.length);
    assert(
      !files.some((file) => /^(?:con|nul|com1|lpt9)(?:\.|$)/.test(file) || file.startsWith(".")),
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("names that differ are different files", () => {
  assertNotEquals(fileNameOf("a/b"), fileNameOf("a_b"));
  assertNotEquals(fileNameOf("a/b"), fileNameOf("a:b"));
  assertNotEquals(fileNameOf("🙂".repeat(64)), fileNameOf("🙃".repeat(64)));
});
