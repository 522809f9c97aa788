/**
 * Asking for a password.
 *
 * @module
 */

import { LIMITS } from "../../common/limits.ts";
import { hasChars } from "../../common/names.ts";
import type { Speaker } from "../texts/texts.ts";
import { errorLine } from "./styled_line.ts";
import type { Ui } from "./ui.ts";

/** Whether the server would take it for a password at all. */
export function isPassword(text: string): boolean {
  return hasChars(text, LIMITS.minPasswordChars, LIMITS.maxPasswordChars);
}

/**
 * Asks for a new password twice, and again until both are the same.
 *
 * @returns The password; `undefined` if the person gives up with an empty line, or nobody can be asked.
 */
export async function askNewPassword(
  ui: Ui,
  speaker: Speaker,
  name: string,
): Promise<string | undefined> {
  const { say } = speaker;
  for (;;) {
    const password = await askPassword(ui, speaker, say("askNewPassword", { name }));
    if (password === undefined) return undefined;
    const again = await ui.askSecret(say("repeatPassword"));
    if (!again || again === password) return again || undefined;
    ui.show(errorLine(say("passwordsDiffer")));
  }
}

/** Says how long a password is. */
export function showPasswordLength(ui: Ui, { say }: Speaker): void {
  const { minPasswordChars: min, maxPasswordChars: max } = LIMITS;
  ui.show(errorLine(say("passwordLength", { min, max })));
}

/**
 * Asks until it is a password by its length. If one wrong attempt brought the usual prompt back, the next one would be
 * typed there, for all to see.
 *
 * @returns The password; `undefined` if the person gives up with an empty line, or nobody can be asked.
 */
export async function askPassword(
  ui: Ui,
  speaker: Speaker,
  question: string,
): Promise<string | undefined> {
  for (;;) {
    const password = await ui.askSecret(question);
    if (!password) return undefined;
    if (isPassword(password)) return password;
    showPasswordLength(ui, speaker);
  }
}
