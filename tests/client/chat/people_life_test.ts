// What people do and say of themselves, at several consoles on a real server: actions, away, whois.
import { assertEquals, assertMatch } from "@std/assert";

import { Person } from "../../support/person.ts";
import { TestServer } from "../../support/server_fixture.ts";

const OPENED =
  "You write to bob now: each line is sent. Commands begin with '/', '/close' ends it.";

Deno.test("what one does is told as a sentence, in a room and directly, and again from what is kept", async () => {
  await using server = new TestServer();
  await using eve = await Person.start(server, "eve");
  await using bob = await Person.start(server, "bob");
  assertEquals(await eve.type("me waves"), [
    "Open a conversation first: 'chat #dev', then '/me waves'.",
  ]);
  await eve.type("join #dev", "chat #dev");
  await bob.type("join #dev");
  await eve.sees();
  assertEquals(await eve.type("/me waves at bob"), ["→ #dev: * eve waves at bob · sent to 1"]);
  assertEquals(await eve.type("* eve waves"), ["→ #dev: * eve waves · sent to 1"]);
  assertEquals(await bob.sees(), ["#dev * eve waves at bob", "#dev eve: * eve waves"]);
  assertEquals(await eve.type("/me", "/ME  "), [
    ...["An empty message is not sent.", "An empty message is not sent."],
  ]);
  assertEquals((await eve.type("/chat bob", "/я banned you from #dev")).slice(-1), [
    "→ bob: * eve banned you from #dev · sent",
  ]);
  // Not as what the server tells: that has three stars.
  assertEquals(await bob.sees(), ["* eve banned you from #dev"]);
  const kept = await bob.type("chat eve", "/history eve 5");
  assertEquals(kept.filter((line) => line.includes("banned")), ["* eve banned you from #dev"]);
  assertMatch((await bob.type("/search banned"))[0]!, /^ {2}1 {2}eve {2}\S+ {2}\* eve banned you/);
  await bob.sees();
  const [changed] = await eve.type("/edit nods");
  assertMatch(changed!, /^\*\*\* you changed \d\d:\d\d: \* eve nods$/);
  const [told] = await bob.sees();
  assertMatch(told!, /^\*\*\* eve changed \d\d:\d\d: \* eve nods$/);
});

Deno.test("who is away says so, and so do answers: once for each that is said", async () => {
  await using server = new TestServer();
  await using eve = await Person.start(server, "eve", { isGuest: true });
  await using bob = await Person.start(server, "bob", { isGuest: true });
  assertEquals(await bob.type("away"), ["You are not away; with a text behind it you are."]);
  assertEquals(await bob.type("away lunch\x1b"), [
    "You are away: lunch\\u{1b}. Who writes to you is told; 'away' alone: you are back.",
  ]);
  assertEquals(bob.prompt, "(away) bob> ");
  assertEquals(await eve.type("chat bob", "one", "two", "/me waves"), [
    ...[OPENED, "→ bob: one · sent", "bob is away: lunch"],
    ...["→ bob: two · sent", "→ bob: * eve waves · sent"],
  ]);
  await bob.type("status hungry", "away tea");
  assertEquals(await eve.type("three", "four"), [
    ...["→ bob: three · sent", "bob is away: tea", "→ bob: four · sent"],
  ]);
  assertEquals((await bob.type("away")).slice(-1), ["You are back."]);
  assertEquals(bob.prompt, "bob> ");
  assertEquals(await eve.type("five"), ["→ bob: five · sent"]);
  await bob.type("отошёл tea");
  assertEquals(await eve.type("six"), ["→ bob: six · sent", "bob is away: tea"]);
  assertMatch((await bob.type(`away ${"x".repeat(101)}`)).at(-1)!, /user\.away must/);
  assertEquals(bob.prompt, "(away) bob> ");
});

Deno.test("whois tells who somebody is; without a name, whom one talks to", async () => {
  await using server = new TestServer();
  await using eve = await Person.start(server, "eve", { isGuest: true });
  const bob = await Person.start(server, "Bob");
  await bob.type("join #dev", "status busy", "away lunch");
  await eve.type("join #dev");
  const found = (lines: string[]): string[] =>
    lines.map((line) => line.replace(/\d\d:\d\d/, "12:00"));
  const lines = [
    ...["Bob, an account", "  online since 12:00", "  away: lunch", "  status: busy"],
    "  with you in #dev",
  ];
  assertEquals(found(await eve.type("whois bob")), lines);
  await eve.type("chat bob");
  assertEquals(found(await eve.type("/ктоэто")), lines);
  await eve.type("/chat #dev");
  assertEquals(await eve.type("/whois", "/whois a b", "/whois nobody"), [
    "'whois' needs a name.",
    "A name has 1–25 letters, digits, '_', '-' or '.', and begins with a letter or a digit.",
    "No user of that name has ever been here (404)",
  ]);
  await bob[Symbol.asyncDispose]();
  await eve.sees();
  assertEquals(found(await eve.type("/whois BOB")), [
    ...["Bob, an account", "  offline, last here 12:00"],
  ]);
});
