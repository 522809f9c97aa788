/**
 * Runs tmux.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { printable } from "../../common/printable.ts";
import type { Command } from "../commands.ts";
import {
  hasSession,
  newSession,
  newWindow,
  OLDEST_TMUX,
  type PaneIds,
  readPaneIds,
  readTmuxRelease,
  SESSION,
  splitWindow,
  type TerminalSize,
} from "./tmux_commands.ts";

/** What a run of tmux gave. */
export interface TmuxResult {
  /** 0: done. */
  code: number;
  /** What it printed. */
  stdout: string;
  /** Why it failed. */
  stderr: string;
}

/** Runs tmux with these arguments; never throws. */
export type RunTmux = (args: readonly string[]) => Promise<TmuxResult>;

/** Runs the tmux on the PATH; where there is none, the code is 127, as a shell has it. */
export async function runTmux(args: readonly string[]): Promise<TmuxResult> {
  try {
    const { code, stdout, stderr } = await new Deno.Command("tmux", {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch {
    return { code: 127, stdout: "", stderr: "tmux is not installed" };
  }
}

/** Why tmux cannot be used here; `undefined` if it can. */
export async function whyNoTmux(run: RunTmux): Promise<string | undefined> {
  const { code, stdout, stderr } = await run(["-V"]);
  if (code !== 0) return printable(stderr.trim());
  if (readTmuxRelease(stdout) >= OLDEST_TMUX) return undefined;
  return `tmux ${OLDEST_TMUX}.0 or newer is needed, this is ${printable(stdout.trim())}`;
}

/** The commands that may fail in a way that matters. */
export class Tmux {
  readonly #run: RunTmux;

  /**
   * Runs nothing yet.
   *
   * @param run Runs tmux.
   */
  constructor(run: RunTmux = runTmux) {
    this.#run = run;
  }

  /** Runs a command whose failure means that its target is gone: then there is nothing left to do. */
  async try(args: readonly string[]): Promise<TmuxResult> {
    return await this.#run(args);
  }

  /**
   * Runs a command.
   *
   * @throws {StartError} If tmux refuses, with its words.
   */
  async do(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#run(args);
    if (code === 0) return stdout;
    throw new StartError(`tmux ${args[0]} failed: ${printable(stderr.trim())}`);
  }

  /** Whether there is a session of our name, whoever made it. */
  async hasSession(): Promise<boolean> {
    return (await this.#run(hasSession())).code === 0;
  }

  /**
   * Makes our session.
   *
   * @throws {StartError} If there is one of that name; it is left as it is.
   */
  async newSession(size: TerminalSize, command: Command): Promise<PaneIds> {
    const result = await this.#run(newSession(size, command));
    if (/duplicate session/.test(result.stderr)) throw new StartError(ALREADY_THERE);
    return idsOf(result, "new-session");
  }

  /** Makes a window in our session, or in the one around the launcher. */
  async newWindow(target: string | undefined, command: Command): Promise<PaneIds> {
    return idsOf(await this.#run(newWindow(target, command)), "new-window");
  }

  /** Makes a pane behind another one; `undefined` if there is no room for it. */
  async splitWindow(pane: string, command: Command): Promise<PaneIds | undefined> {
    const result = await this.#run(splitWindow(pane, command));
    return /no space/.test(result.stderr) ? undefined : idsOf(result, "split-window");
  }
}

const ALREADY_THERE = `Cannot start: there is a tmux session '${SESSION}' already; ` +
  `'tmux attach -t ${SESSION}' shows it, 'deno task launch stop' ends it if it is a chat`;

function idsOf({ code, stdout, stderr }: TmuxResult, what: string): PaneIds {
  const ids = code === 0 ? readPaneIds(stdout) : undefined;
  if (ids !== undefined) return ids;
  throw new StartError(`tmux ${what} failed: ${printable(stderr.trim() || stdout.trim())}`);
}
