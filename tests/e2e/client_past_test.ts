import { assert, assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { runClient } from "../support/client_process.ts";
import { KeptServer } from "../support/kept_server.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";
import { Terminal } from "../support/terminal.ts";

function place(server: { port: number }): string[] {
  return ["127.0.0.1", String(server.port), "-n", "eve"];
}

Deno.test("a conversation opens with a rule before what is new, which alone is not dim", async () => {
  await using server = new KeptServer();
  server.keepMany("bob", "read", 12);
  server.read.set("bob", 12);
  server.keepMany("bob", "fresh", 3);
  await using eve = startClient(place(server));
  await eve.shows("Unread: bob 3");
  await eve.endsWith("eve>");
  eve.enter("chat bob");
  await eve.shows("bob: fresh 3");
  await eve.endsWith("eve → bob>");
  const rows = eve.screen().split("\n");
  const rule = rows.findIndex((row) => row.includes("─ 3 new ─"));
  assertEquals(rows.slice(rule - 10, rule + 4).map((row) => row.replace(/^\[[\d:]+\] /, "")), [
    ...Array.from({ length: 10 }, (_, i) => `bob: read ${i + 3}`),
    "──────────────── 3 new ────────────────",
    ...Array.from({ length: 3 }, (_, i) => `bob: fresh ${i + 1}`),
  ]);
  const colours = eve.colours().split("\n");
  const last = colours.find((row) => row.includes("read 12"))!;
  const first = colours.find((row) => row.includes("fresh 1"))!;
  assert(/: fresh 1$/.test(first.trimEnd()), first);
  assert(!/: read 12$/.test(last.trimEnd()), last);
  eve.press("ctrlD");
  assertEquals(await eve.ended(), 0);
  assertEquals(server.read.get("bob"), 15);
});

Deno.test("Page Up shows the history on a screen of its own, and leaves the stream and the draft alone", async () => {
  await using server = new KeptServer();
  server.keepMany("bob", "message", 242);
  server.keep("bob", "ёлка 🎄");
  server.keepMany("bob", "later", 20);
  server.read.set("bob", 263);
  for (const [columns, lang] of [[40, "ru"], [100, "en"]] as const) {
    await using eve = startClient([...place(server), "--lang", lang], { columns, rows: 20 });
    await eve.endsWith("eve>");
    eve.enter("chat bob");
    await eve.endsWith("eve → bob>");
    await eve.shows("later 20");
    eve.type("hälf a 🚀");
    eve.press("left");
    await eve.endsWith("eve → bob> hälf a 🚀");
    const before = eve.screen();
    eve.press("pageUp");
    await eve.shows(/bob · .*PgUp/);
    await eve.shows("bob: message 242");
    eve.press("home");
    await eve.shows(lang === "ru" ? "Здесь начинается bob" : "Here bob begins");
    await eve.shows("bob: message 1\n");
    eve.press("end");
    await eve.shows("bob: later 20");
    eve.type("/ЕЛКА");
    await eve.endsWith("/ЕЛКА");
    eve.press("enter");
    await eve.until(() => /\[[0-9;]*7m[^\n]*ёлка/.test(eve.colours()), "the hit");
    eve.resize(columns + 20, 16);
    await eve.shows("ёлка");
    eve.resize(columns, 20);
    await eve.shows("ёлка");
    await server.deliver({ to: "eve", from: "kim", message: "news", time: 1, seq: 1 });
    await eve.shows(lang === "ru" ? "внизу" : "below");
    eve.press("escape");
    await eve.shows("2:kim » news");
    await eve.endsWith("eve → bob> hälf a 🚀");
    const rows = before.split("\n").slice(-6, -1);
    assert(eve.screen().includes(rows.join("\n")), "the stream is as it was");
    eve.press("pageUp");
    await eve.shows(/bob · .*PgUp/);
    eve.type("x");
    await eve.endsWith("eve → bob> hälf a x🚀");
    assert(!eve.scrollback().includes("message 200"), "nothing of it is left behind");
    eve.press("pageUp");
    await eve.shows(/bob · .*PgUp/);
    eve.kill("SIGTERM");
    assertEquals(await eve.ended(), 0);
    await eve.endsWith(lang === "ru" ? "До свидания." : "Goodbye.");
  }
});

Deno.test("history brings older messages into the stream, above what is being typed", async () => {
  await using server = new KeptServer();
  server.keepMany("bob", "message", 42);
  server.read.set("bob", 42);
  await using eve = startClient(place(server), { rows: 60 });
  await eve.endsWith("eve>");
  eve.enter("chat bob");
  await eve.shows("message 42");
  await eve.endsWith("eve → bob>");
  eve.enter("/history");
  await eve.shows("bob, earlier: 20 messages");
  await eve.endsWith("eve → bob>");
  eve.enter("/history");
  await eve.shows("Here bob begins, as far as it is kept.");
  await eve.endsWith("eve → bob>");
  const shown = eve.scrollback();
  for (let i = 1; i <= 42; i++) assertEquals(shown.split(`bob: message ${i}\n`).length, 2, `${i}`);
  eve.enter("/history");
  await eve.shows("Nothing older is kept of bob.");
});

Deno.test("edit brings the last message into the input, with all its lines", async () => {
  await using server = new KeptServer();
  const { answer } = server;
  let seq = 0;
  server.answer = (request, peer) =>
    request.event === "msg" ? { seq: ++seq } : answer(request, peer);
  await using eve = startClient(place(server));
  await eve.endsWith("eve>");
  eve.enter("chat bob");
  await eve.endsWith("eve → bob>");
  eve.enter("helo there");
  await eve.shows("helo there · sent");
  eve.enter("/edit");
  await eve.endsWith("eve → bob> /edit helo there");
  eve.press("ctrlA", "ctrlRight");
  eve.press("ctrlE");
  eve.enter("!");
  await eve.shows(/you changed \d\d:\d\d: helo there!/);
  eve.paste("one\ntwo");
  await eve.endsWith("Send 2 lines to bob? [y/N]");
  eve.enter("y");
  await eve.shows("two · sent");
  eve.enter("/edit");
  await eve.shows("/edit one");
  eve.enter("!");
  await eve.shows(/you changed \d\d:\d\d: one/);
  const edits = server.requests("edit").map((request) =>
    "message" in request && "seq" in request && [request.seq, request.message]
  );
  assertEquals(edits, [[1, "helo there!"], [2, "one\ntwo!"]]);
  eve.enter("/delete");
  await eve.shows("one two! [y/N]");
  eve.enter("y");
  await eve.shows("you deleted your message of");
});

Deno.test("on a dumb terminal and in Russian the past is told in plain lines", async () => {
  await using server = new KeptServer();
  server.keepMany("bob", "сообщение", 12);
  server.read.set("bob", 11);
  await using eve = Terminal.start(
    ["env", Deno.execPath(), "run", "--quiet", "--allow-net", "client.ts", ...place(server)]
      .concat("--lang", "ru") as [string, ...string[]],
    { env: { TERM: "dumb" }, columns: 40, rows: 60 },
  );
  await eve.shows("Непрочитано: bob 1");
  eve.enter("чат bob");
  await eve.shows("─ новых: 1 ─");
  await eve.shows("bob: сообщение 12");
  eve.enter("/история");
  await eve.shows("Здесь начинается bob");
  await eve.endsWith("eve → bob>");
  assert(!eve.colours().includes("\x1b["));
});

Deno.test("who comes back is in their rooms again, hears what is said there, and finds what was", async () => {
  await using server = new TestServer();
  const account = async (name: string): Promise<JimClient> => {
    const client = await JimClient.connect(server.address);
    await client.login(name, { password: PASSWORD, register: true });
    return client;
  };
  await using bob = await account("bob");
  const before = await account("eve");
  for (const room of ["#dev", "#чай", "#left"]) {
    await bob.join(room);
    await before.join(room);
  }
  await before.leave("#left");
  await bob.send("#dev", "lunch at noon");
  await before.markRead("#dev", (await before.history("#dev")).messages.at(-1)!.seq);
  await before.quit();
  await bob.send("#dev", "lunch is over");
  await bob.send("eve", "where are you? 🍵");
  await using eve = startClient(place(server.address));
  await eve.endsWith("Password for eve:");
  eve.enter(PASSWORD);
  await eve.shows("Unread: #dev 1\n");
  await eve.endsWith("eve>");
  const rows = eve.screen().split("\n").map((row) => row.replace(/^\[[\d:]+\] /, ""));
  const letter = rows.indexOf("bob: where are you? 🍵 · kept for you");
  const back = rows.slice(letter + 1, letter + 4);
  assert(letter > 0, rows.join("\n"));
  assertEquals([back[0]?.split(/ (?=#)|[,.]/).sort(), back.slice(1)], [
    ["", "", "#dev", "#чай", "Back in"],
    ["Unread: #dev 1", "eve>"],
  ]);
  assertEquals((await bob.send("#dev", "live")).state, "sent");
  await eve.shows("#dev bob: live");
  eve.enter("search lunch");
  await eve.shows(/2 {2}#dev .*bob: lunch at noon/);
  eve.enter("exit");
  assertEquals(await eve.ended(), 0);
  await using again = await JimClient.connect(server.address);
  await again.login("eve", { password: PASSWORD });
  assertEquals((await again.conversations()).some(({ with: name }) => name === "#left"), false);
});

Deno.test("scripts print what is kept, and end with 1 where the server refuses", async () => {
  await using server = new TestServer();
  const passwords = await Deno.makeTempFile();
  await Deno.writeTextFile(passwords, PASSWORD);
  const account = async (name: string): Promise<JimClient> => {
    const client = await JimClient.connect({ ...server.address, name });
    await client.login(name, { password: PASSWORD, register: true });
    return client;
  };
  await using bob = await account("bob");
  await (await account("eve")).quit();
  for (const text of ["one", "two", "three"]) await bob.send("eve", text);
  const run = (...args: string[]): ReturnType<typeof runClient> =>
    runClient([...place(server.address), "--password-file", passwords, ...args], "", {
      permissions: [`--allow-read=${passwords}`],
    });
  const plain = await run("--history", "bob", "--limit", "2");
  assertEquals([plain.code, plain.stderr], [0, ""]);
  assertEquals(plain.stdout.replace(/^[\d-]{10} \[[\d:]{8}\] /gm, ""), "bob: two\nbob: three\n");
  const json = await run("--history", "bob", "--json");
  const messages = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(messages.map(({ message }) => message), ["one", "two", "three"]);
  const refused = await run("--history", "nobody");
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertEquals(refused.stderr, "There is no account of that name (404)\n");
  await Deno.remove(passwords);
});
