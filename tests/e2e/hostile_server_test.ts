// A client trusts a server as little as a server trusts a client: whatever comes, no queue of the client grows without a
// bound. Over real sockets, with small bounds where they can be set.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";

import { Chat } from "../../client/chat/chat.ts";
import { lastWords } from "../../client/chat/failures.ts";
import { dial } from "../../client/library/dial.ts";
import { ClientClosedError, ConnectionLostError } from "../../client/library/errors.ts";
import { JimClient } from "../../client/library/jim_client.ts";
import type { ClientOptions } from "../../client/library/options.ts";
import { speakerOf } from "../../client/texts/texts.ts";
import type { Link } from "../../common/link.ts";
import { ClientProcess } from "../support/client_process.ts";
import { FakeUi } from "../support/fake_ui.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { eventually } from "../support/server_fixture.ts";

const speaker = speakerOf("en");

/** Answers logins and nothing else. */
async function withHostile(
  run: (server: ScriptedServer) => Promise<void>,
): Promise<void> {
  await using server = new ScriptedServer();
  server.answer = ({ event }) => event === "presence" ? {} : undefined;
  await run(server);
}

/** A client that is online as eve. */
function connect({ port }: ScriptedServer, options: ClientOptions = {}): Promise<JimClient> {
  return JimClient.connect({ hostname: "127.0.0.1", port, name: "eve", firstMs: 1, ...options });
}

/** Says the same kind of thing again and again, until the client has gone. */
async function flood(
  server: ScriptedServer,
  client: JimClient,
  frame: (n: number) => object | string,
): Promise<void> {
  for (let n = 0; !client.isClosed; n += 100) {
    await server.peer.write(...Array.from({ length: 100 }, (_, i) => frame(n + i)));
  }
}

const message = (n: number): object => ({
  event: "msg",
  time: n,
  to: "eve",
  from: `bob${n}`,
  message: `hello ${n}`,
});

/** What ends a client, in the words that a person reads. */
async function endOf(client: JimClient): Promise<string> {
  const error = await client.closed;
  assert(error instanceof ConnectionLostError && error.reason === "overload", String(error));
  const { message } = lastWords(error, "host:1", speaker);
  assertEquals(message.split("\n").length, 1);
  return message;
}

const OVERLOAD = "Connection lost: the server sends more than this client keeps: " +
  "more than 40000 characters before an answer, and nobody takes them";

/** How the program of a client may leave what comes lying. */
const CONSUMERS: Record<string, (client: JimClient) => AsyncIterator<unknown> | undefined> = {
  "nobody listens": () => undefined,
  "a consumer of messages takes none": (client) => client.messages(),
  "a consumer of everything takes nothing": (client) => client.events(),
};

for (const [who, consume] of Object.entries(CONSUMERS)) {
  Deno.test(`messages before an answer that never comes, and ${who}: the client ends with the cap`, () =>
    withHostile(async (server) => {
      const client = await connect(server, { maxQueuedUnits: 10_000 });
      const stream = consume(client);
      const sending = client.send("bob", "is anybody there?");
      const flooding = flood(server, client, message);
      await assertRejects(() => sending, ConnectionLostError, "more than 40000 characters");
      assertEquals(await endOf(client), OVERLOAD);
      await flooding;
      assertEquals(server.peers.length, 1, "it does not come back");
      // What was taken in until then is handed out, and no more.
      let taken = 0;
      await assertRejects(async () => {
        for (let next = await stream?.next(); next && !next.done; next = await stream!.next()) {
          taken++;
        }
        if (stream === undefined) throw new ConnectionLostError("overload", "");
      }, ConnectionLostError);
      assert(taken <= 40_000 / 256 + 1, `${taken}`);
    }));
}

