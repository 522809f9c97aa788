import { assert, assertEquals } from "@std/assert";

import { LIMITS } from "../../../common/limits.ts";
import type { Link } from "../../../common/link.ts";
import { Admission, type Admitted } from "../../../server/connection/admission.ts";
import { Plumbing } from "../../../server/connection/plumbing.ts";
import { DEFAULT_SETTINGS, type ServerSettings } from "../../../server/flags.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { RawClient } from "../../support/raw_client.ts";
import { eventually } from "../../support/server_fixture.ts";
import { RecordingLog } from "../../support/recording_log.ts";
import { settle } from "../../support/settle.ts";
import { withTlsServer } from "../../support/tls_server.ts";

/** A peer that connects from an address. */
function connection(hostname = "192.0.2.7"): FakeConn & Deno.Conn {
  const remoteAddr = { transport: "tcp", hostname, port: 4_711 };
  return Object.assign(new FakeConn(), { remoteAddr }) as unknown as FakeConn & Deno.Conn;
}

type Tls = ConstructorParameters<typeof Admission>[1];

/** An admission under some limits, on a clock of its own. */
function gate(
  settings: Partial<ServerSettings>,
  tls?: Tls,
): { admission: Admission; clock: FakeClock; log: RecordingLog } {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const plumbing = new Plumbing({ clock, settings: { ...DEFAULT_SETTINGS, ...settings }, log });
  return { admission: new Admission(plumbing, tls), clock, log };
}

const alerts = ({ frames }: FakeConn): unknown[] =>
  frames.map(({ response, alert }) => [response, alert]);

Deno.test("Admission: up to the limit in all; who leaves makes room", async () => {
  const { admission, clock, log } = gate({ maxConnections: 2, maxPerIp: 0 });
  const [first, second] = [admission.admit(connection()), admission.admit(connection())];
  assertEquals([first?.address, second !== undefined], ["192.0.2.7:4711", true]);
  const refused = connection("2001:db8::1");
  assertEquals(admission.admit(refused), undefined);
  await settle();
  assertEquals(alerts(refused), [[101, "The server has 2 connections, the most allowed"]]);
  assertEquals(log.records, [{
    level: "warn",
    message: "refused, too many connections",
    fields: { peer: "[2001:db8::1]:4711", limit: 2 },
  }]);
  first!.leave();
  assert(admission.admit(connection()) !== undefined);
  assertEquals(admission.admit(connection()), undefined);
  await settle();
  clock.advance(500);
});

Deno.test("Admission: up to the limit from one address, however it is written; 0 is no limit", async () => {
  const { admission, clock } = gate({ maxConnections: 0, maxPerIp: 2 });
  const first = admission.admit(connection("192.0.2.7"))!;
  const second = admission.admit(connection("::ffff:192.0.2.7"));
  assertEquals(second?.address, "192.0.2.7:4711");
  const refused = connection("::ffff:192.0.2.7");
  assertEquals(admission.admit(refused), undefined);
  await settle();
  assertEquals(alerts(refused), [[101, "Your address has 2 connections, the most allowed"]]);
  assert(admission.admit(connection("2001:db8::7")) !== undefined);
  first.leave();
  const third = admission.admit(connection("192.0.2.7"));
  assertEquals(admission.admit(connection("192.0.2.7")), undefined);
  for (const admitted of [second, third]) admitted!.leave();
  for (let n = 0; n < 2; n++) assert(admission.admit(connection("192.0.2.7")) !== undefined);
  await settle();
  clock.advance(500);
});

Deno.test("Admission: the connections of one IPv6 network count together, as one customer's", () => {
  const { admission, log } = gate({ maxConnections: 0, maxPerIp: 20, maxPending: 0 });
  let admitted = 0;
  for (let n = 0; n < 500; n++) {
    const suffix = `${(n * 7919 % 65_536).toString(16)}:${n.toString(16)}`;
    if (admission.admit(connection(`2001:db8:1:2::${suffix}`)) !== undefined) admitted++;
  }
  assertEquals([admitted, log.of("refused, too many from one address").length], [20, 480]);
  const neighbour = admission.admit(connection("2001:DB8:1:3::1"));
  assertEquals(neighbour?.network.key, "2001:db8:1:3::/64");
});

