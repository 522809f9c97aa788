/**
 * The chat on a terminal.
 *
 * @module
 */

import { LIMITS } from "../common/limits.ts";
import { countChars } from "../common/names.ts";
import { Chat, type ChatOptions } from "./chat.ts";
import type { JimClient } from "./chat_client.ts";
import { COMMAND_WORDS, commandTable } from "./commands.ts";
import { lastWords } from "./failures.ts";
import { HistoryFile } from "./history.ts";
import { line } from "./styled_line.ts";
import { signIn } from "./sign_in.ts";
import type { Entry, TerminalUi } from "./terminal_ui.ts";

/** How to chat on a terminal. */
export interface ConsoleOptions extends Pick<ChatOptions, "speaker" | "clock" | "bell"> {
  /** The name; asked for if it is not given. */
  name: string | undefined;
  /** The password, if it is known. */
  password: string | undefined;
  /** The server, for what is shown. */
  address: string;
  /** Where histories are, for whoever may read and write there. */
  historyDir: string;
}

/**
 * Chats until the person leaves.
 *
 * @param client Is connected; it is closed in the end.
 * @throws {StartError} If the server refuses, or the connection is lost for good.
 */
export async function runConsole(
  client: JimClient,
  ui: TerminalUi,
  options: ConsoleOptions,
): Promise<void> {
  const { speaker, address } = options;
  await signIn(client, { ...options, ui, signal: ui.ended });
  ui.show(
    line("info", speaker.say("welcome", { name: client.name!, address }), "strong"),
    ...commandTable(speaker),
  );
  const chat = new Chat(client, { ...options, ui, multiline: true });
  const running = chat.run();
  const history = await HistoryFile.open(options.historyDir, client.name!);
  ui.start({
    get prompt() {
      return chat.prompt;
    },
    isMessage: (text) => chat.addressee !== undefined && !/^\s*\/(?!\/)/.test(text),
    get sources() {
      return {
        commands: COMMAND_WORDS,
        names: chat.names,
        rooms: client.rooms,
        inConversation: chat.addressee !== undefined,
      };
    },
  }, history);
  client.who().then(({ users }) => chat.addNames(users.map((user) => user.account_name)), () => {});
  const commands = (async () => {
    while (!chat.isLeaving) {
      const entry = await ui.read();
      if (entry === undefined) break;
      await carryOut(chat, entry);
    }
    await chat.leave();
  })();
  const [error] = await Promise.all([running, Promise.race([commands, running])]);
  await history?.flush();
  if (error !== undefined) throw lastWords(error, address, speaker);
  ui.show(line("info", speaker.say("goodbye"), "notice"));
}

async function carryOut(chat: Chat, { text, pastedLines }: Entry): Promise<void> {
  if (pastedLines === 0) {
    await chat.handle(text);
    return;
  }
  const { addressee: to, ui } = chat;
  const count = pastedLines;
  if (to === undefined) {
    if (!await ui.confirm(chat.say("runLines", { count }))) return;
    for (const line of text.split("\n")) await chat.handle(line);
  } else if (await ui.confirm(chat.say("sendLines", { count, to }))) {
    for (const part of splitText(text, LIMITS.maxMessageChars)) chat.send(to, part);
  } else {
    chat.tell("cancelled");
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
