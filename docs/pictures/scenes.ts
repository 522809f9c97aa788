/**
 * What the pictures show: sessions that are played with a real server. Each gives the last screen, with its colours.
 *
 * @module
 */

import { JimClient } from "../../client/library/jim_client.ts";
import type { ThemeName } from "../../client/chat/theme.ts";
import { ServerProcess } from "../../tests/support/server_process.ts";
import { startClient } from "../../tests/support/start_client.ts";

/** The terminal in all of them. */
export const SIZE = { columns: 84, rows: 22 } as const;

/** A first day: direct messages, a room, somebody who is offline, a mistyped command, a table. */
export async function playSession(): Promise<string> {
  await using server = await ServerProcess.start();
  const { hostname, port } = server.address;
  const join = (name: string, password?: string): Promise<JimClient> =>
    JimClient.connect({ hostname, port, name, ...(password !== undefined && { password }) });
  await using bob = await join("bob");
  await using anna = await join("Анна");
  const pyotr = await join("pyotr");
  await pyotr.login("pyotr", { password: "correct horse", register: true });
  await pyotr.quit();
  await bob.join("#dev");
  await using eve = startClient([hostname, String(port), "-n", "eve", "--lang", "en"], SIZE);
  await eve.endsWith("eve>");
  eve.press("ctrlL");
  eve.enter("message Анна Is the demo at noon?");
  await eve.shows("· sent");
  await anna.send("eve", "да, в переговорной на третьем этаже 🙂");
  await eve.shows("этаже");
  eve.enter("chat #dev");
  await eve.shows("In #dev");
  await bob.send("#dev", "morning! the build is green");
  await eve.shows("green");
  eve.enter("tagging the release now");
  await eve.shows("sent to 1");
  eve.enter("/message pyotr please read the notes");
  await eve.shows("will wait");
  eve.enter("/jion #ops");
  await eve.shows("[y/N]");
  eve.enter("n");
  eve.enter("/who #dev");
  await eve.shows("2 in #dev");
  eve.type("the notes are in docs/, 日本語 too");
  await bob.send("#dev", "nice, I will read them while you type");
  await eve.shows("while you type");
  return eve.colours();
}

/** A talk in a room with a column of names: a listing, a mention, a long address, somebody who comes. */
export async function playLook(theme: ThemeName): Promise<string> {
  await using server = await ServerProcess.start();
  const { hostname, port } = server.address;
  const join = async (name: string): Promise<JimClient> => {
    const client = await JimClient.connect({ hostname, port, name });
    await client.join("#dev");
    return client;
  };
  const flags = ["-n", "eve", "--lang", "en", "--theme", theme, "--gutter", "12"];
  await using eve = startClient([hostname, String(port), ...flags], SIZE);
  await eve.endsWith("eve>");
  eve.press("ctrlL");
  eve.enter("chat #dev");
  await eve.shows("In #dev");
  await using bob = await join("bob");
  await eve.shows("bob joined");
  await using anna = await join("Анна");
  await eve.shows("Анна joined");
  await bob.send(
    "#dev",
    "this is the shortest that I could make it:\n```ts\nfor await (const line of lines) {\n  await room.say(line);\n}\n```",
  );
  await eve.shows("await room");
  await anna.send("#dev", "красиво! eve, посмотри, пожалуйста");
  await eve.shows("посмотри");
  eve.enter("nice. I will read it with a cup of tea and come back to you before the demo at noon");
  await eve.shows("sent to 2");
  await bob.send(
    "#dev",
    `the rest is in https://git.example.org/team/messenger/src/branch/main/client/chat/message_head.ts`,
  );
  await eve.shows("message_head");
  await bob.send("eve", "and lunch afterwards?");
  await eve.shows("lunch");
  eve.enter("/jion #ops");
  await eve.shows("[y/N]");
  eve.enter("n");
  eve.type("sounds goo");
  await eve.shows("sounds goo");
  return eve.colours();
}
