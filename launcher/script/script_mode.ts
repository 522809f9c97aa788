/**
 * Plays a script with a chat of its own.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { messageOf, StartError } from "../../common/errors.ts";
import type { Interrupts } from "../../common/interrupts.ts";
import { printable } from "../../common/printable.ts";
import { Chat } from "../chat.ts";
import type { ChatPlan } from "../commands.ts";
import { type LaunchConsole, transcript } from "../launch_console.ts";
import { pipes } from "../typed_client.ts";
import { castOf, readScript } from "./script.ts";
import { ScriptPlayer } from "./script_player.ts";

/** What a shell gives for a program that Ctrl-C ended: the script did not run through. */
const INTERRUPTED = 130;

/**
 * Plays a script: prints what is typed and what is answered.
 *
 * @param plan Without names, the clients are those of whom the script speaks.
 * @param path The script's path, or `-` for standard input.
 * @returns The exit status: 0 if all steps worked out, else 1, with the line that did not on standard error.
 * @throws {UsageError} If the script is wrong; nothing was started then.
 * @throws {StartError} If there is no such file, or a process ends before all clients are online.
 */
export async function runScript(
  plan: Omit<ChatPlan, "names"> & { names: readonly string[] | undefined },
  path: string,
  console: LaunchConsole,
  interrupts: Interrupts,
  clock: Clock = systemClock,
): Promise<number> {
  const source = path === "-" ? "standard input" : path;
  const lines = readScript(source, await readText(path));
  const names = castOf(source, lines, plan.names);
  const player = new ScriptPlayer(lines, names, clock);
  const print = transcript(console, ["server", ...names]);
  const stage = pipes((speaker, line, stream) => {
    print(speaker, line, stream);
    player.hear(speaker, line);
  });
  await using chat = new Chat({ ...plan, names }, stage);
  const end = await chat.run(interrupts, async () => {
    for (const { name, ended } of chat.members) ended.then(() => player.silence(name));
    return await player.play(chat.clients, (name, line) => print(name, `> ${line}`, "stdout"));
  });
  if (end === "interrupted") return INTERRUPTED;
  await chat.end(end === undefined ? "in turn" : "together");
  if (end === undefined) return 0;
  await console.flush(); // so that this is the last line, on whatever stream
  const { at, words } = end;
  console.print(`${printable(source)}:${at.number}: ${at.text}: ${words}`, "stderr");
  return 1;
}

async function readText(path: string): Promise<string> {
  if (path === "-") return await new Response(Deno.stdin.readable).text();
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new StartError(`Cannot read script '${printable(path)}': ${whyNot(error)}`);
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.NotCapable) {
    return "it is outside this folder; '--script - < FILE' plays it";
  }
  return messageOf(error);
}
