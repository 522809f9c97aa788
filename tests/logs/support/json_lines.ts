import { assert } from "@std/assert";

/** Runs a program that turns lines of JSON into lines of JSON. */
export async function jsonLines(
  program: string,
  options: { args: string[]; env?: Record<string, string>; input?: readonly unknown[] },
  // deno-lint-ignore no-explicit-any
): Promise<any[]> {
  const { args, env = {}, input = [] } = options;
  const child = new Deno.Command(program, { args, env, stdin: "piped", stdout: "piped" }).spawn();
  const text = input.map((value) => `${JSON.stringify(value)}\n`).join("");
  const [{ success, stdout }] = await Promise.all([
    child.output(),
    new Blob([text]).stream().pipeTo(child.stdin),
  ]);
  assert(success, `${program} failed, see above`);
  const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}
