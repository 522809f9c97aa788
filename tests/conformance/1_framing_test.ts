import { assert, assertEquals } from "@std/assert";

import { DEFAULT_SETTINGS } from "../../server/flags.ts";
import { TestServer } from "../support/server_fixture.ts";

/** A probe with spaces that make it so many bytes long. */
function probeOf(bytes: number): string {
  return '{"event":"probe"}'.padEnd(bytes, " ");
}

Deno.test("one JSON object per line, ended by \\n", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  await client.sendText('{"event":"probe","id":1}\n{"event":"probe","id":2}\n');
  assertEquals((await client.frames(2)).map(({ id }) => id), [1, 2]);
});

Deno.test("a line may come in pieces, cut anywhere, also inside a character", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const line = new TextEncoder().encode(
    JSON.stringify({ event: "msg", to: "bob", message: "Привет, 世界 👋" }) + "\n",
  );
  for (let cut = 1; cut < line.length; cut += 7) {
    await eve.sendBytes(line.subarray(0, cut));
    await eve.sendBytes(line.subarray(cut));
    assertEquals((await eve.response()).response, 200);
    assertEquals((await bob.frame()).message, "Привет, 世界 👋");
  }
});

Deno.test("\\r\\n is accepted", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  await client.sendText('{"event":"probe","id":1}\r\n{"event":"probe","id":2}\r\n');
  assertEquals((await client.frames(2)).map(({ id }) => id), [1, 2]);
});

Deno.test("empty lines are ignored", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  await client.sendText('\n\r\n\n{"event":"probe","id":1}\n\n\r\n{"event":"probe","id":2}\n');
  assertEquals((await client.frames(2)).map(({ id }) => id), [1, 2]);
  assertEquals(await client.pending(), []);
});

Deno.test("the server writes compact JSON and \\n", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  await eve.send(
    { event: "join", room: "#dev" },
    { event: "who", room: "#dev" },
    { event: "msg", to: "eve", message: 'a "quoted"\ttext\n/' },
    { event: "nothing" },
  );
  const lines: string[] = [];
  while (lines.length < 5) lines.push((await eve.line())!); // connections are served in no set order
  await bob.send({ event: "join", room: "#dev" }, { event: "msg", to: "eve", message: "hi" });
  while (lines.length < 7) lines.push((await eve.line())!);
  for (const line of lines) assertEquals(JSON.stringify(JSON.parse(line)), line);
});

Deno.test("a line of as many bytes as the limit is served, one byte more is answered with one 400", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  const { maxLine } = DEFAULT_SETTINGS;
  assertEquals(maxLine, 32_768);
  for (const end of ["\n", "\r\n"]) {
    await client.sendText(probeOf(maxLine) + end + probeOf(maxLine + 1) + end);
    await client.send({ event: "probe", id: "next" });
    const [fits, tooLong, next] = await client.frames(3);
    assertEquals(fits!.response, 200);
    assertEquals(tooLong!.response, 400);
    assert(String(tooLong!.error).includes("32768"), String(tooLong!.error));
    assertEquals([next!.response, next!.id], [200, "next"]);
  }
});

Deno.test("the limit counts bytes, not characters", async () => {
  await using server = new TestServer({ settings: { maxLine: 100 } });
  const client = await server.connect();
  const line = (count: number): string => `{"event":"probe","x":"${"я".repeat(count)}"}`;
  assertEquals(new TextEncoder().encode(line(38)).length, 100);
  assertEquals((await client.askText(line(38))).response, 200);
  assertEquals((await client.askText(line(39))).response, 400);
});

Deno.test("a line over the limit is answered at once and skipped up to its newline", async () => {
  await using server = new TestServer({ settings: { maxLine: 1_000 } });
  const client = await server.connect();
  // No newline yet: the answer does not wait for it.
  await client.sendText("x".repeat(1_001));
  assertEquals((await client.response()).response, 400);
  for (let i = 0; i < 50; i++) await client.sendText('{"event":"probe"}'.repeat(100));
  await client.sendText('\n{"event":"probe","id":"next"}\n');
  assertEquals((await client.response()).id, "next");
  assertEquals(await client.pending(), []);
});

