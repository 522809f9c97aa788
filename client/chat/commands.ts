/**
 * The commands of the chat, as table rows that carry their own help.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import { hasChars, isAccountName, isRoomName } from "../../common/names.ts";
import { isRoomAddress } from "../../common/wire/protocol.ts";
import { alignTable } from "../../common/table.ts";
import type { Chat } from "./chat.ts";
import { errorLine, type Line, line } from "./styled_line.ts";
import { renderWho } from "./render.ts";
import type { Speaker, TextKey } from "../texts/texts.ts";

/** One command. */
export interface ChatCommand {
  /** How it is called. */
  readonly name: string;
  /** How else. */
  readonly aliases: readonly string[];
  /** Its arguments as the help shows them; those in brackets may be left out. */
  readonly usage: string;
  /** One line for the help. */
  readonly help: TextKey;
  /** More of it, for `help COMMAND`. */
  readonly more?: TextKey;
  /**
   * Carries it out. Resolves when no more questions are to be asked; the server's answer may come later.
   *
   * @param rest What stood behind the command.
   */
  run(chat: Chat, rest: string): void | Promise<void>;
}

/** The commands, in the order of the help. */
export const COMMANDS: readonly ChatCommand[] = [
  {
    name: "message",
    aliases: ["msg", "m", "сообщение"],
    usage: "[WHO [TEXT]]",
    help: "helpMessage",
    more: "helpMessageMore",
    async run(chat, rest) {
      const given = splitWord(rest);
      const to = given.word || (await chat.ui.ask(chat.say("askTo")))?.trim();
      const text = to && (given.rest || await chat.ui.ask(chat.say("askText")));
      if (to && text !== undefined) chat.send(to, text);
      else chat.tell("cancelled");
    },
  },
  {
    name: "chat",
    aliases: ["query", "q", "чат"],
    usage: "WHO",
    help: "helpChat",
    more: "helpChatMore",
    async run(chat, rest) {
      const to = rest.trim() || (await chat.ui.ask(chat.say("askTo")))?.trim();
      if (!to) return;
      if (!isRoomName(to) && !isAccountName(to)) {
        chat.fail(isRoomAddress(to) ? "roomName" : "nameWrong", { room: to });
        return;
      }
      chat.open(to);
      if (isRoomAddress(to) && !chat.isIn(to)) chat.join(to);
    },
  },
  {
    name: "close",
    aliases: ["закрыть"],
    usage: "",
    help: "helpClose",
    run: (chat) => chat.close(),
  },
  {
    name: "reply",
    aliases: ["r", "ответить"],
    usage: "[TEXT]",
    help: "helpReply",
    async run(chat, rest) {
      const to = chat.lastSender;
      if (to === undefined) {
        chat.fail("nobodyWrote");
        return;
      }
      const text = rest || await chat.ui.ask(`→ ${to}: `);
      if (text !== undefined) chat.send(to, text);
      else chat.tell("cancelled");
    },
  },
  {
    name: "join",
    aliases: ["j", "войти"],
    usage: "#ROOM",
    help: "helpJoin",
    async run(chat, rest) {
      const room = await readRoom(chat, rest);
      if (room !== undefined) chat.join(room);
    },
  },
  {
    name: "leave",
    aliases: ["part", "покинуть"],
    usage: "[#ROOM]",
    help: "helpLeave",
    async run(chat, rest) {
      const { addressee, client } = chat;
      const here = addressee !== undefined && isRoomAddress(addressee)
        ? addressee
        : client.rooms.length === 1
        ? client.rooms[0]!
        : "";
      const room = await readRoom(chat, rest.trim() || here);
      if (room === undefined) return;
      chat.later(async () => {
        await client.leave(room);
        chat.tell("leftRoom", { room });
        if (chat.isOpen(room)) chat.close();
      });
    },
  },
  {
    name: "who",
    aliases: ["w", "кто"],
    usage: "[#ROOM]",
    help: "helpWho",
    run(chat, rest) {
      const room = rest.trim() || undefined;
      if (room !== undefined && !isRoomName(room)) {
        chat.fail("roomName", { room });
        return;
      }
      chat.later(async () => {
        const { users, total } = await chat.client.who(room);
        chat.addNames(users.map(({ account_name }) => account_name));
        chat.ui.show(...renderWho(users, total, room, chat.speaker));
      });
    },
  },
  {
    name: "status",
    aliases: ["статус"],
    usage: "[TEXT]",
    help: "helpStatus",
    run(chat, rest) {
      const status = rest.trim();
      chat.later(async () => {
        await chat.client.setStatus(status);
        if (status === "") chat.tell("statusCleared");
        else chat.tell("statusSet", { status });
      });
    },
  },
  {
    name: "unread",
    aliases: ["u", "непрочитанное"],
    usage: "",
    help: "helpUnread",
    run(chat) {
      const { unread, ui, speaker: { say } } = chat;
      if (unread.length === 0) chat.tell("unreadNone");
      const rows = unread.map(({ name, count }) => [`  ${name}`, say("unreadCount", { count })]);
      ui.show(...alignTable(rows).map((row) => line("info", row)));
    },
  },
  {
    name: "register",
    aliases: ["регистрация"],
    usage: "",
    help: "helpRegister",
    async run(chat) {
      const { name = "" } = chat.client;
      const password = await readNewPassword(chat, name);
      if (password === undefined) return;
      chat.later(async () => {
        await chat.client.login(name, { password, register: true });
        chat.tell("registered", { name });
      });
    },
  },
  {
    name: "login",
    aliases: ["вход"],
    usage: "[NAME]",
    help: "helpLogin",
    async run(chat, rest) {
      if (!chat.ui.isInteractive) {
        chat.fail("mustBeTerminal", { command: "login" });
        return;
      }
      const name = rest.trim() || (await chat.ui.ask(chat.say("askName")))?.trim();
      if (!name) return;
      if (isAccountName(name)) await chat.leave(name);
      else chat.fail("nameWrong");
    },
  },
  {
    name: "help",
    aliases: ["h", "?", "справка", "помощь"],
    usage: "[COMMAND]",
    help: "helpHelp",
    run(chat, rest) {
      const word = rest.trim();
      if (word === "") {
        chat.ui.show(...commandTable(chat.speaker));
        return;
      }
      const command = findCommand(word.replace(/^\//, ""));
      if (command === undefined) chat.unknownCommand(word);
      else chat.ui.show(...commandHelp(command, chat.speaker));
    },
  },
  {
    name: "exit",
    aliases: ["quit", "bye", "выход"],
    usage: "",
    help: "helpExit",
    run: (chat) => chat.leave(),
  },
];

const BY_WORD: ReadonlyMap<string, ChatCommand> = new Map(
  COMMANDS.flatMap((command) => [command.name, ...command.aliases].map((word) => [word, command])),
);

/** All words that name a command. */
export const COMMAND_WORDS: readonly string[] = [...BY_WORD.keys()];

/** The command of that name or alias; case does not matter. */
export function findCommand(word: string): ChatCommand | undefined {
  return BY_WORD.get(word.toLowerCase());
}

/** The first word of a text, and what follows it and the space behind it. */
export function splitWord(text: string): { word: string; rest: string } {
  const [, word = "", rest = ""] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? [];
  return { word, rest };
}

/** All commands with one line of help each. */
export function commandTable({ say }: Speaker): Line[] {
  const rows = COMMANDS.map(({ name, usage, help }) => [`  ${name} ${usage}`.trimEnd(), say(help)]);
  return [
    ...alignTable(rows).map((row) => line("info", row)),
    line("info", say("helpHint"), "faint"),
  ];
}

/** All that there is to know of a command. */
export function commandHelp(command: ChatCommand, { say }: Speaker): Line[] {
  const { name, usage, help, more, aliases } = command;
  const lines = [
    line("info", `${name} ${usage}`.trimEnd(), "strong"),
    line("info", `  ${say(help)}`),
  ];
  if (more !== undefined) {
    lines.push(...say(more).split("\n").map((text) => line("info", `  ${text}`)));
  }
  if (aliases.length > 0) {
    lines.push(line("info", `  ${say("aliases", { aliases: aliases.join(", ") })}`, "faint"));
  }
  return lines;
}

/** The room that is meant; asks if none is given. */
async function readRoom(chat: Chat, given: string): Promise<string | undefined> {
  const room = given.trim() || (await chat.ui.ask(chat.say("askRoom")))?.trim();
  if (!room) return undefined;
  if (isRoomName(room)) return room;
  chat.fail("roomName", { room });
  return undefined;
}

/**
 * Asks twice, and again until it is a password or the person gives up with an empty line: were there a usual prompt
 * instead, the next attempt would be typed there, for all to see.
 */
async function readNewPassword(chat: Chat, name: string): Promise<string | undefined> {
  const { ui, speaker: { say } } = chat;
  if (!ui.isInteractive) {
    chat.fail("mustBeTerminal", { command: "register" });
    return undefined;
  }
  const { minPasswordChars: min, maxPasswordChars: max } = LIMITS;
  for (;;) {
    const password = await ui.askSecret(say("askNewPassword", { name }));
    if (!password) return undefined;
    if (!hasChars(password, min, max)) {
      ui.show(errorLine(say("passwordLength", { min, max })));
      continue;
    }
    const again = await ui.askSecret(say("repeatPassword"));
    if (!again || again === password) return again || undefined;
    ui.show(errorLine(say("passwordsDiffer")));
  }
}
