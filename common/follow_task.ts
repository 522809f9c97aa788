/**
 * A program that `deno task` has started ends with its task, however that ends.
 *
 * @module
 */

import { environment } from "./environment.ts";
import type { Interrupts } from "./interrupts.ts";

/** How often to look whether the task is still there. */
const POLL_MS = 500;

/**
 * Asks the program to end, once, within about a second of its task being killed.
 *
 * `deno task` hands signals on, but nobody can hand on SIGKILL; the program then gets a new parent. Under `npx` the
 * task has a shell and npm above it, which die of SIGTERM and leave the task running: where `ps` may be run, their end
 * counts as the task's.
 *
 * Without a task (`INIT_CWD` is not set, or may not be read) nothing is followed: the parent may be a shell that
 * somebody leaves on purpose.
 */
export async function followTask(interrupts: Interrupts): Promise<void> {
  if (await environment("INIT_CWD") === undefined) return;
  const task = Deno.ppid;
  const above = await npmAbove(task);
  const poll = async (): Promise<void> => {
    const isGone = Deno.ppid !== task || await above.hasChanged();
    if (isGone) interrupts.request();
    else schedule();
  };
  const schedule = (): void => Deno.unrefTimer(setTimeout(poll, POLL_MS));
  schedule();
}

/** The processes of `npx` or `npm run` above a task; of one that npm has not started there are none. */
async function npmAbove(task: number): Promise<{ hasChanged(): Promise<boolean> }> {
  const none = { hasChanged: () => Promise.resolve(false) };
  if (await environment("npm_lifecycle_event") === undefined) return none;
  const { state } = await Deno.permissions.query({ name: "run", command: "ps" });
  if (state !== "granted") return none;
  const followed = [task];
  const parent = Number(await ps("ppid=", followed));
  // Some shells replace themselves by what they run; then the parent is npm, and its own parent no concern of ours.
  if (/^\S*sh -c /.test(await ps("args=", [parent]) ?? "")) followed.push(parent);
  const before = await ps("pid=,ppid=", followed);
  return {
    async hasChanged() {
      const now = await ps("pid=,ppid=", followed);
      return now !== undefined && now !== before;
    },
  };
}

/** What `ps` says of these processes, or `undefined` where it cannot be run. */
async function ps(columns: string, pids: readonly number[]): Promise<string | undefined> {
  try {
    const args = ["-o", columns, "-p", pids.join(",")];
    const { stdout } = await new Deno.Command("ps", { args, stdin: "null", stderr: "null" })
      .output();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return undefined;
  }
}
