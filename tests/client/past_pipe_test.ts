import { assertEquals, assertRejects } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { RefusedError } from "../../client/library/errors.ts";
import { printHistory, printHits, type PrintOptions } from "../../client/past_pipe.ts";
import { speakerOf } from "../../client/texts/texts.ts";
import { KeptServer, NOON } from "../support/kept_server.ts";

/** What is printed, in lines; the client is closed then. */
async function printed(
  server: KeptServer,
  print: typeof printHistory,
  what: string,
  more: Partial<PrintOptions> = {},
): Promise<string[]> {
  const client = await JimClient.connect({ hostname: "127.0.0.1", port: server.port, name: "eve" });
  let text = "";
  await print(client, what, {
    ...{ limit: 50, asJson: false, speaker: speakerOf("en") },
    out: (part) => text += part,
    ...more,
  });
  assertEquals(client.isClosed, true);
  return text.split("\n").slice(0, -1).map((line) => line.replace(/\[[\d:]+\] /, ""));
}

Deno.test("history prints the newest messages, the oldest of them first, over as many pages as it takes", async () => {
  await using server = new KeptServer();
  server.keepMany("bob", "message", 330);
  const lines = await printed(server, printHistory, "bob", { limit: 250 });
  assertEquals([lines.length, lines[0], lines.at(-1)], [
    ...[250, "2026-01-10 bob: message 81", "2026-01-10 bob: message 330"] as const,
  ]);
  assertEquals(server.requests("history").length, 3);
  assertEquals((await printed(server, printHistory, "bob", { limit: 1000 })).length, 330);
  assertEquals(await printed(server, printHistory, "bob", { limit: 1 }), [
    "2026-01-10 bob: message 330",
  ]);
  assertEquals(await printed(server, printHistory, "zoe"), []);
});

Deno.test("each message is one line, that no text of others leaves", async () => {
  await using server = new KeptServer();
  server.keep("bob", "a\n\x1b[2J", { from: "b\x1bob" });
  server.keep("bob", "mine", { to: "bob", from: "eve", edited: NOON });
  server.kept.get("bob")!.push({ time: 1e300, to: "eve", from: "bob", seq: 3, deleted: true });
  assertEquals(await printed(server, printHistory, "bob"), [
    "2026-01-10 b\\u{1b}ob: a\\n\\u{1b}[2J",
    "2026-01-10 → bob: mine · changed",
    "---------- [--:--:--] bob: (deleted)",
  ]);
});

Deno.test("as JSON each message is what came, and harmless", async () => {
  await using server = new KeptServer();
  const kept = server.keep("bob", "\u009b2J", { id: "x" });
  const [line] = await printed(server, printHistory, "bob", { asJson: true });
  assertEquals([JSON.parse(line!), line!.includes("\u009b")], [kept, false]);
});

Deno.test("a room is entered if it is there, and never made", async () => {
  await using server = new KeptServer();
  server.keep("#dev", "hi");
  assertEquals(await printed(server, printHistory, "#dev"), ["2026-01-10 #dev bob: hi"]);
  server.refused.set("room", 404);
  await assertRejects(() => printed(server, printHistory, "#typo"), RefusedError, "Not here");
  assertEquals(server.requests("join").length, 1);
});

Deno.test("search prints hits page by page, the newest first, in the place that is named", async () => {
  await using server = new KeptServer();
  server.keepMany("#dev", "lunch", 120);
  server.hits = server.kept.get("#dev")!.toReversed();
  const lines = await printed(server, printHits, "in:#dev from:bob lunch", { limit: 110 });
  assertEquals([lines.length, lines[0], lines.at(-1)], [
    ...[110, "2026-01-10 #dev bob: lunch 120", "2026-01-10 #dev bob: lunch 11"] as const,
  ]);
  assertEquals(server.requests("join").length, 1);
  server.refused.set("search", 400);
  await assertRejects(() => printed(server, printHits, "!"), RefusedError, "Not here");
});
