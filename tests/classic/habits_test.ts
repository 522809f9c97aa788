// Clients in Python, each with a habit of those that exist, chat with clients of ours through a real server, at the
// pace that the server really has. This is why it takes four minutes, during which nearly nothing happens.
import { assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { ClientProcess } from "../support/client_process.ts";
import { ServerProcess } from "../support/server_process.ts";
import { PythonClient } from "./python_client.ts";

/** Messages in each direction; who answers each one at once gets the next one 2.4 s later. */
const COUNT = Number(Deno.env.get("CLASSIC_MESSAGES") ?? 100);

/** Messages that are on their way to a classic client at most; more than 50 it does not take. */
const WINDOW = 40;

const HABITS = ["template", "threads", "specification", "contacts", "burst"] as const;

/** A client of ours, as the other side of a chat. */
interface Friend {
  readonly name: string;
  say(to: string, text: string): Promise<void>;
  /** Hears these, in this order, and nothing else. */
  hears(texts: readonly string[]): Promise<void>;
  leave(): Promise<void>;
}

async function libraryFriend(port: number, name: string): Promise<Friend> {
  const client = await JimClient.connect({ hostname: "127.0.0.1", port, name });
  const messages = client.messages();
  return {
    name,
    async say(to, text) {
      assertEquals((await client.send(to, text)).state, "sent");
    },
    async hears(texts) {
      for (const text of texts) assertEquals((await messages.next()).value!.message, text);
    },
    leave: () => client.quit(),
  };
}

async function consoleFriend(port: number, name: string): Promise<Friend> {
  const client = new ClientProcess(["127.0.0.1", `${port}`, "--name", name]);
  await client.says(`You are ${name}`);
  let heard = 0;
  return {
    name,
    async say(to, text) {
      await client.write(`message ${to} ${text}\n`);
      await client.says(`→ ${to}: ${text} · sent`);
    },
    async hears(texts) {
      for (const text of texts) await client.says(`: ${text}\n`);
      const lines = client.stdout.split("\n").slice(heard, -1);
      heard += lines.length;
      assertEquals(lines.map((line) => line.replace(/^\[[^\]]*\] \S+: /, "")), texts);
    },
    async leave() {
      await client.closeInput();
      assertEquals((await client.ended()).code, 0);
    },
  };
}

function textsOf(name: string, words: string): string[] {
  return Array.from({ length: COUNT }, (_, i) => `${name} №${i}: ${words}`);
}

async function chat(port: number, habit: (typeof HABITS)[number]): Promise<void> {
  const make = habit === "contacts" ? consoleFriend : libraryFriend;
  const friend = await make(port, `Друг_${HABITS.indexOf(habit)}`);
  const name = `Иван_${HABITS.indexOf(habit)}`;
  await using ivan = new PythonClient("habits.py", [
    ...[habit, `${port}`, name, friend.name, `${COUNT}`],
  ]);
  await ivan.printsLines(1);
  const his = textsOf(name, `съешь ещё {этих} "мягких" }{ французских булок \\ 👋`);
  const ours = textsOf(friend.name, `да выпей же чаю, }}{"action": "msg"}`);
  const heard = friend.hears(his.slice(0, 1));
  const saying = (async (): Promise<void> => {
    // How the template wants its messages is not to be seen before it has sent one.
    if (habit === "template") await heard;
    for (const [i, text] of ours.entries()) {
      await ivan.printsLines(1 + i - WINDOW);
      await friend.say(name, text);
    }
  })();
  await Promise.all([
    ivan.types(his),
    saying,
    heard.then(() => friend.hears(his.slice(1))),
    ivan.printsLines(1 + COUNT),
  ]);
  assertEquals(await ivan.ended(), { code: 0, stderr: "", lines: ["online", ...ours] });
  await friend.leave();
}

Deno.test("five habits chat in both directions: nothing is lost, glued or altered", async (test) => {
  await using server = await ServerProcess.start();
  const { port } = server.address;
  await Promise.all(HABITS.map((habit) =>
    test.step({
      name: habit,
      fn: () => chat(port, habit),
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
    })
  ));
});
