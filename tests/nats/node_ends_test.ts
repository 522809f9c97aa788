import { assertEquals } from "@std/assert";

import { account, NodeGroup, soon } from "../support/node_group.ts";
import type { Frame } from "../support/raw_client.ts";

/** Messages that are written altogether: fewer than a mailbox takes of one sender. */
const MESSAGES = 90;

/** Somebody is written to while their node ends. */
async function underWay(signal: Deno.Signal): Promise<void> {
  await using nodes = await NodeGroup.start(2);
  const { a, b } = nodes;
  const sender = await account(a, "sender");
  const receiver = await account(b, "receiver");
  const answers = new Map<string, Frame>();
  const texts = Array.from({ length: MESSAGES }, (_, index) => `text ${index}`);
  const send = async (some: readonly string[]): Promise<void> => {
    const requests = some.map((message) => ({
      event: "msg",
      to: "receiver",
      message,
      id: message,
    }));
    await sender.send(...requests.map((request) => ({ ...request, store: true })));
    for (const text of some) answers.set(text, await sender.response());
  };
  await send(texts.slice(0, 40));
  const sending = send(texts.slice(40));
  b.kill(signal);
  const { frames } = await receiver.ended();
  await sending;

  const again = await a.connect();
  const user = { account_name: "receiver", password: "correct horse" };
  await soon(again, { event: "authenticate", user }, ({ response }) => response === 200);
  // What a node had been asked and not answered when it ended is 500: who is not sure asks again under the same id.
  const unsure = texts.filter((text) => answers.get(text)!.response === 500);
  await send(unsure);
  const got = [...frames, ...await again.pending()];
  assertEquals(texts.filter((text) => ![200, 202].includes(answers.get(text)!.response!)), []);
  const { messages } = await again.ask({ event: "history", with: "sender", limit: 100 });
  const kept = messages as Frame[];
  assertEquals(kept.map(({ message }) => message).toSorted(), texts.toSorted());
  assertEquals(
    new Map(kept.map(({ message, seq }) => [message, seq])),
    new Map(kept.map(({ message }) => [message, answers.get(`${message}`)!.seq])),
  );
  if (signal === "SIGKILL") return; // what it had handed over is in the history
  assertEquals(texts.filter((text) => !got.some(({ message }) => message === text)), []);
}

Deno.test("what was answered is kept once and handed over, however the addressee's node ends", async (t) => {
  await Promise.all((["SIGTERM", "SIGKILL"] as const).map((signal) =>
    t.step({
      name: signal,
      fn: () => underWay(signal),
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
    })
  ));
});
