// A whole server over TLS; what TlsConnection, TlsKeeper and Admission promise by themselves is tested beside them.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";

import { FakeClock } from "../support/fake_clock.ts";
import { RawClient } from "../support/raw_client.ts";
import { PASSWORD, type TestServer } from "../support/server_fixture.ts";
import { withTlsServer } from "../support/tls_server.ts";

const UNLIMITED = { rate: 0 };

Deno.test("a conversation over TLS is the conversation without", () =>
  withTlsServer({}, async (server) => {
    const [eve, bob] = await server.onlineAll("eve", "bob");
    const message = "\u{20bb7}\u0301\u0000 hi";
    assertEquals((await eve.ask({ event: "msg", to: "bob", message })).response, 200);
    assertEquals((await bob.frame()).message, message);
  }));

Deno.test("a long pipeline over TLS is answered in order, also after the peer's end", () =>
  withTlsServer({ settings: UNLIMITED }, async (server) => {
    const eve = await server.online("eve");
    const count = 2_000;
    const message = "x".repeat(500);
    await eve.send(
      ...Array.from({ length: count }, (_, id) => ({ event: "msg", to: "eve", message, id })),
    );
    eve.finish();
    const { frames, end } = await eve.ended();
    assertEquals(end, "closed");
    const answers = frames.filter(({ response }) => response !== undefined);
    assertEquals(answers.map(({ id }) => id), Array.from({ length: count }, (_, id) => id));
    assertEquals(frames.length, 2 * count);
  }));

for (const goodbye of ["quit", "its end"] as const) {
  Deno.test(`the peer is told that nothing was cut off (close_notify), after ${goodbye}`, () =>
    withTlsServer({}, async ({ address }, _keeper, { pair }) => {
      using conn = await Deno.connectTls({ ...address, caCerts: [pair.cert] });
      await conn.write(new TextEncoder().encode(`{"event":"probe"}\n`));
      if (goodbye === "quit") await conn.write(new TextEncoder().encode(`{"event":"quit"}\n`));
      else await conn.closeWrite();
      const said = await new Response(conn.readable).text(); // rejects if there is no close_notify
      assertEquals(said.trim().split("\n").length, goodbye === "quit" ? 2 : 1);
    }));
}

Deno.test("one byte at a time and long lines arrive whole over TLS", () =>
  withTlsServer({}, async (server) => {
    const eve = await server.online("eve");
    for (const char of '{"event":"probe","id":1}\n') await eve.sendText(char);
    assertEquals((await eve.response()).id, 1);
    const tooLong = await eve.askText("x".repeat(100_000));
    assertEquals(tooLong.response, 400);
    assertEquals((await eve.ask({ event: "probe", id: 2 })).id, 2);
  }));

/** Goes online and then reads nothing by itself. (The sockets of `node:tls` read on when they are paused.) */
async function stalledReader(
  server: TestServer,
  cert: string,
  name: string,
): Promise<Deno.TlsConn> {
  const conn = await Deno.connectTls({ ...server.address, caCerts: [cert] });
  const request = { event: "presence", user: { account_name: name } };
  await conn.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
  await conn.read(new Uint8Array(1_024));
  return conn;
}

/** Sends messages until one is answered 410; how many were accepted. */
async function fill(sender: RawClient, to: string): Promise<number> {
  const message = "\u{20bb7}".repeat(4_096); // 16 KiB
  for (let id = 0;; id++) {
    const { response } = await sender.ask({ event: "msg", to, message, id });
    if (response === 410) return id;
    assertEquals(response, 200);
  }
}

Deno.test("a reader that stalls over TLS is closed after the write timeout, descriptor and all", async () => {
  const clock = new FakeClock();
  const settings = { ...UNLIMITED, maxQueue: 65_536, writeTimeout: 5 };
  await withTlsServer({ clock, settings }, async (server, _keeper, { pair }) => {
    const eve = await server.online("eve");
    using bob = await stalledReader(server, pair.cert, "bob");
    assert(await fill(eve, "bob") > 0);
    clock.advance(5_000);
    await server.settlesAt({ connections: 1, online: 1 });
    assertEquals((await eve.ask({ event: "msg", to: "bob", message: "x" })).response, 410);
    // Would go on for ever if the server's socket were still open: it was cut off without a close_notify.
    await assertRejects(() => new Response(bob.readable).bytes(), Error);
  });
});

Deno.test("a reader that was slow over TLS loses nothing", () =>
  withTlsServer(
    { settings: { ...UNLIMITED, maxQueue: 65_536 } },
    async (server, _keeper, { pair }) => {
      const eve = await server.online("eve");
      using bob = await stalledReader(server, pair.cert, "bob");
      const accepted = await fill(eve, "bob");
      const ids: unknown[] = [];
      const lines = bob.readable.pipeThrough(new TextDecoderStream()).pipeThrough(
        new TextLineStream(),
      );
      for await (const line of lines) {
        ids.push(JSON.parse(line).id);
        if (ids.length === accepted) break;
      }
      assertEquals(ids, Array.from({ length: accepted }, (_, id) => id));
    },
  ));

Deno.test("shutdown says 101 over TLS and does not wait for handshakes", () =>
  withTlsServer({}, async (server) => {
    const eve = await server.online("eve");
    const silent = await RawClient.connect(server.address);
    await server.settlesAt({ connections: 2 });
    const isDown = server.server.shutdown();
    assertEquals((await eve.ended()).frames.map(({ response }) => response), [101]);
    eve.close();
    await silent.ended();
    await isDown;
  }));

Deno.test("over TLS, too, a silent connection is replaced at a login, and one that says a byte is not", () => {
  const clock = new FakeClock();
  return withTlsServer({ clock }, async (server) => {
    const login = { event: "authenticate", user: { account_name: "eve", password: PASSWORD } };
    const [old, young] = [await server.registered("eve"), await server.connect()];
    await young.send(login);
    assertEquals((await old.frame()).event, "probe");
    clock.advance(3_000);
    assertEquals((await young.frame()).response, 200);
    const { frames } = await old.ended();
    assertEquals(frames.map(({ reason }) => reason), ["replaced"]);
    const third = await server.connect();
    await third.send(login);
    assertEquals((await young.frame()).event, "probe");
    await young.sendText(" ");
    assertEquals((await third.frame()).response, 409);
    assertEquals(await young.pending(), []);
    clock.advance(1_000); // the last moments of the one that was replaced
  });
});
