/**
 * Runs tmux.
 *
 * @module
 */

import { printable } from "../../common/printable.ts";

/** The session that a chat gets where none is around it. */
export const SESSION = "jim";
/** Ends the session and all that runs in it. */
export const KILL_SESSION: readonly string[] = ["kill-session", "-t", `=${SESSION}`];
/** The options that mark a window as one of a chat, and a pane as a server's. */
export const MARKS = { chat: "@jim_chat", server: "@jim_server" } as const;
/** The oldest release with options of panes. */
const OLDEST_RELEASE = 3;

/** Whether tmux did what it was told, and what it printed or why it failed, without blanks at the ends. */
export type TmuxResult = Readonly<{ isDone: boolean; text: string }>;

/** Runs tmux with these arguments; never throws. `;` as an argument separates commands. */
export type RunTmux = (...args: string[]) => Promise<TmuxResult>;

/** Runs the tmux on the PATH. */
export async function runTmux(...args: string[]): Promise<TmuxResult> {
  try {
    const output = await new Deno.Command("tmux", { args, stdin: "null" }).output();
    const [stdout, stderr] = [output.stdout, output.stderr]
      .map((bytes) => new TextDecoder().decode(bytes).trim()) as [string, string];
    return { isDone: output.success, text: output.success ? stdout : stderr || stdout };
  } catch {
    return { isDone: false, text: "tmux is not installed" };
  }
}

/** Why tmux cannot be used here; `undefined` if it can. Development builds count as new. */
export async function whyNoTmux(run: RunTmux): Promise<string | undefined> {
  const { isDone, text } = await run("-V");
  if (!isDone) return printable(text);
  const release = /^tmux (?:next-)?(\d+)/.exec(text)?.[1];
  if (release === undefined || Number(release) >= OLDEST_RELEASE) return undefined;
  return `tmux ${OLDEST_RELEASE}.0 or newer is needed, this is ${printable(text)}`;
}
