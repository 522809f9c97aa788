/**
 * Going online: the name, and the password where one is needed.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { accountNameFault, hasNameShape } from "../../common/names.ts";
import { CODE } from "../../common/wire/protocol.ts";
import { RefusedError } from "../library/errors.ts";
import type { JimClient } from "../library/jim_client.ts";
import { refusalSentence, type Speaker } from "../texts/texts.ts";
import { logInWithPassword } from "./password_login.ts";
import {
  askNewPassword,
  askPassword,
  isPassword,
  showPasswordLength,
} from "./password_question.ts";
import { errorLine, line } from "./styled_line.ts";
import type { Ui } from "./ui.ts";

/** How to go online. */
export interface SignInOptions {
  /** The name; it is asked for if it is not given. */
  name: string | undefined;
  /** The password, if it is known. */
  password: string | undefined;
  /** Take the place of the account's other connection without being asked. @default {false} */
  takeover?: boolean;
  /** Make an account of the name and the password. @default {false} */
  register?: boolean;
  /** The invitation code for that. */
  invite?: string | undefined;
  /** Whom to ask. */
  ui: Ui;
  /** The language. */
  speaker: Speaker;
  /** Ends the attempt. */
  signal?: AbortSignal;
}

/**
 * Goes online. A person is asked again for a name that the server does not take (400, 409), for a password where the
 * name has one (401, 402), for an invitation code where an account is not made (403), and whether to take over where the account is online elsewhere (409); a script is asked for a
 * name only if it gave none.
 *
 * @throws {StartError} If the server refuses and nobody can be asked, or nobody answers.
 */
export async function signIn(client: JimClient, options: SignInOptions): Promise<void> {
  const { ui, speaker, signal, takeover = false, register = false } = options;
  const { say } = speaker;
  const asksName = ui.isInteractive || options.name === undefined;
  let { name, password, invite } = options;
  if (password !== undefined && ui.isInteractive && !isPassword(password)) {
    showPasswordLength(ui, speaker);
    password = undefined;
  }
  for (;;) {
    name ??= (await ui.ask(say("askName")))?.trim();
    if (name === undefined) throw new StartError(say("noName"));
    if (register && password === undefined && ui.isInteractive && hasNameShape(name)) {
      password = await askNewPassword(ui, speaker, name);
      if (password === undefined) {
        if (signal?.aborted) throw new StartError(say("noPassword", { name }));
        name = undefined;
        continue;
      }
    }
    let error: RefusedError;
    try {
      if (!hasNameShape(name)) throw new RefusedError("login", CODE.badRequest, say("nameWrong"));
      if (password === undefined) {
        if (register) throw new RefusedError("register", CODE.unauthorized, "");
        await client.login(name, { signal });
        return;
      }
      if (ui.isInteractive) ui.show(line("info", say("waitingForLogin"), "faint"));
      if (register) await client.login(name, { password, register, invite, signal });
      else await logInWithPassword(client, name, { password, takeover, signal }, ui, speaker);
      return;
    } catch (thrown) {
      if (signal?.aborted) throw new StartError(say("leftEarly"));
      if (!(thrown instanceof RefusedError)) throw thrown;
      error = thrown;
    }
    const { event, code, message: sentence } = error;
    const isAboutName = code === CODE.badRequest || code === CODE.conflict;
    const isAboutPassword = code === CODE.unauthorized || code === CODE.wrongLogin;
    if (isAboutName && asksName) {
      ui.show(errorLine(
        code === CODE.conflict
          ? say(register ? "nameRegistered" : "nameTaken", { name })
          : hasNameShape(name) && accountNameFault(name) !== undefined
          ? say("nameDeceives")
          : sentence,
      ));
      name = undefined;
      password = register ? options.password : undefined;
      invite = options.invite; // one that was typed may be what is wrong
    } else if (register && code === CODE.forbidden && ui.isInteractive) {
      ui.show(errorLine(refusalSentence({ event, code, sentence }, speaker)));
      invite = (await ui.ask(say("askInvite")))?.trim() || undefined;
      if (invite === undefined) throw new StartError(say("notRegistered", { name }));
    } else if (isAboutPassword && ui.isInteractive) {
      if (code === CODE.wrongLogin) ui.show(errorLine(say("wrongLogin")));
      password = await askPassword(ui, speaker, say("askPassword", { name }));
      if (password === undefined) {
        if (signal?.aborted) throw new StartError(say("noPassword", { name }));
        name = undefined;
      }
    } else if (code === CODE.unauthorized) {
      throw new StartError(
        say("loginRefused", { name, sentence: say("noTerminalForPassword"), code }),
      );
    } else {
      const reason = refusalSentence({ event, code, sentence }, speaker);
      throw new StartError(say("loginRefused", { name, sentence: reason, code }));
    }
  }
}
