/**
 * A program that `deno task` has started ends with its task, however that ends.
 *
 * @module
 */

import { environment } from "./environment.ts";
import { followProcesses } from "./follow_processes.ts";
import type { Interrupts } from "./interrupts.ts";
import { npmProcesses } from "./npm_processes.ts";

/**
 * Asks the program to end, once, within about a second of its task being killed.
 *
 * `deno task` hands signals on, but nobody can hand on SIGKILL; the program then gets a new parent. Under `npx` the
 * task has a shell and npm above it, which die of SIGTERM and leave the task running: where `ps` may be run, their end
 * counts as the task's.
 *
 * Without a task (`INIT_CWD` is not set, or may not be read) nothing is followed: the parent may be a shell that
 * somebody leaves on purpose. The server, which reads no variable, is told by `--stop-with` instead.
 */
export async function followTask(interrupts: Interrupts): Promise<void> {
  if (await environment("INIT_CWD") === undefined) return;
  const task = Deno.ppid;
  followProcesses(interrupts, [task, ...await npmProcesses(task)]);
}
