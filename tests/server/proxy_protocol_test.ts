// A whole server behind proxies, over real sockets; what the parts promise by themselves is tested beside them.
import { assert, assertEquals } from "@std/assert";

import { LIMITS } from "../../common/limits.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { binaryHeader, IPV4_BLOCK, lineHeader } from "../support/proxy_header.ts";
import { RawClient } from "../support/raw_client.ts";
import { TestServer, type TestServerOptions } from "../support/server_fixture.ts";
import { withTlsServer } from "../support/tls_server.ts";

/** A server whose proxies are on 127.0.0.1; all other addresses are those of direct clients. */
function behindProxy(options: TestServerOptions = {}): TestServer {
  return new TestServer({ proxies: "127.0.0.1/32", ...options });
}

const PROXY = "127.0.0.1";
const PRESENCE = { event: "presence", user: { account_name: "eve" } };

/** The peers of the records with that message. */
function peers(server: TestServer, message: string): unknown[] {
  return server.log.of(message).map(({ fields }) => fields.peer);
}

Deno.test("the client's address is that of the header, in both versions, for log and limits", async () => {
  await using server = behindProxy({ settings: { maxPerIp: 1 } });
  const eve = await server.connect(PROXY, lineHeader("192.0.2.1", 1_001));
  assertEquals((await eve.ask(PRESENCE)).response, 200);
  const bob = await server.connect(PROXY, binaryHeader(0x21, 0x11, IPV4_BLOCK));
  assertEquals((await bob.ask({ event: "probe" })).response, 200);
  const twin = await server.connect(PROXY, lineHeader("192.0.2.7", 1_002));
  assertEquals((await twin.ended()).frames.map(({ response }) => response), [101]);
  assertEquals(peers(server, "connected"), ["192.0.2.1:1001", "192.0.2.7:4711"]);
  assertEquals(peers(server, "online"), ["192.0.2.1:1001"]);
  assertEquals(peers(server, "refused, too many from one address"), ["192.0.2.7:1002"]);
  bob.close();
  await server.settlesAt({ connections: 1 });
  const next = await server.connect(PROXY, lineHeader("192.0.2.7", 1_003));
  assertEquals((await next.ask({ event: "probe" })).response, 200);
});

Deno.test("a header and requests in one segment, and a header byte by byte", async () => {
  await using server = behindProxy();
  const request = new TextEncoder().encode('{"event":"probe","id":1}\n{"event":"probe","id":2}\n');
  const header = lineHeader("192.0.2.7");
  const hasty = await server.connect(PROXY, new Uint8Array([...header, ...request]));
  assertEquals((await hasty.frames(2)).map(({ id }) => id), [1, 2]);
  const slow = await server.connect(PROXY);
  for (const byte of [...header, ...request]) await slow.sendBytes(new Uint8Array([byte]));
  assertEquals((await slow.frames(2)).map(({ id }) => id), [1, 2]);
});

Deno.test("wrong passwords count for the client's network, not for the proxy", async () => {
  const clock = new FakeClock();
  await using server = behindProxy({ clock });
  const guess = async (address: string): Promise<RawClient> => {
    const client = await server.connect(PROXY, lineHeader(address));
    await client.send({
      event: "authenticate",
      user: { account_name: "eve", password: "wrong horse" },
    });
    return client;
  };
  // A network has five a minute; the sixth waits for twelve seconds.
  for (let n = 0; n < 5; n++) {
    assertEquals((await (await guess("198.51.100.1")).response()).response, 402);
  }
  const sixth = await guess("198.51.100.1");
  const neighbour = await guess("198.51.100.2");
  assertEquals((await neighbour.response()).response, 402);
  assertEquals(sixth.unread, 0);
  clock.advance(12_000);
  assertEquals((await sixth.response()).response, 402);
});

Deno.test("a guest's ban from a room holds for guests of their own address, not for all behind the proxy", async () => {
  await using server = behindProxy();
  const join = { event: "join", room: "#dev" };
  /** Somebody comes online from behind the proxy, and asks to be let into the room. */
  const enter = async (login: object, header: Uint8Array): Promise<[RawClient, unknown[]]> => {
    const client = await server.connect(PROXY, header);
    assert([200, 201].includes((await client.ask(login)).response!));
    const { response, refused } = await client.ask(join);
    return [client, [response, refused]];
  };
  const guest = (account_name: string): object => ({ event: "presence", user: { account_name } });
  const user = { account_name: "mod", password: "correct horse" };
  const register = { event: "authenticate", user, register: true };
  const [mod] = await enter(register, lineHeader("192.0.2.1"));
  await enter(guest("bob"), lineHeader("192.0.2.7"));
  assertEquals((await mod.ask({ event: "ban", room: "#dev", user: "bob" })).response, 200);

  const outcome = async (name: string, header: Uint8Array): Promise<unknown> =>
    (await enter(guest(name), header))[1];
  assertEquals(await outcome("rob", lineHeader("192.0.2.7", 1_002)), [403, "banned"]);
  assertEquals(await outcome("roy", binaryHeader(0x21, 0x11, IPV4_BLOCK)), [403, "banned"]);
  assertEquals(await outcome("gus", lineHeader("192.0.2.8")), [200, undefined]);
});

