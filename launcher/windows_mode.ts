/**
 * A chat on a desktop: the server in this terminal, each client in a window of its own.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import type { Interrupts } from "../common/interrupts.ts";
import { printable } from "../common/printable.ts";
import type { ChatPlan } from "./chat_plan.ts";
import type { Child, OutputStream } from "./child.ts";
import { type Command, type Place, serverCommand } from "./commands.ts";
import { type Guarded, GuardedChat, type GuardedEnd } from "./guarded/guarded_chat.ts";
import type { LaunchConsole } from "./launch_console.ts";
import { prefixer } from "./output.ts";
import { within } from "./within.ts";
import { SERVER_GRACE_MS, startServer } from "./server_process.ts";
import type { TerminalProgram } from "./terminals.ts";

/** What the windows mode needs. */
export interface WindowsOptions extends ChatPlan {
  /** The terminal programs to try. */
  terminals: readonly TerminalProgram[];
}

/** A window closes when its process has ended; a terminal program that keeps it open is not waited for. */
const CLOSE_MS = 2_000;

/**
 * Runs a chat in windows until somebody asks to end, the server ends or the last window is closed.
 *
 * Guarantees: windows open when the server listens; however this process ends, so do they.
 *
 * @returns The exit status.
 * @throws {StartError} If a child does not start; nothing is left then.
 */
export async function runWindowsMode(
  options: WindowsOptions,
  console: LaunchConsole,
  interrupts: Interrupts,
): Promise<number> {
  if (options.terminals.length === 0) {
    throw new StartError("Cannot open windows: there is no desktop here; leave --mode out");
  }
  const prefixed = prefixer(["server", "launcher"], console.colour);
  const tell = (text: string): void => console.print(prefixed("launcher", text), "stderr");
  const chat = new GuardedChat(options);
  let server: Child | undefined;
  const start = async (): Promise<true> => {
    const hear = (line: string, stream: OutputStream): void =>
      console.print(prefixed("server", line), stream);
    const place = await placeOf(options, hear, (child) => server = child);
    for (const name of options.names) {
      const client = chat.addClient(name, place);
      windows.push(await openWindow(options.terminals, chat, client));
    }
    return true;
  };
  const windows: { ended: Promise<unknown> }[] = [];
  interrupts.second.then(() => server?.kill());
  const interrupted = interrupts.first.then(() => undefined);
  const starting = start();
  try {
    if (await Promise.race([starting, interrupted]) === undefined) return 0;
    tell("Ctrl-C ends the chat and closes its windows");
    const ends: Promise<GuardedEnd | undefined>[] = [interrupted, chat.over()];
    if (server !== undefined) ends.push(serverEnd(server));
    const end = await Promise.race(ends);
    for (const line of end?.words ?? []) tell(line);
    return end?.status ?? 0;
  } finally {
    await chat.end();
    await server?.stop(SERVER_GRACE_MS);
    await starting.catch(() => {}); // thrown above, or cut off just now
    await within(CLOSE_MS, Promise.all(windows.map(({ ended }) => ended)));
  }
}

async function placeOf(
  { runtime, server }: WindowsOptions,
  onLine: (line: string, stream: OutputStream) => void,
  onStart: (child: Child) => void,
): Promise<Place> {
  if (server.kind === "attach") return server;
  return (await startServer(serverCommand(runtime, server.args), { onLine }, onStart)).place;
}

async function serverEnd(server: Child): Promise<GuardedEnd> {
  const status = await server.ended;
  return { words: [`The server ended with status ${status}`], status: status === 0 ? 0 : 1 };
}

/** Opens a window with the first terminal program that there is; returns the end of that program. */
async function openWindow(
  terminals: readonly TerminalProgram[],
  chat: GuardedChat,
  client: Guarded,
): Promise<{ ended: Promise<unknown> }> {
  for (const terminal of terminals) {
    const opened = open(terminal.open(client.name, client.command));
    if (opened === undefined) continue;
    const failed = opened.then(async ({ code, stderr }): Promise<void> => {
      // A program that hands the window over to a server of its own and ends with 0 has done its work.
      if (code === 0 || client.seat.isRunning) return await new Promise(() => {});
      const words = printable(new TextDecoder().decode(stderr).trim());
      throw new StartError(
        `Cannot open a window with ${terminal.name}: ${words || `status ${code}`}`,
      );
    });
    await Promise.race([chat.joined(client), failed]);
    return { ended: opened };
  }
  const names = terminals.map(({ name }) => name).join(", ");
  throw new StartError(`Cannot open windows: none of ${names} is installed`);
}

/** Starts a terminal program; `undefined` if there is none of that name. */
function open({ program, args }: Command): Promise<Deno.CommandOutput> | undefined {
  try {
    return new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      detached: true, // Ctrl-C in the launcher's terminal is not meant for the windows
    }).spawn().output();
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotCapable; // `--allow-run` leaves out what is not on the PATH
    if (isMissing) return undefined;
    throw error;
  }
}