const KINDS: Record<string, (n: number) => object | string> = {
  "joined": (n) => ({ response: 100, time: 1, alert: "", room: "#dev", joined: `u${n}` }),
  "long sentences": (n) => ({ response: 100, time: n, alert: "x".repeat(1_000) }),
};
for (const [what, frame] of Object.entries(KINDS)) {
  Deno.test(`notices (${what}) that their consumer does not take: the client ends with the cap`, () =>
    withHostile(async (server) => {
      const client = await connect(server, { maxQueuedUnits: 10_000 });
      const notices = client.notices();
      const asking = assertRejects(() => client.who(), ConnectionLostError);
      const flooding = flood(server, client, frame);
      assertEquals(await endOf(client), OVERLOAD);
      await Promise.all([asking, flooding]);
      await notices.return!();
    }));
}

Deno.test("changes that their consumer does not take: the client ends with the cap", () =>
  withHostile(async (server) => {
    const client = await connect(server, { maxQueuedUnits: 10_000 });
    const events = client.events();
    const asking = assertRejects(() => client.who(), ConnectionLostError);
    const text = "x".repeat(1_000);
    const about = { event: "edit", time: 1, to: "#dev", from: "bob", message: text };
    const flooding = flood(server, client, (n) => ({ ...about, seq: n + 1 }));
    assertEquals(await endOf(client), OVERLOAD);
    await Promise.all([asking, flooding]);
    let taken = 0;
    await assertRejects(async () => {
      while (!(await events.next()).done) taken++;
    }, ConnectionLostError);
    assert(taken <= 40_000 / 2_000 + 1, `${taken}`);
  }));

Deno.test("while nothing is asked, a flood is not read: the server waits, and all comes in the end", () =>
  withHostile(async (server) => {
    let read = 0;
    let isReading = false;
    const counting = async (signal: AbortSignal): Promise<Link> => {
      const link = await dial({ hostname: "127.0.0.1", port: server.port, signal });
      return {
        read: async (buffer) => {
          isReading = true;
          const count = await link.read(buffer);
          isReading = false;
          read += count ?? 0;
          return count;
        },
        write: (bytes) => link.write(bytes),
        closeWrite: () => link.closeWrite(),
        close: () => link.close(),
      };
    };
    await using client = await connect(server, { maxQueued: 100, dial: counting });
    const messages = client.messages();
    const total = 20_000;
    const writing = (async () => {
      for (let n = 0; n < total; n += 100) {
        await server.peer.write(...Array.from({ length: 100 }, (_, i) => message(n + i)));
      }
    })();
    await eventually(() => read > 8_000 && !isReading, () => "the pause");
    const paused = read;
    assert(paused < 30_000, `${paused} bytes for 100 messages`);
    // Its answers to what it does of its own accord are no reason to read on.
    await server.peer.write({ event: "probe", time: 1 });
    for (let n = 0; n < total; n++) {
      assertEquals((await messages.next()).value?.message, `hello ${n}`);
    }
    await writing;
  }));

Deno.test("requests that are never answered are refused beyond a number and a length, given up or not", () =>
  withHostile(async (server) => {
    await using client = await connect(server, { maxQueued: 100, maxQueuedUnits: 1_000 });
    const ignore = (promise: Promise<unknown>): void => void promise.catch(() => {});
    for (let i = 0; i < 3; i++) ignore(client.send("bob", "x".repeat(400)));
    await assertRejects(
      () => client.send("bob", "x"),
      ClientClosedError,
      "More than 1000 characters of messages wait for an answer",
    );
    for (let i = 3; i < 100; i++) {
      await assertRejects(
        () => {
          const abort = new AbortController();
          const asking = client.who(undefined, { signal: abort.signal });
          abort.abort(new Error("enough"));
          return asking;
        },
        Error,
        "enough",
      );
    }
    await assertRejects(() => client.who(), ClientClosedError, "More than 100 requests");
    client.close();
  }));

Deno.test("an answer to nothing ends the connection at once", () =>
  withHostile(async (server) => {
    const client = await connect(server, { reconnect: false });
    await flood(server, client, () => ({ response: 200, time: 1, alert: "ok" }));
    const error = await client.closed;
    assert(error instanceof ConnectionLostError && error.reason === "protocol");
  }));

