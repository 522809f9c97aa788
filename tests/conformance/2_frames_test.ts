import { assert, assertEquals } from "@std/assert";

import { FakeClock } from "../support/fake_clock.ts";
import { TestServer } from "../support/server_fixture.ts";

/** Online: every kind of request that the contract knows, and what is none. */
const ALL_KINDS: readonly { request: object; code: number }[] = [
  { request: { event: "presence", user: { account_name: "eve", status: "here" } }, code: 200 },
  { request: { event: "probe" }, code: 200 },
  { request: { event: "msg", to: "nobody", message: "hi" }, code: 404 },
  { request: { event: "msg", to: "eve", message: "hi" }, code: 200 },
  { request: { event: "join", room: "#dev" }, code: 201 },
  { request: { event: "msg", to: "#dev", message: "hi" }, code: 200 },
  { request: { event: "who" }, code: 200 },
  { request: { event: "who", room: "#other" }, code: 404 },
  { request: { event: "leave", room: "#dev" }, code: 200 },
  { request: { event: "leave", room: "#dev" }, code: 404 },
  { request: { event: "dance" }, code: 400 },
  { request: [], code: 400 },
];

Deno.test("a response for each request, exactly one, in the order of the requests", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const eve = await server.online("eve");
  const rounds = 100;
  const expected: [unknown, unknown][] = [];
  let text = "";
  for (let round = 0; round < rounds; round++) {
    for (const [index, { request, code }] of ALL_KINDS.entries()) {
      const id = Array.isArray(request) ? undefined : `${round}.${index}`;
      text += JSON.stringify(id === undefined ? request : { ...request, id }) + "\n";
      expected.push([code, id]);
    }
  }
  await eve.sendText(text);
  const responses: [unknown, unknown][] = [];
  for (let i = 0; i < expected.length; i++) {
    const { response, id } = await eve.response();
    responses.push([response, id]);
  }
  assertEquals(responses, expected);
  const rest = await eve.pending();
  assertEquals(rest.length, rounds, "messages to oneself, and no further response");
  assert(rest.every(({ event }) => event === "msg"));
});

Deno.test("requests that have to wait for the disk are not overtaken by those that do not", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  await client.send(
    { event: "presence", user: { account_name: "eve" }, id: 1 },
    { event: "probe", id: 2 },
    { event: "msg", to: "nobody", message: "hi", id: 3 },
    { event: "msg", to: "eve", message: "hi", id: 4 },
    { event: "who", id: 5 },
    { event: "quit", id: 6 },
  );
  const { frames } = await client.ended();
  const responses = frames.filter(({ response }) => response !== undefined);
  assertEquals(responses.map(({ id, response }) => [id, response]), [
    [1, 200],
    [2, 200],
    [3, 404],
    [4, 200],
    [5, 200],
    [6, 200],
  ]);
});

Deno.test("a client may close only its sending side: the server still answers all, then closes", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const count = 2_000;
  const text = Array.from(
    { length: count },
    (_, id) => JSON.stringify({ event: "msg", to: "bob", message: "x".repeat(50), id }) + "\n",
  ).join("");
  await eve.sendText(text);
  await eve.finish();
  const { frames, end } = await eve.ended();
  assertEquals(end, "closed");
  assertEquals(frames.map(({ id }) => id), Array.from({ length: count }, (_, id) => id));
  assert(frames.every(({ response }) => response === 200));
  for (let id = 0; id < count; id++) assertEquals((await bob.frame()).id, id);
  await server.settlesAt({ connections: 1, online: 1 });
});

Deno.test("time is optional, a finite number of Unix seconds, fractions allowed, else 400", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (const time of ["0", "1", "1750000000.25", "-1", "1e3"]) {
    assertEquals((await client.askText(`{"event":"probe","time":${time}}`)).response, 200, time);
  }
  for (const time of ['"1"', "null", "true", "[]", "{}", "1e999", "-1e999"]) {
    const { response, error } = await client.askText(`{"event":"probe","time":${time}}`);
    assertEquals(response, 400, time);
    assert(error!.startsWith("time must be"), error);
  }
});

Deno.test("a response carries its request's id back, also with an error", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (
    const id of [
      0,
      1,
      -1,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      "a",
      "x".repeat(64),
      "👋".repeat(64),
      "1",
      "__proto__",
      '\u0000\n"\\',
    ]
  ) {
    for (
      const [request, code] of [
        [{ event: "probe" }, 200],
        [{ event: "who" }, 401],
        [{ event: "dance" }, 400],
        [{}, 400],
        [{ event: "msg" }, 400],
        [{ event: "probe", time: "now" }, 400],
      ] as const
    ) {
      const answer = await client.ask({ ...request, id });
      assertEquals([answer.response, answer.id], [code, id]);
    }
  }
  const answer = await client.ask({ event: "probe" });
  assertEquals("id" in answer, false, "none if the request had none");
});

