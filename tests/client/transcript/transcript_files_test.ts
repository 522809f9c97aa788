import { assertEquals } from "@std/assert";

import { TranscriptFiles } from "../../../client/transcript/transcript_files.ts";

interface Fixture {
  readonly dir: string;
  readonly files: TranscriptFiles;
  /** What was warned of. */
  readonly warned: string[];
  /** All files below the folder with what is in them, sorted. */
  readonly found: () => [string, string][];
}

async function withFiles(test: (fixture: Fixture) => Promise<void>): Promise<void> {
  const base = await Deno.makeTempDir({ prefix: "jim-transcript-" });
  const dir = `${base}/said`;
  const warned: string[] = [];
  const files = new TranscriptFiles({ dir: () => dir, warn: (_, reason) => warned.push(reason) });
  try {
    await test({ dir, files, warned, found: () => filesIn(dir, "").sort() });
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

function filesIn(dir: string, below: string): [string, string][] {
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
    const path = `${dir}/${name}`;
    return isDirectory
      ? filesIn(path, `${below}${name}/`)
      : [[below + name, Deno.readTextFileSync(path)] as [string, string]];
  });
}

const NOON = new Date(2026, 10, 30, 12);

Deno.test("each conversation and each local day has a file of its own, which is only added to", () =>
  withFiles(async ({ dir, files, found, warned }) => {
    files.add("Eve", "#Dev", "one", NOON);
    files.add("eve", "bob", "hi", NOON);
    files.add("eve", "#dev", "two", new Date(2026, 10, 30, 23, 59, 59));
    files.add("eve", "#dev", "three", new Date(2026, 11, 1));
    await files.flush();
    files.add("kim", "#dev", "her own", NOON);
    files.add("eve", "#dev", "four\x1b[2J\nfive", NOON);
    await files.flush();
    assertEquals(found(), [
      ["eve/#dev/2026-11-30.txt", "one\ntwo\nfour\\u{1b}[2J\\nfive\n"],
      ["eve/#dev/2026-12-01.txt", "three\n"],
      ["eve/bob/2026-11-30.txt", "hi\n"],
      ["kim/#dev/2026-11-30.txt", "her own\n"],
    ]);
    const modes = [dir, `${dir}/eve`, `${dir}/eve/bob`, `${dir}/eve/bob/2026-11-30.txt`]
      .map((path) => (Deno.statSync(path).mode! & 0o777).toString(8));
    assertEquals(modes, ["700", "700", "700", "600"]);
    assertEquals(warned, []);
  }));

Deno.test("a folder that is removed is not made again: one warning, and the chat goes on", () =>
  withFiles(async ({ dir, files, warned, found }) => {
    files.add("eve", "bob", "one", NOON);
    await files.flush();
    Deno.removeSync(dir, { recursive: true });
    for (let i = 0; i < 3; i++) {
      files.add("eve", "bob", "lost", NOON);
      await files.flush();
    }
    assertEquals(warned, ["the folder is gone"]);
    Deno.mkdirSync(dir); // the disk is plugged in again
    files.add("eve", "bob", "two", NOON);
    await files.flush();
    assertEquals(found(), [["eve/bob/2026-11-30.txt", "two\n"]]);
    Deno.removeSync(dir, { recursive: true });
    files.add("eve", "bob", "lost", NOON);
    await files.flush();
    assertEquals(warned, ["the folder is gone", "the folder is gone"]);
  }));

Deno.test("a file or a directory in the way is one warning, too", () =>
  withFiles(async ({ dir, files, warned }) => {
    Deno.mkdirSync(`${dir}/eve/bob/2026-11-30.txt`, { recursive: true });
    files.add("eve", "bob", "one", NOON);
    files.add("eve", "kim", "two", NOON);
    await files.flush();
    assertEquals(warned.length, 1);
    assertEquals(Deno.readTextFileSync(`${dir}/eve/kim/2026-11-30.txt`), "two\n");
  }));

Deno.test("a moment of any size has a day", () =>
  withFiles(async ({ files, found }) => {
    for (const ms of [0, 8.64e15, -8.64e15]) files.add("eve", "bob", "x", new Date(ms));
    await files.flush();
    assertEquals(found().length, 3);
  }));

Deno.test("without a folder nothing is written", async () => {
  const warned: string[] = [];
  const files = new TranscriptFiles({ dir: () => undefined, warn: (dir) => warned.push(dir) });
  files.add("eve", "bob", "one", NOON);
  await files.flush();
  assertEquals(warned, []);
});

Deno.test({
  name: "without the permission one warning says so, and nobody is asked for one",
  permissions: { write: false },
  async fn() {
    const warned: string[] = [];
    const files = new TranscriptFiles({ dir: () => "/tmp", warn: (_, why) => warned.push(why) });
    for (let i = 0; i < 3; i++) files.add("eve", `bob${i}`, "one", NOON);
    await files.flush();
    assertEquals(warned, ["writing there is not permitted"]);
  },
});
