/**
 * A program that ends with processes that it has not started.
 *
 * @module
 */

import { getPriority } from "node:os";

import type { Interrupts } from "./interrupts.ts";

/** How often to look whether they are still there. */
const POLL_MS = 500;

/**
 * Asks the program to end, once, within about a second of one of these processes ending, however it ends.
 *
 * Of this process's parent the system tells by itself, since the program gets another one. Of all others it has to be
 * asked, which takes `--allow-sys=getPriority`; without it they are not followed. They count as ended when their
 * own parent has taken note of it: a zombie still has a priority.
 *
 * @param pids Their ids. One that has ended before this is called counts, too.
 */
export function followProcesses(interrupts: Interrupts, pids: readonly number[]): void {
  const parent = Deno.ppid;
  const poll = (): void => {
    if (pids.some((pid) => pid === parent ? Deno.ppid !== parent : isGone(pid))) {
      interrupts.request();
    } else schedule();
  };
  const schedule = (): void => Deno.unrefTimer(setTimeout(poll, POLL_MS));
  schedule();
}

/** Reading a priority changes nothing and fails for a process that does not exist; Deno's signal 0 takes `--allow-run`. */
function isGone(pid: number): boolean {
  try {
    getPriority(pid);
    return false;
  } catch (error) {
    return (error as { info?: { code?: string } }).info?.code === "ESRCH";
  }
}