Deno.test("from elsewhere nothing changes: no header is needed, and one is a wrong first line", async () => {
  await using server = behindProxy();
  const eve = await server.connect("127.0.0.2");
  assertEquals((await eve.ask(PRESENCE)).response, 200);
  const liar = await server.connect("127.0.0.3", lineHeader("192.0.2.7"));
  assertEquals((await liar.response()).response, 400);
  assert(peers(server, "connected").every((peer) => /^127\.0\.0\.[23]:/.test(String(peer))));
});

Deno.test("a proxy without a header is closed without an answer", async () => {
  await using server = behindProxy();
  const client = await server.connect(PROXY);
  await client.send(PRESENCE);
  assertEquals((await client.ended()).frames, []);
  assertEquals(
    server.log.records.map(({ level, message, fields }) => [level, message, fields.reason]),
    [
      ["warn", "no PROXY header", "what came is no PROXY header"],
    ],
  );
  assertEquals(server.server.counters.connections, 0);
});

Deno.test("silent proxies are closed in time and hold up nobody; a stop does not wait for them", async () => {
  const clock = new FakeClock();
  await using server = behindProxy({ clock });
  const silent = await Promise.all(Array.from({ length: 20 }, () => server.connect(PROXY)));
  const eve = await server.connect(PROXY, lineHeader("192.0.2.1"));
  assertEquals((await eve.ask(PRESENCE)).response, 200);
  clock.advance(LIMITS.proxyHeaderSeconds * 1_000);
  for (const client of silent) assertEquals((await client.ended()).frames, []);
  assertEquals(server.log.of("no PROXY header").length, 20);
  await server.connect(PROXY);
});

Deno.test("health checks leave nothing in the log at INFO, over TLS, too", async () => {
  const check = async (server: TestServer): Promise<void> => {
    const local = binaryHeader(0x20, 0, []);
    const unknown = new TextEncoder().encode("PROXY UNKNOWN\r\n");
    for (const header of [local, unknown, undefined]) {
      for (const end of ["finish", "reset"] as const) {
        const probe = await RawClient.connect(server.address, PROXY, undefined, header);
        // Who resets a connection before it is accepted has made none.
        if (header !== undefined) await server.settlesAt({ connections: 1 });
        probe[end]();
        if (end === "finish") await probe.ended();
        await server.settlesAt({ connections: 0 });
        probe.close();
      }
    }
    assert(server.log.records.length >= 5);
    assertEquals(server.log.records.filter(({ level }) => level !== "debug"), []);
  };
  await using plain = behindProxy();
  await check(plain);
  await withTlsServer({ proxies: "127.0.0.1" }, check);
});

Deno.test("over TLS the header comes before the handshake, also in one segment with it", async () => {
  await withTlsServer({ proxies: "127.0.0.1", settings: { maxPerIp: 1 } }, async (server) => {
    const eve = await server.connect(PROXY, lineHeader("192.0.2.1", 1_001));
    assertEquals((await eve.ask(PRESENCE)).response, 200);
    const bob = await server.connect(PROXY, binaryHeader(0x21, 0x11, IPV4_BLOCK));
    assertEquals((await bob.ask({ event: "probe" })).response, 200);
    assertEquals(peers(server, "connected"), ["192.0.2.1:1001", "192.0.2.7:4711"]);
    const twin = await server.connect(PROXY, lineHeader("192.0.2.7"));
    assertEquals((await twin.ended()).frames.map(({ response }) => response), [101]);
    const garbage = new TextEncoder().encode('{"event":"probe"}\n');
    const wrong = new Uint8Array([...lineHeader("198.51.100.9"), ...garbage]);
    using late = await RawClient.connect(server.address, PROXY, undefined, wrong);
    assertEquals((await late.ended()).frames, []);
    assertEquals(peers(server, "no TLS handshake"), ["198.51.100.9:4711"]);
    const direct = await server.connect("127.0.0.2");
    assertEquals((await direct.ask({ event: "probe" })).response, 200);
  });
});
