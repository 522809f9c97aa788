import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { harmlessJson, listen, partsOf, PipeUi, runPipe, sendOne } from "../../client/pipe.ts";
import { speakerOf } from "../../client/texts/texts.ts";
import { StartError } from "../../common/errors.ts";
import { printable } from "../../common/printable.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";
import { settle } from "../support/settle.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { connect } from "./library/support.ts";

Deno.test("a frame that is printed on a terminal is the same value, and steers nothing", () => {
  const value = { message: "\x1b[2J\u009b2J\u202e\u{e0041} 🚀 é \\u0041 日本" };
  const json = JSON.stringify(value);
  const harmless = harmlessJson(json);
  assertEquals(JSON.parse(harmless), value);
  assertEquals(printable(harmless), harmless);
  assertEquals(harmlessJson('{"message":"привет 🚀"}'), '{"message":"привет 🚀"}');
});

Deno.test("a text of many lines is broken into messages between its lines; a blank one is none", () => {
  const speaker = speakerOf("en");
  const numbers = Array.from({ length: 1_500 }, (_, i) => `${i + 1}`).join("\n");
  const parts = partsOf(numbers, speaker);
  assertEquals([parts.length, parts.join("\n")], [2, numbers]);
  assertEquals(partsOf(" hi ", speaker), [" hi "]);
  for (const blank of ["", "  ", " \n\t\n"]) {
    assertThrows(() => partsOf(blank, speaker), StartError, "An empty message is not sent.");
  }
});

Deno.test("a message that only one's own empty room took has reached nobody", async () => {
  await using server = new TestServer();
  const send = async (to: string, parts: string[]): Promise<boolean> => {
    const client = await JimClient.connect({ ...server.address, name: "eve" });
    return await sendOne(client, to, parts, speakerOf("en"));
  };
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  await bob.join("#dev");
  assertEquals(await send("#empty", ["hi"]), false);
  assertEquals(await send("#dev", ["one", "two"]), true);
  assertEquals(await send("bob", ["hi"]), true);
  const tooLong = "x".repeat(5_000);
  await assertRejects(() => send("bob", ["one", tooLong]), StartError, "part 2 of 2: not sent");
});

Deno.test("a listener that prints JSON hears of a lost connection on standard error", async () => {
  await using server = new ScriptedServer();
  const clock = new FakeClock();
  await using client = await connect(server, { clock, random: () => 0, firstMs: 4_000 });
  const [out, err]: string[][] = [[], []];
  const isBack = Promise.withResolvers<void>();
  const streams = {
    input: new ReadableStream<string>(),
    out: (text: string) => void out!.push(text),
    err: (text: string) => {
      err!.push(text);
      if (err!.length === 2) isBack.resolve();
    },
  };
  const options = { asJson: true, out: streams.out, speaker: speakerOf("en") };
  const listening = listen(client, new PipeUi(streams, false), { ...options, clock });
  server.peer.close();
  while (clock.pending < 2) await settle();
  clock.advance(2_000);
  await isBack.promise;
  client.close();
  await listening;
  assertEquals(out, []);
  assertMatch(err!.join(""), /^Connection lost: .*\nConnected again\.\n$/);
});

Deno.test("a listener that prints JSON prints messages and what is told of rooms, as it came, and nothing else", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  const out: string[] = [];
  const isOut = Promise.withResolvers<void>();
  const streams = { input: new ReadableStream<string>(), out: () => {}, err: () => {} };
  const listening = listen(client, new PipeUi(streams, false), {
    ...{ asJson: true, speaker: speakerOf("en") },
    out: (text) => {
      if (out.push(text) === 2) isOut.resolve();
    },
  });
  const invited = { response: 100, time: 1, alert: "", room: "#dev", invited: "eve", by: "ann" };
  const closing = { response: 101, time: 1, alert: "going down" };
  const came = { response: 100, time: 1, alert: "", room: "#dev", joined: "zoe" };
  const message = { event: "msg", time: 2, to: "eve", from: "bob", message: "hi \u009b2J" };
  await server.peer.write(closing, invited, came, message);
  await isOut.promise;
  client.close();
  await listening;
  const printed = [invited, message].map((frame) => JSON.stringify(frame) + "\n");
  assertEquals(out, printed.map((text) => text.replace("\u009b", "\\u009b")));
});

for (const asJson of [true, false]) {
  Deno.test(`a listener that cannot write gets the message again, and its name is free: ${asJson ? "JSON" : "text"}`, async () => {
    await using server = new TestServer();
    const { address } = server;
    const speaker = speakerOf("en");
    const listening = async (out: (text: string) => void, isNew: boolean): Promise<void> => {
      await using client = await JimClient.connect(address);
      await client.login("ann", { password: PASSWORD, register: isNew });
      const streams = { input: new ReadableStream<string>(), out, err: () => {} };
      await listen(client, new PipeUi(streams, false), { asJson, out, speaker });
    };
    await using bob = await JimClient.connect({ ...address, name: "bob" });
    const full = listening(() => {
      throw new Error("No space left on device");
    }, true);
    while (!(await bob.who()).users.some(({ account_name }) => account_name === "ann"));
    assertEquals((await bob.send("ann", "hi")).state, "sent");
    await assertRejects(() => full, Error, "No space left");
    const printed = Promise.withResolvers<string>();
    const again = listening((text) => {
      printed.resolve(text);
      throw new Error("enough");
    }, false);
    assertStringIncludes(await printed.promise, "hi");
    await assertRejects(() => again, Error, "enough");
  });
}

Deno.test("commands of those who run a room work line by line, and ask nobody", async () => {
  await using server = new ScriptedServer();
  await using client = await connect(server);
  const err: string[] = [];
  const lines = [
    "ban #dev bob 2h ads",
    "mute #dev bob 2x",
    "room #dev slow 10s",
    "room #dev remove",
  ];
  const streams = {
    input: ReadableStream.from(lines),
    out: () => {},
    err: (text: string) => void err.push(text),
  };
  server.answer = ({ event }) =>
    event === "room" ? { response: 403, error: "No", refused: "role" } : {};
  await runPipe(client, new PipeUi(streams, false), {
    ...{ name: "eve", password: undefined, address: "here", speaker: speakerOf("en") },
  });
  assertEquals(err.slice(-4), [
    "*** eve banned bob from #dev for 2 h: ads\n",
    "Nothing was done: a duration is a number with s, m, h, d or w, as in 90s, 2h or 1h30m, up to " +
    "ten years; received '2x'. None means for good.\n",
    "only an owner or moderator of #dev may do that (403)\n",
    "'room remove' needs a terminal.\n",
  ]);
});
