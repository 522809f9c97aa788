import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../../", import.meta.url);

/** Runs the benchmark as its task does, but says nothing of packages that are still to be downloaded. */
export async function bench(
  ...flags: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const [program, verb, ...args] = (tasks.bench as string).split(" ");
  assertEquals([program, verb], ["deno", "run"]);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...args, ...flags],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs the benchmark and checks that it ends with a status and one line. */
export async function assertFails(flags: string[], wanted: number, says: string): Promise<void> {
  const { code, stderr } = await bench(...flags);
  assertEquals([code, stderr.includes("\n    at ")], [wanted, false], stderr);
  const said = stderr.trim().split("\n").at(-1)!;
  assertStringIncludes(said, says);
  assert(said.length < 200, said);
}