Deno.test("Admission: a flood that does not come online makes room for who comes from elsewhere, handshakes included", async () => {
  const { admission, clock, log } = gate({ maxPending: 3 });
  const closed: string[] = [];
  const come = (hostname: string): Admitted | undefined => {
    const admitted = admission.admit(connection(hostname));
    if (admitted !== undefined) {
      admitted.host = {
        isLoggingIn: () => false,
        close: (sentence) => void closed.push(`${admitted.address}: ${sentence}`),
      };
    }
    return admitted;
  };
  const flood = [1, 2, 3].map((n) => come(`2001:db8::${n}`)!);
  const neighbour = connection("2001:db8::4");
  assertEquals(admission.admit(neighbour), undefined);
  await settle();
  const sentence = "The server has 3 connections that are not online yet, the most allowed";
  assertEquals(alerts(neighbour), [[101, sentence]]);
  const stranger = come("192.0.2.7");
  assertEquals(closed, [`[2001:db8::1]:4711: ${sentence}`]);
  flood[0]!.leave(); // nothing is counted twice
  stranger!.online();
  assert(come("2001:db8::5") !== undefined, "who is online does not count");
  assertEquals(come("2001:db8::6"), undefined);
  assertEquals(log.records.map(({ message, fields }) => [message, fields.peer]), [
    ["refused, too many that are not online", "[2001:db8::4]:4711"],
    ["closed, too many that are not online", "[2001:db8::1]:4711"],
    ["refused, too many that are not online", "[2001:db8::6]:4711"],
  ]);
  await settle();
  clock.advance(500);

  const shaking: FakeConn[] = [];
  const tls: Tls = {
    secure: (conn) => {
      const link = conn as unknown as FakeConn & Link;
      const { promise, reject } = Promise.withResolvers<void>();
      const close = link.close.bind(link);
      link.handshake = () => promise;
      link.close = () => {
        close();
        reject(new Error("closed"));
      };
      shaking.push(link);
      return link;
    },
  };
  const secure = gate({ maxPending: 2 }, tls);
  const [first, second] = [1, 2].map((n) =>
    secure.admission.admit(connection(`2001:db8::${n}`))!.handshake()
  );
  assert(secure.admission.admit(connection("192.0.2.7")) !== undefined);
  assertEquals([shaking.map(({ isClosed }) => isClosed), await first], [
    [true, false, false],
    false,
  ]);
  secure.admission.stop();
  assertEquals(await second, false);
});

Deno.test("Admission: a refused peer has half a second to read why, and is closed as soon as it hangs up", async () => {
  const { admission, clock } = gate({ maxConnections: 1 });
  admission.admit(connection());
  const [patient, quick, deaf, gone] = [connection(), connection(), connection(), connection()];
  deaf.takes = false;
  for (const conn of [patient, quick, deaf, gone]) admission.admit(conn);
  gone.reset();
  quick.end();
  await settle();
  assertEquals([patient, quick, deaf, gone].map((conn) => [conn.isWriteClosed, conn.isClosed]), [
    [true, false],
    [true, true],
    [false, false],
    [true, true],
  ]);
  assertEquals(clock.pending, 2, "only for those who are still there");
  clock.advance(499);
  await settle();
  assertEquals([patient.isClosed, deaf.isClosed], [false, false]);
  clock.advance(1);
  await settle();
  assertEquals([patient.isClosed, deaf.isClosed, clock.pending], [true, true, 0]);
});

