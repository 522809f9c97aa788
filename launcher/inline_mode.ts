/**
 * All clients in one terminal, or in none: lines in, lines out.
 *
 * @module
 */

import type { ChatPlan } from "./chat_plan.ts";
import type { ClientProcess } from "./client_process.ts";
import type { Interrupts } from "../common/interrupts.ts";
import type { LaunchConsole } from "./launch_console.ts";
import { prefixer } from "./output.ts";
import { PipedChat } from "./piped_chat.ts";
import { readTypedLine } from "./typed_line.ts";

/** The speaker of the launcher's own lines. */
const LAUNCHER = "launcher";

/**
 * Runs a chat until input ends, somebody asks to end, the server ends or the last client does.
 *
 * Guarantees: a line is handed to its clients when the line before was carried out (from a terminal: in order for
 * each client, clients do not wait for one another); at the end of input all that was typed has been carried out
 * and its answers shown; whatever ends it, nothing of the chat runs when it returns.
 *
 * @returns The exit status.
 * @throws {StartError} If a child ends before all are online.
 */
export async function runInline(
  plan: ChatPlan,
  console: LaunchConsole,
  interrupts: Interrupts,
): Promise<number> {
  const prefixed = prefixer(["server", ...plan.names, LAUNCHER], console.colour);
  const chat = new PipedChat({
    ...plan,
    onLine: (speaker, line, stream) => console.print(prefixed(speaker, line), stream),
  });
  const tell = (text: string): void => console.print(prefixed(LAUNCHER, text), "stderr");
  interrupts.second.then(() => chat.kill());

  const starting = chat.start();
  const isUp = await Promise.race([starting.then(() => true), interrupts.first.then(() => false)]);
  if (!isUp) {
    await Promise.all([chat.end(), starting.catch(() => {})]);
    return 0;
  }
  if (console.isTerminal) tell("'1 help' asks client 1, '@all …' types for all, Ctrl-C ends");
  const end = await Promise.race([
    typeAll(chat.clients, console, prefixed, tell).then(() => "input ended" as const),
    interrupts.first.then(() => "interrupted" as const),
    chat.over(),
  ]);
  await chat.end(end === "input ended" ? "in turn" : "together");
  if (typeof end === "string") return 0;
  tell(end.words);
  return end.status;
}

/** Hands each line of input to its clients; resolves when all is carried out. */
async function typeAll(
  clients: readonly ClientProcess[],
  console: LaunchConsole,
  prefixed: (speaker: string, text: string) => string,
  tell: (text: string) => void,
): Promise<void> {
  const names = clients.map(({ name }) => name);
  const type = async (index: number, line: string): Promise<void> => {
    const client = clients[index]!;
    // Who types in a terminal sees it; in a transcript the answers make sense with their questions only.
    const echo = (): void => {
      if (!console.isTerminal) console.print(prefixed(client.name, `> ${line}`), "stdout");
    };
    if (!await client.type(line, echo)) {
      tell(`Cannot type: client ${index + 1} (${client.name}) has ended`);
    }
  };
  const underway = new Set<Promise<unknown>>();
  for await (const text of console.lines()) {
    if (text.trim() === "") continue;
    const typed = readTypedLine(text, names);
    if (typeof typed === "string") {
      tell(typed);
      continue;
    }
    const done = Promise.all(typed.targets.map((index) => type(index, typed.line)));
    underway.add(done);
    done.finally(() => underway.delete(done));
    if (!console.isTerminal) await done;
  }
  await Promise.all(underway);
}
