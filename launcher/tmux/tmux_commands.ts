/**
 * The arguments of tmux for each thing that the launcher asks of it.
 *
 * @module
 */

import type { Command } from "../commands.ts";

/** The session that a chat gets where none is around it. */
export const SESSION = "jim";
/** Marks a window of a chat of ours. */
const CHAT_OPTION = "@jim_chat";
/** Marks a pane as the server's. */
const SERVER_OPTION = "@jim_server";
/** The oldest release with options of panes and `-e`. */
export const OLDEST_TMUX = 3;

/** A pane that was made: `%5`, and its window: `@3`. */
export interface PaneIds {
  /** As in `%5`. */
  pane: string;
  /** As in `@3`. */
  window: string;
}

const IDS = ["-P", "-F", "#{pane_id} #{window_id}"];

/** Size of a terminal in characters. */
export interface TerminalSize {
  /** Characters in a line. */
  columns: number;
  /** Lines. */
  rows: number;
}

/** Reads what a command with {@linkcode IDS} printed. */
export function readPaneIds(output: string): PaneIds | undefined {
  const match = /^(%\d+) (@\d+)\s*$/.exec(output);
  return match === null ? undefined : { pane: match[1]!, window: match[2]! };
}

/** The major release that `tmux -V` tells; development builds count as new. */
export function readTmuxRelease(output: string): number {
  const match = /^tmux (?:next-)?(\d+)/.exec(output);
  return match === null ? Infinity : Number(match[1]);
}

/** Asks whether there is a session of that name. */
export function hasSession(): string[] {
  return ["has-session", "-t", `=${SESSION}`];
}

/** A detached session with one pane. Fails if there is one of that name. */
export function newSession(size: TerminalSize, command: Command): string[] {
  const { columns, rows } = size;
  return ["new-session", "-d", "-s", SESSION, "-n", "chat", "-x", `${columns}`, "-y", `${rows}`]
    .concat(IDS, program(command));
}

/** One more window with one pane: in our session, or in the one around the launcher. */
export function newWindow(target: string | undefined, command: Command): string[] {
  const where = target === undefined ? [] : ["-t", target];
  return ["new-window", "-d", "-n", SESSION, ...where, ...IDS, ...program(command)];
}

/** One more pane behind another one. Fails if there is no room. */
export function splitWindow(pane: string, command: Command): string[] {
  return ["split-window", "-d", "-t", pane, ...IDS, ...program(command)];
}

/** Makes a window of ours: titles above the panes; a pane whose process ends disappears; marked as a chat's. */
export function setUpWindow(window: string): string[] {
  return joined([
    ["set-option", "-w", "-t", window, CHAT_OPTION, "1"],
    ["set-option", "-w", "-t", window, "remain-on-exit", "off"],
    ["set-option", "-w", "-t", window, "automatic-rename", "off"],
    ["set-option", "-w", "-t", window, "pane-border-status", "top"],
    ["set-option", "-w", "-t", window, "pane-border-format", " #{pane_title} "],
  ]);
}

/** Makes a session of ours: the mouse chooses panes; it stays when nobody looks at it. */
export function setUpSession(): string[] {
  return joined([
    ["set-option", "-t", `=${SESSION}:`, "mouse", "on"],
    ["set-option", "-t", `=${SESSION}:`, "destroy-unattached", "off"],
  ]);
}

/** Names a pane. */
export function setTitle(pane: string, title: string): string[] {
  return ["select-pane", "-t", pane, "-T", title];
}

/** Marks a pane as the server's. */
export function markServer(pane: string): string[] {
  return ["set-option", "-p", "-t", pane, SERVER_OPTION, "1"];
}

/** Gives all panes of a window the same room. */
export function tile(window: string): string[] {
  return ["select-layout", "-t", window, "tiled"];
}

/** Shows a pane's window, with the pane as the one that is typed into. */
export function focus({ pane, window }: PaneIds): string[] {
  return joined([["select-window", "-t", window], ["select-pane", "-t", pane]]);
}

/** Shows the session in this terminal until it ends or the user detaches. */
export function attachSession(): string[] {
  return ["attach-session", "-t", `=${SESSION}`];
}

/** Ends the session and all that runs in it. */
export function killSession(): string[] {
  return ["kill-session", "-t", `=${SESSION}`];
}

/** Ends a window and all that runs in it. */
export function killWindow(window: string): string[] {
  return ["kill-window", "-t", window];
}

/** Ends a pane's scrolling, in which keys do not reach its process. Fails if it does not scroll. */
export function leaveCopyMode(pane: string): string[] {
  return ["send-keys", "-t", pane, "-X", "cancel"];
}

/** Presses Ctrl-C in a pane. */
export function interruptPane(pane: string): string[] {
  return ["send-keys", "-t", pane, "C-c"];
}

/** Lists all panes: see {@linkcode readChatPanes}. */
export function listPanes(): string[] {
  const format = `#{pane_id} #{window_id} chat=#{${CHAT_OPTION}} server=#{${SERVER_OPTION}}`;
  return ["list-panes", "-a", "-F", format];
}

/** The panes of chats of ours. */
export function readChatPanes(output: string): (PaneIds & { isServer: boolean })[] {
  return [...output.matchAll(/^(%\d+) (@\d+) chat=1 server=(1?)$/gm)].map((
    [, pane, window, server],
  ) => ({
    pane: pane!,
    window: window!,
    isServer: server === "1",
  }));
}

/** Several arguments are run as they are, without a shell. */
function program(command: Command): string[] {
  return ["--", command.program, ...command.args];
}

/** Several commands as one, run in order. */
function joined(commands: readonly string[][]): string[] {
  return commands.flatMap((command, index) => index === 0 ? command : [";", ...command]);
}