Deno.test("memory held for a line never exceeds the limit", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  const chunk = new Uint8Array(65_536).fill(0x61);
  await client.sendBytes(chunk);
  assertEquals((await client.response()).response, 400);
  const before = Deno.memoryUsage();
  for (let i = 0; i < 1_024; i++) await client.sendBytes(chunk); // 64 MiB in one line
  await client.sendText("\n");
  assertEquals(await client.pending(), []);
  const after = Deno.memoryUsage();
  const grown = Math.max(after.heapUsed - before.heapUsed, after.external - before.external);
  assert(grown < 32 * 1_048_576, `grown by ${grown} bytes`);
});

Deno.test("a line that is not UTF-8, or has U+FFFD, is answered 400 and goes to nobody", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  const wrong = [[0xff], [0xc3], [0xe2, 0x82], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [
    0xf4,
    0x90,
    0x80,
    0x80,
  ], [
    ...new TextEncoder().encode("\uFFFD"),
  ]];
  const encoder = new TextEncoder();
  for (const bytes of wrong) {
    await eve.sendBytes(
      Uint8Array.of(
        ...encoder.encode('{"event":"msg","to":"bob","message":"'),
        ...bytes,
        ...encoder.encode('"}\n'),
      ),
    );
    assertEquals((await eve.response()).response, 400, bytes.join());
  }
  assertEquals(await bob.pending(), []);
  // The bytes of one line do not reach into the next.
  await eve.sendBytes(Uint8Array.of(0xe2, 0x82, 0x0a));
  await eve.sendText('{"event":"probe","id":"next"}\n');
  assertEquals((await eve.frames(2)).map(({ response, id }) => [response, id]), [
    [400, undefined],
    [200, "next"],
  ]);
});

const NO_OBJECTS = [
  "hello",
  "null",
  "true",
  "42",
  '"text"',
  "[]",
  '[{"event":"probe"}]',
  "{",
  "}",
  '{"event":"probe"',
  '{"event":"probe"}}',
  '{"event":"probe"} {"event":"probe"}',
  "{'event':'probe'}",
  '{"event":"probe",}',
  '{event:"probe"}',
  " ",
  "\t",
  "\r\r",
  "\0",
  '\u{feff}{"event":"probe"}',
  "[".repeat(30_000),
  '{"a":'.repeat(6_000),
  "GET / HTTP/1.1",
];

Deno.test("what is not a JSON object is answered 400 and the connection goes on", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (const line of NO_OBJECTS) {
    const frame = await client.askText(line);
    assertEquals(frame.response, 400, line.slice(0, 50));
    assertEquals(typeof frame.error, "string");
  }
  assertEquals(await client.pending(), []);
});

Deno.test("the last line need not end in a newline if the peer then closes its sending side", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  await client.sendText('{"event":"probe","id":1}\n{"event":"probe","id":2}');
  await client.finish();
  const { frames, end } = await client.ended();
  assertEquals(frames.map(({ response, id }) => [response, id]), [[200, 1], [200, 2]]);
  assertEquals(end, "closed");
});

Deno.test("a last line that ends in \\r, is too long or is not UTF-8 gets its answer, too", async () => {
  await using server = new TestServer({ settings: { maxLine: 64 } });
  for (
    const [line, response] of [
      ['{"event":"probe"}\r', 200],
      ["x".repeat(65), 400],
      ["half a lin", 400],
      [Uint8Array.of(0x22, 0xe2), 400],
    ] as const
  ) {
    const client = await server.connect();
    await (typeof line === "string" ? client.sendText(line) : client.sendBytes(line));
    await client.finish();
    assertEquals((await client.ended()).frames.map((frame) => frame.response), [response]);
  }
});

Deno.test("a connection that says nothing gets nothing", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  await client.finish();
  assertEquals(await client.ended(), { frames: [], end: "closed" });
});
