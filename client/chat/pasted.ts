/**
 * What a pasted block of several lines means. A person is always asked, and sees what it is about.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import { countChars } from "../../common/names.ts";
import type { Chat } from "./chat.ts";
import { findCommand } from "./commands/commands.ts";
import { readInput } from "./input.ts";
import { line } from "./styled_line.ts";

/** What was entered with a block of several lines in it. */
export interface Pasted {
  /** All of it, with line breaks. */
  readonly text: string;
  /** Whether it begins with the block; else the block belongs to the line in which it was pasted. */
  readonly isBlock: boolean;
}

/** Of a longer text the question shows less than this. */
const SHOWN_LINES = 10;
const BAR = "│ ";

/**
 * Asks, and carries it out. In a conversation a block is one message, or several if it is too long for one; outside
 * each of its lines is a command. A block that was pasted into a line is one thing with that line, be it a message or a
 * command.
 *
 * @returns Whether it was carried out.
 */
export async function handlePasted(chat: Chat, { text, isBlock }: Pasted): Promise<boolean> {
  const { current } = chat.conversations;
  const input = readInput(text, {
    to: current,
    isCommand: (word) => findCommand(word) !== undefined || chat.aliases.find(word) !== undefined,
  });
  let message = current === undefined ? undefined : { to: current, text };
  if (!isBlock) {
    if (input.kind === "message" || input.kind === "doubtful") message = input;
    else message = input.kind === "command" ? messageOf(chat, input.word, input.rest) : undefined;
  }
  showBlock(chat, message?.text ?? text);
  const count = (message?.text ?? text).split("\n").length;
  if (message !== undefined) {
    const { to } = message;
    if (!await chat.ui.confirm(chat.say("sendLines", { count, to }))) {
      chat.tell("cancelled");
      return false;
    }
    const parts = splitText(message.text, LIMITS.maxMessage);
    if (parts.length === 0) chat.fail("emptyMessage");
    for (const part of parts) chat.send(to, part);
  } else if (isBlock || input.kind !== "command") {
    if (!await chat.ui.confirm(chat.say("runLines", { count }))) return false;
    for (const line of text.split("\n")) await chat.handle(line);
  } else {
    const command = input.word;
    if (!await chat.ui.confirm(chat.say("runPasted", { command, count }))) return false;
    await chat.handle(text);
  }
  return true;
}

/** What a command sends, if it is one that sends the text behind it. */
function messageOf(
  chat: Chat,
  word: string,
  rest: string,
): { readonly to: string; readonly text: string } | undefined {
  ({ word, rest } = chat.aliases.expand({ word, rest }));
  const { name } = findCommand(word) ?? {};
  if (name === "message") {
    const [, to, text] = /^(\S+)\s(.*)$/s.exec(rest) ?? [];
    return to === undefined || text === undefined ? undefined : { to, text };
  }
  const to = chat.conversations.lastSender;
  return name === "reply" && to !== undefined ? { to, text: rest } : undefined;
}

function showBlock(chat: Chat, text: string): void {
  const lines = text.replaceAll("\t", "    ").split("\n");
  const shown = lines.length > SHOWN_LINES ? lines.slice(0, SHOWN_LINES - 1) : lines;
  const more = lines.length - shown.length;
  for (const part of shown) {
    chat.ui.show({ ...line("info", BAR + part, "faint"), indent: BAR });
  }
  if (more > 0) {
    chat.ui.show(line("info", BAR + chat.say("moreLines", { count: more }), "faint"));
  }
}

/**
 * Breaks a long text between lines, so that each part is a message. A single line that is too long is left whole: the
 * server says so.
 *
 * @param max Code points of a part.
 */
export function splitText(text: string, max: number): string[] {
  const parts: string[] = [];
  for (const line of text.split("\n")) {
    const last = parts.at(-1);
    const longer = last === undefined ? line : `${last}\n${line}`;
    if (last !== undefined && countChars(longer) > max) parts.push(line);
    else parts[Math.max(0, parts.length - 1)] = longer;
  }
  return parts.filter((part) => part.trim() !== "");
}
