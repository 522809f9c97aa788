/**
 * All clients in one terminal, or in none: lines in, lines out.
 *
 * @module
 */

import type { Interrupts } from "../common/interrupts.ts";
import { Chat } from "./chat.ts";
import type { ChatPlan } from "./commands.ts";
import type { Say } from "./child.ts";
import { type LaunchConsole, transcript } from "./launch_console.ts";
import { pipes, type TypedClient } from "./typed_client.ts";
import { readTypedLine } from "./typed_line.ts";

/** The speaker of the launcher's own lines. */
const LAUNCHER = "launcher";

/**
 * Runs a chat until input ends, somebody asks to end, the server ends or the last client does.
 *
 * Guarantees: a line is typed when the line before was carried out (from a terminal: when that client's was); at the
 * end of input all lines have been carried out and their answers shown; nothing of the chat runs afterwards.
 *
 * @returns The exit status.
 * @throws {StartError} If a process ends before all clients are online.
 */
export async function runInline(
  plan: ChatPlan,
  console: LaunchConsole,
  interrupts: Interrupts,
): Promise<number> {
  const say = transcript(console, ["server", ...plan.names, LAUNCHER]);
  await using chat = new Chat(plan, pipes(say));
  const end = await chat.run(interrupts, async () => {
    if (console.isTerminal) {
      say(LAUNCHER, "'1 help' asks client 1, '@all …' types for all, Ctrl-C ends", "stderr");
    }
    const typed = typeAll(chat.clients, console, say).then(() => "input ended" as const);
    return await Promise.race([typed, chat.over()]);
  });
  await chat.end(end === "input ended" ? "in turn" : "together");
  if (typeof end === "string") return 0;
  for (const line of end.words) say(LAUNCHER, line, "stderr");
  return end.status;
}

/** Hands each line of input to its clients; resolves when all is carried out. */
async function typeAll(
  clients: readonly TypedClient[],
  console: LaunchConsole,
  say: Say,
): Promise<void> {
  const type = async (index: number, line: string): Promise<void> => {
    const client = clients[index]!;
    const isTyped = await client.type(line, () => {
      // At a terminal people see what they type; a transcript needs the questions with the answers.
      if (!console.isTerminal) say(client.name, `> ${line}`, "stdout");
    });
    if (!isTyped) {
      say(LAUNCHER, `Cannot type: client ${index + 1} (${client.name}) has ended`, "stderr");
    }
  };
  const turns: Promise<unknown>[] = [];
  for await (const text of console.lines()) {
    if (text.trim() === "") continue;
    const typed = readTypedLine(text, clients.map(({ name }) => name));
    if (typeof typed === "string") {
      say(LAUNCHER, typed, "stderr");
      continue;
    }
    const done = Promise.all(typed.targets.map((index) => type(index, typed.line)));
    if (console.isTerminal) turns.push(done);
    else await done;
  }
  await Promise.all(turns);
}
