/**
 * A chat in tmux: a pane for the server's log and one for each client.
 *
 * @module
 */

import type { Interrupts } from "../../common/interrupts.ts";
import type { ChatPlan } from "../chat_plan.ts";
import type { Place } from "../commands.ts";
import { type Guarded, GuardedChat, type GuardedEnd } from "../guarded/guarded_chat.ts";
import type { LaunchConsole } from "../launch_console.ts";
import { Tmux } from "./tmux.ts";
import { attachSession, markServer, SESSION, type TerminalSize } from "./tmux_commands.ts";
import { TmuxScreen } from "./tmux_screen.ts";
import { within } from "../within.ts";

/** What the tmux mode needs. */
export interface TmuxOptions extends ChatPlan {
  /** Start and return. */
  detach: boolean;
  /** Whether this runs inside tmux: then a new window there takes the place of a session, unless detached. */
  isInside: boolean;
  /** The terminal. */
  size: TerminalSize;
}

/** Who does not stay to see the chat is told if it fails within this time. */
const DETACH_MS = 1_000;

/** How a chat in tmux came to an end here: by itself, on request, or it goes on without the launcher. */
type Outcome = GuardedEnd | "interrupted" | "released";

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
  const screen = new TmuxScreen(tmux, options.size, options.isInside && !options.detach);
  const chat = new GuardedChat(options);
  const interrupted = interrupts.first.then(() => "interrupted" as const);
  let attached: Promise<unknown> | undefined;
  let outcome: Outcome = "interrupted";
  const starting = start(options, screen, chat, tmux);
  try {
    if (await Promise.race([starting, interrupted]) === "interrupted") return 0;
    const ends: Promise<Outcome>[] = [interrupted, chat.over()];
    if (options.detach) {
      outcome = await within(DETACH_MS, Promise.race(ends)) ?? "released";
    } else if (options.isInside) {
      console.print(`The chat is in the new window '${SESSION}'; Ctrl-C here ends it`, "stdout");
      outcome = await Promise.race(ends);
    } else {
      const leaving = attach(tmux);
      attached = leaving;
      outcome = await Promise.race([...ends, leaving]);
    }
    if (outcome === "released") await chat.release();
  } finally {
    starting.catch(() => {}); // thrown above, or cut off just now
    if (outcome !== "released") {
      await chat.end();
      await screen.remove();
    }
    await attached; // the terminal is as it was before
  }
  if (outcome === "interrupted") return 0;
  if (outcome === "released") {
    const how = `'tmux attach -t ${SESSION}' shows the chat, 'deno task launch stop' ends it`;
    console.print(how, "stdout");
    return 0;
  }
  for (const line of outcome.words) console.print(line, "stderr");
  return outcome.status;
}

/** Starts the server, then the clients; resolves when each runs under its guard. */
async function start(
  { server, names }: TmuxOptions,
  screen: TmuxScreen,
  chat: GuardedChat,
  tmux: Tmux,
): Promise<void> {
  let place: Place;
  if (server.kind === "attach") {
    place = server;
  } else {
    const guarded = chat.addServer(server.args, screen.removal);
    const { pane } = await screen.add(guarded);
    await tmux.do(markServer(pane));
    place = await chat.listening(guarded);
  }
  const clients: Guarded[] = [];
  for (const name of names) {
    const client = chat.addClient(name, place);
    const ids = await screen.add(client);
    if (clients.push(client) === 1) screen.first = ids;
  }
  await screen.arrange();
  await Promise.all(clients.map((client) => chat.joined(client)));
}

/** Shows the session in this terminal until it ends or the user detaches from it. */
async function attach(tmux: Tmux): Promise<"released" | "interrupted"> {
  const child = new Deno.Command("tmux", {
    args: attachSession(),
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const { code } = await child.status;
  // Only who detaches gets the status 0 and leaves a session behind: a lost terminal is no wish to go on.
  return code === 0 && await tmux.hasSession() ? "released" : "interrupted";
}
