/**
 * Commands about the name under which one is online.
 *
 * @module
 */

import { CODE } from "../../../common/wire/protocol.ts";
import { RefusedError } from "../../library/errors.ts";
import type { Chat } from "../chat.ts";
import { describeFailure } from "../failures.ts";
import { askNewPassword } from "../password_question.ts";
import { errorLine } from "../styled_line.ts";
import { type ChatCommand, wordOf } from "./command.ts";
import { logInAs, renameGuest } from "./login.ts";

/** In the order of the help. */
export const ACCOUNT_COMMANDS: readonly ChatCommand[] = [
  {
    name: "register",
    russian: "регистрация",
    aliases: [],
    usage: "[CODE]",
    help: "helpRegister",
    more: "helpRegisterMore",
    needsPerson: true,
    async run(chat, rest) {
      const { name = "" } = chat.client;
      const password = await askNewPassword(chat.ui, chat.speaker, name);
      if (password === undefined) return;
      chat.later(() => register(chat, name, password, rest.trim() || undefined));
    },
  },
  {
    name: "login",
    russian: "вход",
    aliases: [],
    usage: "[NAME]",
    help: "helpLogin",
    more: "helpLoginMore",
    needsPerson: true,
    async run(chat, rest) {
      const { connect } = chat;
      if (connect !== undefined) await logInAs(chat, connect, rest.trim());
      else chat.fail("mustBeTerminal", { command: wordOf(this, chat.speaker) });
    },
  },
  {
    name: "nick",
    russian: "ник",
    aliases: [],
    usage: "NAME",
    help: "helpNick",
    more: "helpNickMore",
    isRare: true,
    needsPerson: true,
    async run(chat, rest) {
      const { connect } = chat;
      if (connect !== undefined) await renameGuest(chat, connect, rest.trim());
      else chat.fail("mustBeTerminal", { command: wordOf(this, chat.speaker) });
    },
  },
];

/** Makes an account. Where the server does not, it may want a code, which is said how to give. */
async function register(
  chat: Chat,
  name: string,
  password: string,
  invite: string | undefined,
): Promise<void> {
  try {
    await chat.client.login(name, { password, register: true, invite });
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== CODE.forbidden) throw error;
    chat.ui.show(errorLine(describeFailure(error, chat.speaker)));
    chat.tell("registerHint", { slash: chat.slash });
    return;
  }
  chat.tell("registered", { name });
  await chat.past.becameAccount();
}