Deno.test("an endless line ends the client when it has four MiB", () =>
  withHostile(async (server) => {
    const client = await connect(server);
    await flood(server, client, () => "x".repeat(1_000));
    assertEquals(
      await endOf(client),
      "Connection lost: the server sends more than this client keeps: a line of more than 4 MiB",
    );
    assertEquals(server.peers.length, 1);
  }));

Deno.test("probes without end, and no answer to what they are answered with: one is under way", () =>
  withHostile(async (server) => {
    await using client = await connect(server);
    server.answer = () => undefined;
    for (let n = 0; n < 100; n++) {
      await server.peer.write(...Array(100).fill({ event: "probe", time: n }));
    }
    await server.peer.write(message(1));
    assertEquals((await client.messages().next()).value?.message, "hello 1");
    await server.until(() => server.peer.requests.length >= 2);
    assertEquals(server.peer.requests.map(({ event }) => event), ["presence", "presence"]);
    client.close();
  }));

Deno.test("stored messages that come again and again, acknowledged or not, cost nothing", () =>
  withHostile(async (server) => {
    await using client = await connect(server, { maxQueuedUnits: 10_000 });
    const messages = client.messages();
    const stored = (n: number): object => ({ ...message(1), id: `${n % 2}`, stored: n + 1 });
    for (let n = 0; n < 20_000; n += 100) {
      await server.peer.write(...Array.from({ length: 100 }, (_, i) => stored(n + i)));
    }
    await server.peer.write({ ...message(1), message: "the end" });
    for (const text of ["hello 1", "hello 1", "the end"]) {
      assertEquals((await messages.next()).value?.message, text);
    }
    assertEquals(client.isClosed, false);
    client.close();
  }));

Deno.test("a chat keeps neither all names nor all conversations, and shows a list as long as a screen takes", () =>
  withHostile(async (server) => {
    const users = Array.from({ length: 300_000 }, (_, i) => `u${i}`);
    server.answer = ({ event }) => {
      if (event === "join") return { room: "#dev", users };
      return ["presence", "conversations", "quit"].includes(event) ? {} : undefined;
    };
    const client = await connect(server);
    const ui = new FakeUi();
    const chat = new Chat(client, { ui, speaker });
    const running = chat.run();
    await chat.handle("join #dev");
    await chat.settled();
    assertStringIncludes(ui.shown[0]!, "In #dev: u0, u1, ");
    assert(ui.shown[0]!.endsWith(", u999"));
    assertEquals(ui.shown[1], "299000 more are not listed");
    assertEquals(chat.names.all.length, 10_000);
    for (let n = 0; n < 20_000; n += 100) {
      await server.peer.write(...Array.from({ length: 100 }, (_, i) => message(n + i)));
    }
    await eventually(() => ui.shown.at(-1)!.includes("hello 19999"), () => "the last message");
    assertEquals([chat.names.all.length, chat.conversations.unread.length], [10_000, 1_000]);
    await chat.leave();
    assertEquals(await running, undefined);
  }));

Deno.test("a client in a pipe says in one line which cap it was; nothing of the server's is raw in it", () =>
  withHostile(async (server) => {
    await using client = new ClientProcess(["127.0.0.1", String(server.port), "-n", "eve"]);
    await client.says(`You are eve, online at 127.0.0.1:${server.port}.\n`);
    const said = client.stderr.length;
    await server.peer.write({ response: 101, time: 1, alert: "\x1b[31mred", reason: "\x1b[2J" });
    await server.peer.write("\x1b[31m".repeat(1_000_000));
    const { code, stderr } = await client.ended();
    assertEquals(code, 1);
    const lines = stderr.slice(said).trimEnd().split("\n");
    assertStringIncludes(lines[0]!, "the server says: \\u{1b}[31mred");
    assertEquals(lines.slice(1), [
      "Connection lost: the server sends more than this client keeps: a line of more than 4 MiB",
    ]);
    assertEquals(stderr.includes("\x1b"), false);
  }));
