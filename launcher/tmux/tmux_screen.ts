/**
 * What a chat looks like in tmux.
 *
 * @module
 */

import type { Command } from "../commands.ts";
import type { Guarded } from "../guarded/guarded_chat.ts";
import type { Tmux } from "./tmux.ts";
import {
  focus,
  killSession,
  killWindow,
  type PaneIds,
  SESSION,
  setTitle,
  setUpSession,
  setUpWindow,
  type TerminalSize,
  tile,
} from "./tmux_commands.ts";

/** The panes and windows of one chat. */
export class TmuxScreen {
  /** The pane of the first client: it gets the focus. */
  first: PaneIds | undefined;
  readonly #tmux: Tmux;
  readonly #size: TerminalSize;
  readonly #isWindow: boolean;
  readonly #windows: string[] = [];
  #last: PaneIds | undefined;

  /**
   * Nothing is on the screen yet.
   *
   * @param tmux Runs tmux.
   * @param size What a new session is laid out for.
   * @param isWindow Whether to make windows in the session around the launcher instead of an own session.
   */
  constructor(tmux: Tmux, size: TerminalSize, isWindow: boolean) {
    this.#tmux = tmux;
    this.#size = size;
    this.#isWindow = isWindow;
  }

  /** What a server without a launcher runs when it has ended. */
  get removal(): Command | undefined {
    return this.#isWindow ? undefined : { program: "tmux", args: killSession() };
  }

  /** Gives a process a pane: in the last window, or in a new one if there is no more room. */
  async add({ name, command }: Guarded): Promise<PaneIds> {
    const last = this.#last;
    if (last !== undefined) await this.#tmux.try(tile(last.window));
    const inWindow = last === undefined
      ? undefined
      : await this.#tmux.splitWindow(last.pane, command);
    const ids = inWindow ?? await this.#open(command);
    this.#last = ids;
    await this.#tmux.try(setTitle(ids.pane, name));
    return ids;
  }

  async #open(command: Command): Promise<PaneIds> {
    const isFirst = this.#windows.length === 0;
    const ids = isFirst && !this.#isWindow
      ? await this.#tmux.newSession(this.#size, command)
      : await this.#tmux.newWindow(this.#isWindow ? undefined : `=${SESSION}:`, command);
    this.#windows.push(ids.window);
    await this.#tmux.try(setUpWindow(ids.window));
    if (isFirst && !this.#isWindow) await this.#tmux.try(setUpSession());
    return ids;
  }

  /** Tiles all windows and shows the first client. */
  async arrange(): Promise<void> {
    for (const window of this.#windows) await this.#tmux.try(tile(window));
    if (this.first !== undefined) await this.#tmux.try(focus(this.first));
  }

  /** Takes away what was made here. */
  async remove(): Promise<void> {
    if (this.#windows.length === 0) return;
    if (!this.#isWindow) {
      await this.#tmux.try(killSession());
      return;
    }
    for (const window of this.#windows) await this.#tmux.try(killWindow(window));
  }
}
