/**
 * Going online with a password, also where the account is online elsewhere.
 *
 * @module
 */

import { CODE } from "../../common/wire/protocol.ts";
import { RefusedError } from "../library/errors.ts";
import type { JimClient } from "../library/jim_client.ts";
import type { LoginOptions } from "../library/options.ts";
import type { Speaker } from "../texts/texts.ts";
import { line } from "./styled_line.ts";
import type { Ui } from "./ui.ts";

/**
 * Goes online with a password. Where the account is online from a connection that lives, a person is asked whether to
 * take its place; the password is not asked for again.
 *
 * @throws {RefusedError} As `JimClient.login` does; 409 also if the person says no, or nobody can be asked.
 */
export async function logInWithPassword(
  client: JimClient,
  name: string,
  options: LoginOptions & { password: string },
  ui: Ui,
  { say }: Speaker,
): Promise<void> {
  try {
    await client.login(name, options);
  } catch (error) {
    const isElsewhere = error instanceof RefusedError && error.code === CODE.conflict;
    if (!isElsewhere || !ui.isInteractive || !await ui.confirm(say("takeOver"))) throw error;
    ui.show(line("info", say("waitingForLogin"), "faint"));
    await client.login(name, { ...options, takeover: true });
  }
}
