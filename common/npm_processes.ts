/**
 * Who is above a task that `npx` or `npm run` has started.
 *
 * @module
 */

import { environment } from "./environment.ts";

/**
 * The processes of npm above a task: its shell and, if that waits, npm itself. None for a task that npm has not
 * started, and where the variable `npm_lifecycle_event` may not be read or `ps` cannot be run.
 *
 * npm hands SIGTERM only to that shell; both leave the task running when they die.
 *
 * @param task The id of `deno task`.
 */
export async function npmProcesses(task: number): Promise<number[]> {
  if (await environment("npm_lifecycle_event") === undefined) return [];
  const { state } = await Deno.permissions.query({ name: "run", command: "ps" });
  if (state !== "granted") return [];
  const shell = Number(await ps("ppid=", task));
  if (!(shell > 1)) return [];
  // Some shells replace themselves by what they run; then this is npm, and its own parent no concern of ours.
  if (!/^\S*sh -c /.test(await ps("args=", shell) ?? "")) return [shell];
  const npm = Number(await ps("ppid=", shell));
  return npm > 1 ? [shell, npm] : [shell];
}

/** What `ps` says of a process, or `undefined` where it cannot be run. */
async function ps(column: string, pid: number): Promise<string | undefined> {
  try {
    const args = ["-o", column, "-p", String(pid)];
    const { stdout } = await new Deno.Command("ps", { args, stdin: "null", stderr: "null" })
      .output();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return undefined;
  }
}
