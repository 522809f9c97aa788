/**
 * Commands about the name under which one is online.
 *
 * @module
 */

import type { Chat } from "../chat.ts";
import { askPassword } from "../password_question.ts";
import { errorLine } from "../styled_line.ts";
import type { ChatCommand } from "./command.ts";
import { logInAs } from "./login.ts";

/** In the order of the help. */
export const ACCOUNT_COMMANDS: readonly ChatCommand[] = [
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
        chat.past.becameAccount();
        chat.tell("registered", { name });
      });
    },
  },
  {
    name: "login",
    aliases: ["вход"],
    usage: "[NAME]",
    help: "helpLogin",
    more: "helpLoginMore",
    run: (chat, rest) => logInAs(chat, rest.trim()),
  },
];

/** Asks twice, and again until both are the same or the person gives up with an empty line. */
async function readNewPassword(chat: Chat, name: string): Promise<string | undefined> {
  const { ui, speaker } = chat;
  const { say } = speaker;
  if (!ui.isInteractive) {
    chat.fail("mustBeTerminal", { command: "register" });
    return undefined;
  }
  for (;;) {
    const password = await askPassword(ui, speaker, say("askNewPassword", { name }));
    if (password === undefined) return undefined;
    const again = await ui.askSecret(say("repeatPassword"));
    if (!again || again === password) return again || undefined;
    ui.show(errorLine(say("passwordsDiffer")));
  }
}
