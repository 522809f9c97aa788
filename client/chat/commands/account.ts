/**
 * Commands about the name under which one is online.
 *
 * @module
 */

import type { Chat } from "../chat.ts";
import { askPassword } from "../password_question.ts";
import { errorLine } from "../styled_line.ts";
import { type ChatCommand, wordOf } from "./command.ts";
import { logInAs } from "./login.ts";

/** In the order of the help. */
export const ACCOUNT_COMMANDS: readonly ChatCommand[] = [
  {
    name: "register",
    russian: "регистрация",
    aliases: [],
    usage: "",
    help: "helpRegister",
    needsPerson: true,
    async run(chat) {
      const { name = "" } = chat.client;
      const password = await readNewPassword(chat, name);
      if (password === undefined) return;
      chat.later(async () => {
        await chat.client.login(name, { password, register: true });
        chat.tell("registered", { name });
        await chat.past.becameAccount();
      });
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
];

/** Asks twice, and again until both are the same or the person gives up with an empty line. */
async function readNewPassword(chat: Chat, name: string): Promise<string | undefined> {
  const { ui, speaker } = chat;
  const { say } = speaker;
  for (;;) {
    const password = await askPassword(ui, speaker, say("askNewPassword", { name }));
    if (password === undefined) return undefined;
    const again = await ui.askSecret(say("repeatPassword"));
    if (!again || again === password) return again || undefined;
    ui.show(errorLine(say("passwordsDiffer")));
  }
}
