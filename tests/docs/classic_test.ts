import { assertEquals } from "@std/assert";

import { ClassicClient, PassingTime } from "../support/classic_client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { TestServer } from "../support/server_fixture.ts";

const DOCUMENT = new URL("../../docs/classic.md", import.meta.url);

/** Speakers of a conversation: what they send is marked by the first letter, what they get by the second. */
const SPEAKERS = [["C", "S"], ["D", "T"]] as const;

const text = await Deno.readTextFile(DOCUMENT);
const conversations = [...text.matchAll(/^### (.+)$|^```classic\n([^]*?)^```$/gm)];

let title = "";
for (const [, heading, conversation] of conversations) {
  if (heading !== undefined) title = heading;
  else Deno.test(`docs/classic.md: ${title}`, () => play(conversation!.trim().split("\n")));
}

Deno.test("docs/classic.md has conversations", () => {
  assertEquals(conversations.filter(([, , conversation]) => conversation !== undefined).length, 4);
});

async function play(steps: string[]): Promise<void> {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 0 } });
  using time = new PassingTime(server.address, clock);
  using peers = new DisposableStack();
  const clients = new Map<string, ClassicClient>();
  for (const step of steps) {
    const [mark, object] = [step[0]!, step.slice(3)];
    const [sends, gets] = SPEAKERS.find((speaker) => speaker.some((letter) => letter === mark))!;
    let client = clients.get(sends);
    if (client === undefined) {
      client = peers.use(await ClassicClient.connect(server.address, time));
      clients.set(sends, client);
    }
    if (mark === gets) {
      const received = JSON.stringify(await client.recv());
      assertEquals(received.replace(/"time":[\d.]+/, '"time":…'), object);
    } else {
      await client.sendText(object);
    }
  }
}
