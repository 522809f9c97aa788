/**
 * What a chat looks like in tmux: a pane for the server and one for each client.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { printable } from "../../common/printable.ts";
import type { Stage } from "../chat.ts";
import type { Command, Runtime } from "../commands.ts";
import { GuardedStage } from "../guarded/guarded_stage.ts";
import type { Seat } from "../guarded/seat.ts";
import { KILL_SESSION, MARKS, type RunTmux, SESSION, type TmuxResult } from "./tmux.ts";

/** How a new pane is told: `%5 @3`, itself and its window. */
const IDS = ["-P", "-F", "#{pane_id} #{window_id}"];

/** Whether panes are made in new windows of the session around the launcher, or in an own session of that size. */
export type TmuxPlace = Readonly<{ isWindow: boolean; size: { columns: number; rows: number } }>;

/**
 * The panes and windows of one chat. Guarantees: a session of our name that is there already is left alone; the
 * first client is typed into; what does not fit into a window gets another one.
 */
export class TmuxStage extends GuardedStage implements Stage<Seat> {
  readonly #place: TmuxPlace;
  readonly #run: RunTmux;
  #windows: string[] = [];
  #lastPane: string | undefined;
  #hasFocus = false;

  /** Nothing is on the screen yet. */
  constructor(runtime: Runtime, place: TmuxPlace, run: RunTmux) {
    super(runtime);
    this.#place = place;
    this.#run = run;
  }

  /** Prepares for the server. */
  server(command: Command): Seat {
    // Without a launcher nobody else ends the clients: they would reconnect for ever.
    const atEnd = this.#place.isWindow ? undefined : { program: "tmux", args: KILL_SESSION };
    return this.seat("server", { command, role: "server", atEnd });
  }

  /** Gives a process a pane. Throws a `StartError` if tmux refuses, or has a session of our name already. */
  async show({ name, job, command }: Seat): Promise<void> {
    const { pane, window } = await this.#split(command) ?? await this.#open(command);
    this.#lastPane = pane;
    await this.#run("select-pane", "-t", pane, "-T", name);
    await this.#run("select-layout", "-t", window, "tiled");
    if (job.role === "server") {
      await this.#run("set-option", "-p", "-t", pane, MARKS.server, "1");
    } else if (!this.#hasFocus) {
      this.#hasFocus = true;
      await this.#run("select-window", "-t", window, ";", "select-pane", "-t", pane);
    }
  }

  /** Makes a pane behind the last one; `undefined` if there is no room for it. */
  async #split(command: Command): Promise<Pane | undefined> {
    if (this.#lastPane === undefined) return undefined;
    const split = ["split-window", "-d", "-t", this.#lastPane];
    const result = await this.#run(...split, ...running(command));
    return /no space/.test(result.text) ? undefined : paneOf(result, "split-window");
  }

  /** Makes a window, in a new session if there is none yet. */
  async #open(command: Command): Promise<Pane> {
    const { isWindow, size } = this.#place;
    const isSession = !isWindow && this.#windows.length === 0;
    const open = isSession
      ? `new-session -d -s ${SESSION} -n chat -x ${size.columns} -y ${size.rows}`.split(" ")
      : `new-window -d -n ${SESSION}${isWindow ? "" : ` -t =${SESSION}:`}`.split(" ");
    const result = await this.#run(...open, ...running(command));
    if (/duplicate session/.test(result.text)) throw new StartError(ALREADY_THERE);
    const pane = paneOf(result, open[0]!);
    this.#windows.push(pane.window);
    // Titles stand above the panes, and a pane whose process has ended disappears.
    const set = ["set-option", "-w", "-t", pane.window];
    await this.#run(
      ...[...set, MARKS.chat, "1", ";"],
      ...[...set, "remain-on-exit", "off", ";"],
      ...[...set, "automatic-rename", "off", ";"],
      ...[...set, "pane-border-status", "top", ";"],
      ...[...set, "pane-border-format", " #{pane_title} "],
    );
    if (!isSession) return pane;
    // The mouse chooses panes, and the session stays when nobody looks at it.
    const setSession = ["set-option", "-t", `=${SESSION}:`];
    const mouse = [...setSession, "mouse", "on", ";"];
    await this.#run(...mouse, ...setSession, "destroy-unattached", "off");
    return pane;
  }

  /** Lets all processes and panes live on without the launcher. */
  override async release(): Promise<void> {
    this.#windows = [];
    await super.release();
  }

  /** Takes away what was made here, unless it is released. */
  override async close(): Promise<void> {
    await super.close();
    if (this.#place.isWindow) {
      for (const window of this.#windows) await this.#run("kill-window", "-t", window);
    } else if (this.#windows.length > 0) {
      await this.#run(...KILL_SESSION);
    }
  }
}

const ALREADY_THERE = `Cannot start: there is a tmux session '${SESSION}' already; ` +
  `'tmux attach -t ${SESSION}' shows it, 'deno task launch stop' ends it if it is a chat`;

/** A pane and its window, as tmux calls them: `%5`, `@3`. */
type Pane = Readonly<{ pane: string; window: string }>;

function paneOf({ isDone, text }: TmuxResult, what: string): Pane {
  const [, pane, window] = /^(%\d+) (@\d+)$/.exec(isDone ? text : "") ?? [];
  if (pane !== undefined && window !== undefined) return { pane, window };
  throw new StartError(`tmux ${what} failed: ${printable(text)}`);
}

/** The end of a command that runs something: several arguments are run as they are, without a shell. */
function running({ program, args }: Command): string[] {
  return [...IDS, "--", program, ...args];
}
