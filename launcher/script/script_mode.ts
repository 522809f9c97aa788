/**
 * Plays a script with a chat of its own.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { messageOf, StartError, UsageError } from "../../common/errors.ts";
import type { Interrupts } from "../../common/interrupts.ts";
import { printable } from "../../common/printable.ts";
import type { ChatPlan } from "../chat_plan.ts";
import type { LaunchConsole } from "../launch_console.ts";
import { prefixer } from "../output.ts";
import { PipedChat } from "../piped_chat.ts";
import { checkNames, readScript, type ScriptLine, scriptNames } from "./script.ts";
import { type ScriptFailure, ScriptPlayer } from "./script_player.ts";

/** What the script mode needs. */
export interface ScriptOptions extends Omit<ChatPlan, "names"> {
  /** The clients' names; `undefined`: those that the script speaks of. */
  names: readonly string[] | undefined;
  /** The script's path, or `-` for standard input. */
  script: string;
}

/**
 * Plays a script: prints what is typed and what is answered.
 *
 * @returns The exit status: 0 if all steps worked out, else 1, with the line that did not on standard error.
 * @throws {UsageError} If the script cannot be read; nothing was started then.
 * @throws {StartError} If a child ends before all are online.
 */
export async function runScript(
  options: ScriptOptions,
  console: LaunchConsole,
  interrupts: Interrupts,
  clock: Clock = systemClock,
): Promise<number> {
  const source = options.script === "-" ? "standard input" : options.script;
  const lines = readScript(source, await readText(options.script));
  const names = clientNames(source, lines, options.names);

  const prefixed = prefixer(["server", ...names], console.colour);
  const player = new ScriptPlayer(lines, names, clock);
  const chat = new PipedChat({
    ...options,
    names,
    onLine: (speaker, line, stream) => {
      console.print(prefixed(speaker, line), stream);
      player.hear(speaker, line);
    },
    onEnd: (speaker) => player.silence(speaker),
  });
  interrupts.second.then(() => chat.kill());
  const play = async (): Promise<ScriptFailure | undefined> => {
    await chat.start();
    return await player.play(
      chat.clients,
      (name, line) => console.print(prefixed(name, `> ${line}`), "stdout"),
    );
  };
  const playing = play();
  const interrupted = interrupts.first.then(() => "interrupted" as const);
  try {
    const end = await Promise.race([playing, interrupted]);
    if (end === "interrupted") return INTERRUPTED;
    if (end === undefined) {
      await chat.end("in turn");
      return 0;
    }
    await chat.end();
    await console.flush(); // so that this is the last line, on whatever stream
    const { at, words } = end;
    console.print(`${printable(source)}:${at.number}: ${at.text}: ${words}`, "stderr");
    return 1;
  } finally {
    await chat.end();
    playing.catch(() => {}); // thrown above, or cut off just now
  }
}

/** What a shell gives for a program that Ctrl-C ended: the script did not run through. */
const INTERRUPTED = 130;

function clientNames(
  source: string,
  lines: readonly ScriptLine[],
  names: readonly string[] | undefined,
): readonly string[] {
  if (names === undefined) {
    const found = scriptNames(lines);
    if (found.length === 0) {
      throw new UsageError(`${source} types nothing: there is nothing to play`);
    }
    return found;
  }
  checkNames(source, lines, names);
  return names;
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
