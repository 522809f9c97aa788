/**
 * A chat on a desktop: the server in this terminal, each client in a window of its own.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";
import type { Interrupts } from "../common/interrupts.ts";
import { printable } from "../common/printable.ts";
import { Chat, type Server, type Stage } from "./chat.ts";
import type { ChatPlan, Command, Runtime } from "./commands.ts";
import type { Say } from "./child.ts";
import { GuardedStage } from "./guarded/guarded_stage.ts";
import { Seat } from "./guarded/seat.ts";
import { type LaunchConsole, transcript } from "./launch_console.ts";
import { ServerChild } from "./server_child.ts";
import type { TerminalProgram } from "./terminals.ts";
import { within } from "./within.ts";

/** A window closes when its process has ended; a terminal program that keeps it open is not waited for. */
const CLOSE_MS = 2_000;

/**
 * Runs a chat in windows until somebody asks to end, the server ends or the last window is closed. However this
 * process ends, so do they.
 *
 * @param terminals The terminal programs to try.
 * @returns The exit status.
 * @throws {StartError} If a process does not start; nothing is left then.
 */
export async function runWindowsMode(
  plan: ChatPlan,
  terminals: readonly TerminalProgram[],
  console: LaunchConsole,
  interrupts: Interrupts,
): Promise<number> {
  if (terminals.length === 0) {
    throw new StartError("Cannot open windows: there is no desktop here; leave --mode out");
  }
  const say = transcript(console, ["server", "launcher"]);
  await using chat = new Chat(plan, new WindowsStage(plan.runtime, terminals, say));
  const end = await chat.run(interrupts, () => {
    say("launcher", "Ctrl-C ends the chat and closes its windows", "stderr");
    return chat.over();
  });
  if (end === "interrupted") return 0;
  for (const line of end.words) say("launcher", line, "stderr");
  return end.status;
}

class WindowsStage extends GuardedStage implements Stage<Seat> {
  readonly #terminals: readonly TerminalProgram[];
  readonly #say: Say;
  readonly #windows: Promise<unknown>[] = [];

  constructor(runtime: Runtime, terminals: readonly TerminalProgram[], say: Say) {
    super(runtime);
    this.#terminals = terminals;
    this.#say = say;
  }

  server(command: Command): ServerChild {
    return new ServerChild(command, this.#say);
  }

  /** Opens a window for a client with the first terminal program that there is; the server is shown here. */
  async show(member: Server | Seat): Promise<void> {
    if (!(member instanceof Seat)) return;
    for (const { name, open } of this.#terminals) {
      const window = run(open(member.name, member.command));
      if (window === undefined) continue;
      this.#windows.push(window);
      const failed = window.then(async ({ code, stderr }): Promise<void> => {
        // A program that hands the window over to a server of its own and ends with 0 has done its work.
        if (code === 0 || member.isRunning) return await new Promise(() => {});
        const words = printable(new TextDecoder().decode(stderr).trim()) || `status ${code}`;
        throw new StartError(`Cannot open a window with ${name}: ${words}`);
      });
      return await Promise.race([member.ready(), member.ended.then(() => {}), failed]);
    }
    const names = this.#terminals.map(({ name }) => name).join(", ");
    throw new StartError(`Cannot open windows: none of ${names} is installed`);
  }

  override async close(): Promise<void> {
    await super.close();
    await within(CLOSE_MS, Promise.all(this.#windows));
  }
}

/** Starts a terminal program and resolves when it has ended; `undefined` if there is none of that name. */
function run({ program, args }: Command): Promise<Deno.CommandOutput> | undefined {
  try {
    return new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      detached: true, // Ctrl-C in the launcher's terminal is not meant for the windows
    }).spawn().output();
  } catch (error) {
    // `--allow-run` leaves out what is not on the PATH.
    const { NotFound, NotCapable } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotCapable) return undefined;
    throw error;
  }
}
