// What docs/client.md says of a transcript on a disk that is full, on one that is: a small file system of its own.
import { assertEquals } from "@std/assert";

import { runProgram } from "../support/run_program.ts";

/** Gives the program after it a file system of 64 KiB at a place; nobody else sees that. */
const UNSHARED = 'mount -t tmpfs -o size=64k none "$1"; shift; exec "$@"';

const MODULE = new URL("../../client/transcript/transcript_files.ts", import.meta.url).href;

Deno.test("a full disk is one warning, and with room again what comes begins a line of its own", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-full-" });
  const code = `
    import { TranscriptFiles } from "${MODULE}";
    const warned = [];
    const files = new TranscriptFiles({ dir: () => "${dir}/said", warn: (_, why) => warned.push(why) });
    const say = async (line) => {
      files.add("eve", "bob", line, new Date(2026, 10, 30, 12));
      await files.flush();
    };
    await say("one");
    Deno.writeFileSync("${dir}/filler", new Uint8Array(40_000));
    for (const letter of ["x", "y", "z"]) await say(letter.repeat(30_000));
    Deno.removeSync("${dir}/filler");
    await say("two");
    const text = Deno.readTextFileSync("${dir}/said/eve/bob/2026-11-30.txt");
    const lines = text.split("\\n").map((line) => line.replace(/^([xyz])\\1+$/, "$1…"));
    console.log(JSON.stringify({ lines, warned: warned.map((why) => why.slice(0, 23)) }));`;
  try {
    await Deno.writeTextFile(`${dir}.ts`, code);
    const { stdout, stderr } = await runProgram("unshare", [
      ...["--user", "--map-root-user", "--mount", "sh", "-ec", UNSHARED, "sh", dir],
      ...[
        Deno.execPath(),
        "run",
        "--quiet",
        "--no-check",
        "--no-lock",
        "--allow-read",
        "--allow-write",
      ],
      `${dir}.ts`,
    ]);
    assertEquals(stdout === "" ? stderr : JSON.parse(stdout), {
      lines: ["one", "x…", "two", ""],
      warned: ["No space left on device"],
    });
  } finally {
    await Deno.remove(`${dir}.ts`);
    await Deno.remove(dir, { recursive: true });
  }
});
