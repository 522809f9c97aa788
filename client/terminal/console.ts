/**
 * The chat on a terminal.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { isRoomAddress } from "../../common/wire/protocol.ts";
import { arrive, enterAsked } from "../chat/arrival.ts";
import { Chat, type ChatOptions } from "../chat/chat.ts";
import { COMMAND_WORDS } from "../chat/commands/commands.ts";
import { expectedBehind, likelyNames } from "../chat/commands/expected.ts";
import { commandTable } from "../chat/commands/help.ts";
import { lastWords } from "../chat/failures.ts";
import { isShownAsMessage } from "../chat/input.ts";
import { handlePasted } from "../chat/pasted.ts";
import { signIn } from "../chat/sign_in.ts";
import { stateLine, titleOf } from "../chat/state_line.ts";
import { line } from "../chat/styled_line.ts";
import type { JimClient } from "../library/jim_client.ts";
import { addressText } from "../library/node_address.ts";
import { Profile } from "../profile/profile.ts";
import type { ConsoleUi, Prompter } from "./console_ui.ts";
import { InputHistory } from "./input_history.ts";
import { KeptChoices } from "./kept_choices.ts";

/** How to chat on a terminal. */
export interface ConsoleOptions
  extends Pick<ChatOptions, "speaker" | "clock" | "log" | "profile" | "record"> {
  /** The name; asked for if it is not given. */
  name: string | undefined;
  /** The password, if it is known. */
  password: string | undefined;
  /** Take the place of the account's other connection without being asked. */
  takeover: boolean;
  /** Make an account of the name. */
  register?: boolean;
  /** The invitation code for that. */
  invite?: string | undefined;
  /** Where the server was looked for, for what is shown if it is not found. */
  address: string;
  /** Rooms to be entered. */
  join?: readonly string[];
  /** The folder of input histories, if reading and writing there is permitted. */
  inputHistoryDir: string;
}

/**
 * Chats until the person leaves.
 *
 * @param connect Makes a client that is connected; called again for `login`.
 * @throws {StartError} If the server refuses, or the connection is lost for good.
 */
export async function runConsole(
  connect: () => Promise<JimClient>,
  ui: ConsoleUi,
  options: ConsoleOptions,
): Promise<void> {
  const { speaker, address, profile = new Profile() } = options;
  const first = await connect();
  await signIn(first, { ...options, ui, signal: ui.ended });
  let client: JimClient | undefined = first;
  let open: string | undefined; // the conversation in which one goes on under another name
  let before: Chat | undefined;
  while (client !== undefined) {
    ui.show(
      line(
        "info",
        speaker.say("welcome", { name: client.name!, address: addressText(client.node) }),
        "strong",
      ),
      ...(client === first ? commandTable(speaker, ui.columns) : []),
    );
    const inputHistory = await InputHistory.open(options.inputHistoryDir, client.name!);
    const memory = await KeptChoices.open(
      options.inputHistoryDir,
      client.name!,
      address,
      profile,
    );
    const more = { ui, connect, profile, memory, before, multiline: true };
    const chat: Chat = new Chat(client, { ...options, ...more });
    ui.start(prompterOf(chat), { inputHistory, keepsDrafts: before !== undefined });
    const asked = client === first ? options.join ?? [] : [];
    const goesOn = open !== undefined && (!isRoomAddress(open) || chat.isIn(open));
    const error = await chatOn(chat, ui, asked, goesOn ? open : memory.open);
    open = chat.conversations.current;
    await Promise.all([inputHistory?.flush(), memory.flush()]);
    ui.pause();
    await ui.away;
    if (error !== undefined) throw lastWords(error, address, speaker);
    client = chat.next;
    before = chat.isRenamed ? chat : undefined;
  }
  ui.show(line("info", speaker.say("goodbye"), "notice"));
}

/**
 * Until the chat ends.
 *
 * @param rooms To be entered.
 * @param open The conversation to go on with, if there is one.
 * @returns What ended it, if the person did not.
 */
async function chatOn(
  chat: Chat,
  ui: ConsoleUi,
  rooms: readonly string[],
  open: string | undefined,
): Promise<Error | undefined> {
  const running = chat.run();
  chat.names.learn();
  const arrived = chat.later(async () => {
    await arrive(chat);
    await enterAsked(chat, rooms);
  });
  if (open !== undefined) chat.switching.goOn(open, arrived);
  const commands = (async () => {
    while (!chat.isLeaving) {
      const entry = await ui.read();
      if (entry === undefined) break;
      const { text, paste } = entry;
      if (paste === undefined) await chat.handle(text);
      else if (!await handlePasted(chat, { text, isBlock: paste.isBlock })) ui.giveBack(entry);
    }
    await chat.leave();
  })();
  const [error] = await Promise.all([running, Promise.race([commands, running])]);
  return error;
}

function prompterOf(chat: Chat): Prompter {
  return {
    get prompt() {
      return chat.prompt;
    },
    get conversation() {
      return foldName(chat.conversations.current ?? "");
    },
    mayKeep: (line) => chat.isUnderstood(line),
    onLine: (line) => chat.typing(line),
    pages: () => chat.pages(),
    state: (columns) => stateLine(chat.state, columns, chat.speaker),
    get title() {
      return titleOf(chat.state);
    },
    onNumber: (number) => chat.switching.toNumber(number),
    onStep: (step) => chat.switching.step(step),
    onUnread: () => chat.switching.toUnread(),
    isMessage: (line) => chat.conversations.current !== undefined && isShownAsMessage(line),
    get sources() {
      chat.names.learn();
      return {
        commands: [...COMMAND_WORDS, ...chat.aliases.words],
        names: chat.names.all,
        rooms: chat.client.rooms,
        inConversation: chat.conversations.current !== undefined,
        likely: likelyNames(chat),
        expected: (before: string) => expectedBehind(chat, before),
      };
    },
  };
}
