/**
 * Commands about the name under which one is online.
 *
 * @module
 */

import { LIMITS } from "../../../common/limits.ts";
import { hasChars, isAccountName } from "../../../common/names.ts";
import type { Chat } from "../chat.ts";
import { errorLine } from "../styled_line.ts";
import type { ChatCommand } from "./command.ts";

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
];

/**
 * Asks twice, and again until it is a password or the person gives up with an empty line. If one wrong attempt brought
 * the usual prompt back, the next one would be typed there, for all to see.
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