Deno.test("Admission: 64 are refused in peace; one more is told and closed at once, until there are less", async () => {
  const { admission, clock } = gate({ maxConnections: 1 });
  admission.admit(connection());
  const refuse = (): FakeConn => {
    const conn = connection();
    admission.admit(conn);
    return conn;
  };
  const peaceful = Array.from({ length: 64 }, refuse);
  const hasty = refuse();
  await settle();
  assertEquals([hasty.frames.length, hasty.isClosed], [1, true]);
  assertEquals(peaceful.filter(({ isClosed }) => isClosed), []);
  peaceful[0]!.end();
  await settle();
  const next = refuse();
  await settle();
  assertEquals(next.isClosed, false);
  clock.advance(500);
  await settle();
  assertEquals([...peaceful, next].filter(({ isClosed }) => !isClosed), []);
  assertEquals(clock.pending, 0);
});

Deno.test("Admission: small packets go out at once, where the socket still is one", () => {
  const { admission } = gate({});
  let calls = 0;
  const conn = Object.assign(connection(), { setNoDelay: () => void calls++ });
  const gone = Object.assign(connection(), {
    setNoDelay: () => {
      throw new Error("Invalid argument (os error 22)");
    },
  });
  assertEquals([conn, gone].map((conn) => admission.admit(conn) !== undefined), [true, true]);
  assertEquals(calls, 1);
});

Deno.test("Admission: the handshake comes to an end, fails, takes too long, or is given up at the stop", async () => {
  const ends = new Map<Link, PromiseWithResolvers<void>>();
  const tls: Tls = {
    secure: (conn) => {
      const link = conn as unknown as FakeConn & Link;
      const end = Promise.withResolvers<void>();
      ends.set(link, end);
      const close = link.close.bind(link);
      link.handshake = () => end.promise;
      link.close = () => {
        close();
        end.reject(new Error("closed"));
      };
      return link;
    },
  };
  const { admission, clock, log } = gate({ loginTimeout: 5 }, tls);
  const plain = gate({}).admission.admit(connection())!;
  assertEquals(await plain.handshake(), true);

  const shake = (): { link: Link; result: Promise<boolean> } => {
    const admitted = admission.admit(connection())!;
    return { link: admitted.link, result: admitted.handshake() };
  };
  const good = shake();
  ends.get(good.link)!.resolve();
  assertEquals(await good.result, true);
  const bad = shake();
  ends.get(bad.link)!.reject(new Error("no shared cipher"));
  assertEquals(await bad.result, false);
  const slow = shake();
  clock.advance(5_000);
  assertEquals(await slow.result, false);
  const stopped = shake();
  admission.stop();
  assertEquals(await stopped.result, false);
  const late = shake();
  ends.get(late.link)!.resolve();
  assertEquals(await late.result, false, "nothing can be said to it");
  assertEquals(log.of("no TLS handshake").map(({ fields }) => fields.reason), [
    "Error: no shared cipher",
    "not finished within 5 s",
    "Error: closed",
  ]);
  assertEquals(clock.pending, 0);
});

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
    for (const [index, attack] of attacks.entries()) {
      const peer = await RawClient.connect(server.address);
      // Who resets the connection before it is accepted is no connection, and no record.
      await server.settlesAt({ connections: 2 });
      await Promise.resolve(attack(peer)).catch(() => {}); // it may be closed under the attacker's hands
      await eventually(
        () => server.log.records.length > before + index,
        () => `a record of attack ${index}`,
      );
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

Deno.test("peers that are silent in the handshake make room for who comes from elsewhere", () =>
  withTlsServer({ settings: { maxPending: 2 } }, async (server) => {
    const silent = await Promise.all(
      Array.from({ length: 2 }, () => RawClient.connect(server.address, "127.0.0.2")),
    );
    await server.settlesAt({ connections: 2 });
    const eve = await server.online("eve");
    await server.settlesAt({ connections: 2 });
    assertEquals((await Promise.race(silent.map((peer) => peer.ended()))).frames, []);
    assertEquals((await eve.ask({ event: "probe" })).response, 200);
    for (const peer of silent) peer.close();
  }));

Deno.test("who is refused over TLS can read why", () =>
  withTlsServer({ settings: { maxConnections: 1 } }, async (server) => {
    await server.online("eve");
    const late = await server.connect();
    const { frames } = await late.ended();
    assertEquals(frames.map(({ response }) => response), [101]);
  }));
