/**
 * A chat in tmux: a pane for the server's log and one for each client.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import type { Interrupts } from "../common/interrupts.ts";
import { type Command, type Place, type Runtime, serverCommand } from "./commands.ts";
import { type Guarded, GuardedChat, type GuardedEnd } from "./guarded_chat.ts";
import type { LaunchConsole } from "./launch_console.ts";
import type { ServerChoice } from "./options.ts";
import { Tmux } from "./tmux.ts";
import {
  attachSession,
  focus,
  interruptPane,
  killSession,
  killWindow,
  listPanes,
  markServer,
  type PaneIds,
  readChatPanes,
  SESSION,
  setTitle,
  setUpSession,
  setUpWindow,
  type TerminalSize,
  tile,
} from "./tmux_commands.ts";

/** What the tmux mode needs. */
export interface TmuxOptions {
  /** The Deno and the scripts to run. */
  runtime: Runtime;
  /** An own server or one that runs already. */
  server: ServerChoice;
  /** The clients' names. */
  names: readonly string[];
  /** The clients' language; `undefined`: their own choice. */
  lang: string | undefined;
  /** Start and return. */
  detach: boolean;
  /** Whether this runs inside tmux: then a new window there takes the place of a session. */
  isInside: boolean;
  /** The terminal. */
  size: TerminalSize;
}

/** A chat that is asked to stop has so long; then it is made to. */
const STOP_MS = 10_000;
const POLL_MS = 50;

/**
 * Runs a chat in tmux until it is over or the user detaches from it.
 *
 * Guarantees: a session that is there already is left alone; the clients are started when the server listens;
 * however this process ends, so does the chat, unless `detach` was given or the user detached.
 *
 * @returns The exit status.
 * @throws {StartError} If tmux or a child does not start; nothing is left then.
 */
export async function runTmuxMode(
  options: TmuxOptions,
  console: LaunchConsole,
  interrupts: Interrupts,
  tmux: Tmux = new Tmux(),
): Promise<number> {
  const screen = new TmuxScreen(options, tmux);
  const chat = new GuardedChat(options.runtime);
  let end: GuardedEnd | "released" | undefined;
  try {
    const starting = start(options, screen, chat, tmux);
    const isUp = await Promise.race([
      starting.then(() => true),
      interrupts.first.then(() => false),
    ]);
    starting.catch(() => {}); // cut off below
    if (isUp) end = await watch(options, screen, chat, interrupts, tmux, console);
  } finally {
    if (end !== "released") {
      await chat.end();
      await screen.remove();
    }
  }
  if (end === "released" || end === undefined) return 0;
  for (const line of end.words) console.print(line, "stderr");
  return end.status;
}

async function start(
  { server, names, lang, runtime }: TmuxOptions,
  screen: TmuxScreen,
  chat: GuardedChat,
  tmux: Tmux,
): Promise<void> {
  let place: Place;
  if (server.kind === "attach") {
    place = server;
  } else {
    const guarded = chat.addServer(serverCommand(runtime, server.args), screen.removal);
    const { pane } = await screen.add(guarded);
    await tmux.do(markServer(pane));
    place = await chat.listening(guarded);
  }
  const clients: Guarded[] = [];
  for (const name of names) {
    const client = chat.addClient(name, place, lang);
    clients.push(client);
    const ids = await screen.add(client);
    if (clients.length === 1) screen.first = ids;
  }
  await screen.arrange();
  await Promise.all(clients.map((client) => chat.joined(client)));
}

/** Shows the chat until it is over (how), released or the user wants it to end (`undefined`). */
async function watch(
  { detach, isInside }: TmuxOptions,
  screen: TmuxScreen,
  chat: GuardedChat,
  interrupts: Interrupts,
  tmux: Tmux,
  console: LaunchConsole,
): Promise<GuardedEnd | "released" | undefined> {
  const goesOn = `'tmux attach -t ${SESSION}' shows the chat, 'deno task launch stop' ends it`;
  if (detach) {
    await chat.release();
    console.print(goesOn, "stdout");
    return "released";
  }
  const over = chat.over();
  const interrupted = interrupts.first.then(() => undefined);
  if (isInside) {
    console.print(`The chat is in the new window '${SESSION}'; Ctrl-C here ends it`, "stdout");
    return await Promise.race([over, interrupted]);
  }
  const attached = attach();
  const left = attached.then(async (status) => {
    // Only who detaches leaves a session behind and is told so with status 0; a lost terminal is no wish to go on.
    if (status !== 0 || !await tmux.hasSession()) return undefined;
    return "detached" as const;
  });
  const first = await Promise.race([over, interrupted, left]);
  if (first === "detached") {
    await chat.release();
    console.print(goesOn, "stdout");
    return "released";
  }
  // The words of a chat that ended by itself are printed when the terminal is back.
  await chat.end();
  await screen.remove();
  await attached;
  // A session that was killed ends its server, too: what the guard says about it comes a moment later.
  return first;
}

/** Shows the session in this terminal; resolves with tmux's exit status. */
async function attach(): Promise<number> {
  const child = new Deno.Command("tmux", {
    args: attachSession(),
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  return (await child.status).code;
}

/** The panes and windows of one chat. */
class TmuxScreen {
  /** The pane of the first client: it gets the focus. */
  first: PaneIds | undefined;
  readonly #tmux: Tmux;
  readonly #options: TmuxOptions;
  readonly #isWindow: boolean;
  readonly #windows: string[] = [];
  #last: PaneIds | undefined;

  constructor(options: TmuxOptions, tmux: Tmux) {
    this.#options = options;
    this.#tmux = tmux;
    this.#isWindow = options.isInside && !options.detach;
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
      ? await this.#tmux.newSession(this.#options.size, command)
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

/**
 * Ends what was started in tmux, as Ctrl-C in the server's pane does, and waits until it is gone.
 *
 * @throws {StartError} If there is nothing to end.
 */
export async function stopInTmux(tmux: Tmux = new Tmux()): Promise<void> {
  const panes = async (): Promise<ReturnType<typeof readChatPanes>> =>
    readChatPanes((await tmux.try(listPanes())).stdout);
  const found = await panes();
  if (found.length === 0) throw new StartError("There is no chat in tmux to stop");
  const windowsWithServer = new Set<string>();
  for (const { pane, window, isServer } of found) {
    if (!isServer) continue;
    windowsWithServer.add(window);
    await tmux.try(interruptPane(pane));
  }
  // Without a server's pane nobody ends the clients of such a window.
  const isServed = windowsWithServer.size > 0;
  const deadline = performance.now() + (isServed ? STOP_MS : 0);
  while (performance.now() < deadline && (await panes()).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  for (const { window } of await panes()) await tmux.try(killWindow(window));
}
