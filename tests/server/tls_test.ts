import { assert, assertEquals, assertRejects } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";

import { LIMITS } from "../../common/limits.ts";
import { makeCertificate } from "../../server/admin/certificate.ts";
import { TlsKeeper } from "../../server/connection/tls_keeper.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer, type TestServerOptions } from "../support/server_fixture.ts";
import { settle } from "../support/settle.ts";

const FIRST = await makeCertificate();
const SECOND = await makeCertificate();

/** A server that speaks TLS, with the first certificate. */
async function withTlsServer(
  options: TestServerOptions,
  run: (server: TestServer, keeper: TlsKeeper, files: { cert: string; key: string }) => unknown,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-tls-" });
  const files = { cert: `${dir}/cert.pem`, key: `${dir}/key.pem` };
  try {
    await Deno.writeTextFile(files.cert, FIRST.cert);
    await Deno.writeTextFile(files.key, FIRST.key);
    const keeper = new TlsKeeper(files);
    await using server = new TestServer({ ...options, tls: { keeper, ca: FIRST.cert } });
    await run(server, keeper, files);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

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

Deno.test("one byte at a time and long lines arrive whole over TLS", () =>
  withTlsServer({}, async (server) => {
    const eve = await server.online("eve");
    for (const char of '{"event":"probe","id":1}\n') await eve.sendText(char);
    assertEquals((await eve.response()).id, 1);
    const tooLong = await eve.askText("x".repeat(100_000));
    assertEquals(tooLong.response, 400);
    assertEquals((await eve.ask({ event: "probe", id: 2 })).id, 2);
  }));

Deno.test("peers that are silent in the handshake hold up nobody and are closed in time", async () => {
  const clock = new FakeClock();
  await withTlsServer({ clock }, async (server) => {
    const silent = await Promise.all(
      Array.from({ length: 50 }, () => RawClient.connect(server.address)),
    );
    await silent[0]!.sendBytes(new Uint8Array([22, 3, 1, 2, 0])); // half of a record's header
    await server.settlesAt({ connections: 50 });
    const eve = await server.online("eve");
    clock.advance(LIMITS.tlsHandshakeSeconds * 1000 - 1);
    assertEquals(server.server.counts.connections, 51);
    clock.advance(1);
    // The descriptors are really gone: the peers see the end.
    for (const peer of silent) assertEquals((await peer.ended()).frames, []);
    await server.settlesAt({ connections: 1 });
    const records = server.log.of("no TLS handshake");
    assertEquals(records.length, 50);
    assertEquals(records[0]!.fields.reason, "not finished within 10 s");
    assertEquals((await eve.ask({ event: "probe" })).response, 200);
  });
});

Deno.test("plain bytes, garbage and aborts on the TLS port are one INFO record each", () =>
  withTlsServer({}, async (server) => {
    const eve = await server.online("eve");
    const before = server.log.records.length;
    const attacks: ((peer: RawClient) => unknown)[] = [
      (peer) => peer.sendText('{"event":"probe"}\n'),
      (peer) => peer.sendText("GET / HTTP/1.1\r\n\r\n"),
      (peer) => peer.sendBytes(new Uint8Array(70_000).fill(0xff)),
      // A hello that says it is longer than any record may be (RFC 8446, 5.1).
      (peer) => peer.sendBytes(new Uint8Array([22, 3, 1, 0xff, 0xff, 1, 0, 0, 1])),
      // A hello cut off.
      async (peer) => {
        await peer.sendBytes(new Uint8Array([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]));
        peer.finish();
      },
      (peer) => peer.finish(),
      (peer) => peer.reset(),
      async (peer) => {
        await peer.sendBytes(new Uint8Array([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]));
        peer.reset();
      },
    ];
    for (const attack of attacks) {
      const peer = await RawClient.connect(server.address);
      await Promise.resolve(attack(peer)).catch(() => {}); // it may be closed under the attacker's hands
      await server.settlesAt({ connections: 1 });
      peer.close();
    }
    const records = server.log.records.slice(before);
    assertEquals(
      records.map(({ level, message }) => `${level} ${message}`),
      attacks.map(() => "info no TLS handshake"),
    );
    for (const { fields } of records) assert(/^[ -~]+$/.test(String(fields.reason)));
    assertEquals((await eve.ask({ event: "probe" })).response, 200);
  }));

/** Goes online and then reads nothing by itself. (The sockets of `node:tls` read on when they are paused.) */
async function stalledReader(server: TestServer, name: string): Promise<Deno.TlsConn> {
  const conn = await Deno.connectTls({ ...server.address, caCerts: [FIRST.cert] });
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
  await withTlsServer({ clock, settings }, async (server) => {
    const eve = await server.online("eve");
    using bob = await stalledReader(server, "bob");
    assert(await fill(eve, "bob") > 0);
    clock.advance(5_000);
    await server.settlesAt({ connections: 1, online: 1 });
    assertEquals((await eve.ask({ event: "msg", to: "bob", message: "x" })).response, 410);
    // Would go on for ever if the server's socket were still open: it was cut off without a close_notify.
    await assertRejects(() => new Response(bob.readable).bytes(), Error);
  });
});

Deno.test("a reader that was slow over TLS loses nothing", () =>
  withTlsServer({ settings: { ...UNLIMITED, maxQueue: 65_536 } }, async (server) => {
    const eve = await server.online("eve");
    using bob = await stalledReader(server, "bob");
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
  }));

Deno.test("who is refused over TLS can read why", () =>
  withTlsServer({ settings: { maxConnections: 1 } }, async (server) => {
    await server.online("eve");
    const late = await server.connect();
    const { frames } = await late.ended();
    assertEquals(frames.map(({ response }) => response), [101]);
  }));

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

Deno.test("a renewed certificate is for new connections, the others go on", () =>
  withTlsServer({}, async (server, keeper, files) => {
    const eve = await server.online("eve");
    await Deno.writeTextFile(files.cert, SECOND.cert);
    await Deno.writeTextFile(files.key, SECOND.key);
    keeper.reload();
    await assertRejects(() => server.connect(), Error); // trusts the first only
    const bob = await RawClient.connect(server.address, undefined, SECOND.cert);
    const user = { account_name: "bob" };
    assertEquals((await bob.ask({ event: "presence", user })).response, 200);
    assertEquals((await bob.ask({ event: "msg", to: "eve", message: "hi" })).response, 200);
    assertEquals((await eve.frame()).from, "bob");
    bob.close();
  }));

Deno.test("no connection is lost while the certificate is renewed again and again", () =>
  withTlsServer({ settings: { maxPerIp: 0 } }, async (server, keeper) => {
    for (let round = 0; round < 5; round++) {
      const clients = Array.from({ length: 10 }, () => server.connect());
      await settle(); // they are somewhere between the first packet and the last
      keeper.reload();
      for (const client of clients) {
        assertEquals((await (await client).ask({ event: "probe" })).response, 200);
      }
    }
  }));
