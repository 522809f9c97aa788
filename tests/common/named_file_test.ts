import { assertEquals, assertThrows } from "@std/assert";

import { StartError, UsageError } from "../../common/errors.ts";
import { readNamedFile } from "../../common/named_file.ts";

function refused(path: string): string {
  return assertThrows(() => readNamedFile("--key", path, StartError), StartError).message;
}

Deno.test("a file is read whole, up to 1 MiB", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = `${dir}/key`;
    await Deno.writeTextFile(path, "#".repeat(1_048_576));
    assertEquals(readNamedFile("--key", path, StartError).length, 1_048_576);
    await Deno.writeTextFile(path, "#".repeat(1_048_577));
    assertEquals(refused(path), `--key: ${path} must be a text of at most 1 MiB`);
    assertThrows(() => readNamedFile("--key", path, UsageError), UsageError);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("what is no file is not opened, and named in one harmless line", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const pipe = `${dir}/pipe`;
    assertEquals((await new Deno.Command("mkfifo", { args: [pipe] }).output()).code, 0);
    assertEquals(refused(pipe), `--key: cannot read ${pipe}: it is no regular file`);
    assertEquals(refused("/dev/zero"), "--key: cannot read /dev/zero: it is no regular file");
    assertEquals(refused(dir), `--key: cannot read ${dir}: it is a directory`);
    assertEquals(
      refused(`${dir}/\x1b[1m\n`),
      `--key: cannot read ${dir}/\\u{1b}[1m\\n: there is no such file`,
    );
    assertEquals(
      refused("x".repeat(5_000)),
      `--key: cannot read ${"x".repeat(300)}…: File name too long`,
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