Deno.test("an id that is no string of 1–64 characters and no safe integer is answered 400", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (
    const id of [
      '""',
      `"${"x".repeat(65)}"`,
      `"${"👋".repeat(65)}"`,
      "1.5",
      "9007199254740992",
      "1e400",
      "null",
      "true",
      "[1]",
      '{"a":1}',
    ]
  ) {
    const answer = await client.askText(`{"event":"probe","id":${id}}`);
    assertEquals([answer.response, "id" in answer], [400, false], id);
  }
});

Deno.test("unknown fields are ignored and never forwarded", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const more = { response: 200, stored: 7, x: { y: [1] }, constructor: 1, toString: "a" };
  const text = JSON.stringify({ event: "msg", to: "bob", message: "hi", ...more }).replace(
    "{",
    '{"__proto__":{"polluted":true},',
  );
  const answer = await eve.askText(text);
  assertEquals(Object.keys(answer).sort(), ["alert", "response", "time"]);
  const delivered = await bob.frame();
  assertEquals(Object.keys(delivered).sort(), ["event", "from", "message", "time", "to"]);
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
});

Deno.test("responses have the server's Unix seconds and one plain sentence: alert (2xx) or error (4xx)", async () => {
  const clock = new FakeClock(1_750_000_000_999);
  await using server = new TestServer({ clock });
  const eve = await server.online("eve");
  for (const { request, code } of ALL_KINDS) {
    const { response, time, alert, error } = await eve.ask(request);
    assertEquals(response, code);
    assertEquals(time, 1_750_000_000);
    const [sentence, other] = code < 400 ? [alert, error] : [error, alert];
    assertEquals(other, undefined);
    // deno-lint-ignore no-control-regex
    assert(/^[^\x00-\x1f\x7f]{5,300}$/.test(sentence!), sentence);
  }
  clock.advance(2_001);
  assertEquals((await eve.ask({ event: "probe" })).time, 1_750_000_003);
});

Deno.test("an error never repeats the peer's own text", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  const evil = "\u001b]0;evil\u0007";
  for (
    const request of [
      { event: evil },
      { [evil]: 1 },
      { event: "msg", to: evil, message: "hi" },
      { event: "presence", user: { account_name: evil } },
      { event: "join", room: `#${evil}` },
      { event: "probe", time: evil },
      { event: "presence", type: evil, user: { account_name: "eve" } },
    ]
  ) {
    const answer = await client.ask(request);
    assertEquals(answer.response, 400);
    assert(!answer.error!.includes("evil"), answer.error);
  }
});

Deno.test("a request may say action where this page says event", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  const presence = { action: "presence", user: { account_name: "eve" }, time: 1 };
  assertEquals((await client.ask(presence)).response, 200);
  assertEquals((await client.ask({ action: "join", room: "#dev" })).response, 201);
  assertEquals((await client.ask({ action: "dance" })).response, 400);
  assertEquals((await client.ask({ action: "quit" })).response, 200);
});

Deno.test("the key in a connection's first valid frame is the one of all frames sent to it", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const [old, young] = [await server.connect(), await server.connect()];
  // Not valid, so not the first valid frame.
  assertEquals((await old.ask({ event: "dance" })).response, 400);
  assertEquals((await young.ask({ action: "presence" })).response, 400);
  await old.ask({ action: "presence", user: { account_name: "old" } });
  await young.ask({ event: "presence", user: { account_name: "young" } });
  // The key of later frames changes nothing.
  await old.ask({ event: "msg", to: "young", message: "to young" });
  await young.ask({ action: "msg", to: "old", message: "to old" });
  const key = ({ event, action }: { event?: string; action?: string }): unknown => [event, action];
  assertEquals(key(await old.frame()), [undefined, "msg"]);
  assertEquals(key(await young.frame()), ["msg", undefined]);

  await old.ask({ action: "join", room: "#dev" });
  await young.ask({ event: "join", room: "#dev" });
  assertEquals((await old.frame()).joined, "young");
  const third = await server.online("third");
  await third.ask({ event: "join", room: "#dev" });
  assertEquals((await third.ask({ event: "msg", to: "#dev", message: "all" })).delivered, 2);
  await Promise.all([old.frame(), young.frame()]);
  assertEquals(key(await old.frame()), [undefined, "msg"]);
  assertEquals(key(await young.frame()), ["msg", undefined]);

  clock.advance(60_000);
  assertEquals(key(await old.frame()), [undefined, "probe"]);
  assertEquals(key(await young.frame()), ["probe", undefined]);
});
