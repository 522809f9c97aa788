/**
 * Going online under another name.
 *
 * @module
 */

import { foldName, hasNameShape } from "../../../common/names.ts";
import { CODE } from "../../../common/wire/protocol.ts";
import { RefusedError } from "../../library/errors.ts";
import type { JimClient } from "../../library/jim_client.ts";
import type { Chat } from "../chat.ts";
import { describeFailure } from "../failures.ts";
import { logInWithPassword } from "../password_login.ts";
import { askPassword } from "../password_question.ts";
import { errorLine, line } from "../styled_line.ts";

/**
 * Asks for the password, goes online under the name beside the connection there is, enters the rooms, and only then
 * leaves under the old name. Whatever goes wrong before, the chat stays as it is. It never goes online as a guest:
 * whoever says `login` means an account.
 *
 * @param connect Makes the other client, which is not online yet.
 * @param given The name; asked for if it is empty.
 */
export async function logInAs(
  chat: Chat,
  connect: () => Promise<JimClient>,
  given: string,
): Promise<void> {
  const name = given || (await chat.ui.ask(chat.say("askName")))?.trim();
  if (!name) return;
  const { name: now = "", isOnline } = chat.client;
  if (!hasNameShape(name)) {
    chat.fail("nameWrong");
  } else if (isOnline && foldName(name) === foldName(now)) {
    chat.fail("loginSame", { name: now });
  } else {
    const client = await goOnline(chat, connect, name);
    if (client === undefined) {
      chat.tell("loginNot", { name: now });
    } else {
      await enterRooms(chat, client);
      await chat.leave(client);
    }
  }
}

/**
 * A guest goes online under another name, beside the connection there is, with their rooms and what they say of
 * themselves; only then they leave under the old one. Whatever goes wrong before, the chat stays as it is.
 *
 * @param connect Makes the other client, which is not online yet.
 */
export async function renameGuest(
  chat: Chat,
  connect: () => Promise<JimClient>,
  name: string,
): Promise<void> {
  const { client: { name: now = "", isAccount, isOnline, status, away }, ui, speaker } = chat;
  if (isAccount) return chat.fail("nickAccount", { name: now, slash: chat.slash });
  if (!hasNameShape(name)) return chat.fail("nameWrong");
  // A name in another spelling is the same to the server.
  if (isOnline && foldName(name) === foldName(now)) return chat.fail("loginSame", { name: now });
  let client: JimClient | undefined;
  try {
    client = await connect();
    await client.login(name, { status, away });
  } catch (error) {
    client?.close();
    const code = error instanceof RefusedError ? error.code : undefined;
    if (code === CODE.unauthorized) chat.fail("nickTaken", { name, slash: chat.slash });
    else if (code === CODE.conflict) chat.fail("nameOnline", { name });
    else ui.show(errorLine(describeFailure(error, speaker)));
    chat.tell("loginNot", { name: now });
    return;
  }
  await enterRooms(chat, client);
  await chat.rename(client);
}

/** A client that is online under the name; `undefined` if the person gives up or the server refuses. */
async function goOnline(
  chat: Chat,
  connect: () => Promise<JimClient>,
  name: string,
): Promise<JimClient | undefined> {
  const { ui, speaker } = chat;
  const ask = (): Promise<string | undefined> =>
    askPassword(ui, speaker, speaker.say("askPassword", { name }));
  let client: JimClient | undefined;
  for (let password = await ask(); password !== undefined; password = await ask()) {
    ui.show(line("info", speaker.say("waitingForLogin"), "faint"));
    try {
      client ??= await connect();
      await logInWithPassword(client, name, { password }, ui, speaker);
      return client;
    } catch (error) {
      const code = error instanceof RefusedError ? error.code : undefined;
      if (code === CODE.wrongLogin) {
        chat.fail("loginWrong", { name });
        continue;
      }
      if (code === CODE.conflict) chat.fail("nameOnline", { name });
      else ui.show(errorLine(describeFailure(error, speaker)));
      break;
    }
  }
  client?.close();
  return undefined;
}

async function enterRooms(chat: Chat, client: JimClient): Promise<void> {
  await Promise.all(chat.client.rooms.map(async (room) => {
    try {
      await client.join(room);
    } catch (error) {
      chat.fail("roomLost", { room, reason: describeFailure(error, chat.speaker) });
    }
  }));
}
