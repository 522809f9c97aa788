import { assertEquals } from "@std/assert";

import { LIMITS } from "../../../../common/limits.ts";
import { Plumbing } from "../../../../server/connection/plumbing.ts";
import { CidrList } from "../../../../server/connection/proxy_protocol/cidr_list.ts";
import type { ProxiedConn } from "../../../../server/connection/proxy_protocol/proxied_conn.ts";
import { ProxyIntake } from "../../../../server/connection/proxy_protocol/proxy_intake.ts";
import { DEFAULT_SETTINGS } from "../../../../server/flags.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { FakeConn } from "../../../support/fake_conn.ts";
import { binaryHeader, IPV4_BLOCK, lineHeader } from "../../../support/proxy_header.ts";
import { RecordingLog } from "../../../support/recording_log.ts";
import { settle } from "../../../support/settle.ts";

const PROXY = { transport: "tcp", hostname: "10.0.0.1", port: 5_000 } as const;

function connection(hostname: string = PROXY.hostname): FakeConn & Deno.Conn {
  const remoteAddr = { ...PROXY, hostname };
  return Object.assign(new FakeConn(), { remoteAddr }) as unknown as FakeConn & Deno.Conn;
}

/** An intake for 10.0.0.0/8, on a clock of its own. */
function intake(loginTimeout = 30): {
  intake: ProxyIntake;
  clock: FakeClock;
  log: RecordingLog;
  records: () => unknown[];
} {
  const [clock, log] = [new FakeClock(), new RecordingLog()];
  const plumbing = new Plumbing({ clock, settings: { ...DEFAULT_SETTINGS, loginTimeout }, log });
  return {
    intake: new ProxyIntake(plumbing, CidrList.parse("10.0.0.0/8")),
    clock,
    log,
    records: () => log.records.map(({ level, fields }) => [level, fields.peer, fields.reason]),
  };
}

async function read(conn: ProxiedConn | undefined, bytes: number): Promise<string | null> {
  const buffer = new Uint8Array(bytes);
  const count = await conn!.read(buffer);
  return count === null ? null : new TextDecoder().decode(buffer.subarray(0, count));
}

Deno.test("ProxyIntake: only what comes from a proxy has a header, also over an IPv6 socket", () => {
  const { intake: door } = intake();
  const addresses = ["10.1.2.3", "::ffff:10.1.2.3", "11.1.2.3", "::1", "::10.1.2.3"];
  assertEquals(addresses.map((address) => door.covers(connection(address))), [
    ...[true, true],
    ...[false, false, false],
  ]);
});

Deno.test("ProxyIntake: what is behind the header is read first, then the rest, in pieces of any size", async () => {
  const { intake: door, clock, log } = intake();
  const conn = connection();
  const reading = door.read(conn);
  const [head, tail] = [
    lineHeader("192.0.2.7").subarray(0, 9),
    lineHeader("192.0.2.7").subarray(9),
  ];
  conn.feed(head);
  await settle();
  assertEquals(door.waiting, 1);
  conn.feed(new Uint8Array([...tail, ...new TextEncoder().encode("hello")]));
  const proxied = await reading;
  assertEquals(proxied?.remoteAddr, { transport: "tcp", hostname: "192.0.2.7", port: 4_711 });
  assertEquals(proxied?.isProxysOwn, false);
  conn.feed("world");
  assertEquals([await read(proxied, 3), await read(proxied, 99), await read(proxied, 99)], [
    ...["hel", "lo"],
    "world",
  ]);
  await proxied!.write(new TextEncoder().encode("yes"));
  await proxied!.closeWrite();
  proxied!.close();
  assertEquals([conn.writes, conn.isWriteClosed, conn.isClosed], [["yes"], true, true]);
  assertEquals([door.waiting, clock.pending, log.records], [0, 0, []]);
});

Deno.test("ProxyIntake: where the header names nobody, or the proxy itself, the connection is the proxy's", async () => {
  const { intake: door } = intake();
  for (
    const header of [
      binaryHeader(0x20, 0, []),
      binaryHeader(0x21, 0x31, Array(216).fill(0)),
      new TextEncoder().encode("PROXY UNKNOWN\r\n"),
      lineHeader(PROXY.hostname, PROXY.port),
    ]
  ) {
    for (const hostname of [PROXY.hostname, `::ffff:${PROXY.hostname}`]) {
      const conn = connection(hostname);
      conn.feed(header);
      const proxied = await door.read(conn);
      assertEquals([proxied?.remoteAddr.port, proxied?.isProxysOwn], [PROXY.port, true]);
    }
  }
  const neighbour = connection();
  neighbour.feed(lineHeader(PROXY.hostname, PROXY.port + 1));
  assertEquals((await door.read(neighbour))?.isProxysOwn, false);
});

Deno.test("ProxyIntake: what is no header, or comes to no end, is closed without a word, and logged", async () => {
  const { intake: door, clock, records } = intake();
  const wrong = [
    (conn: FakeConn) => conn.feed('{"event":"probe"}\n'),
    (conn: FakeConn) => conn.feed(binaryHeader(0x21, 0x11, IPV4_BLOCK, 60_000)),
    (conn: FakeConn) => {
      conn.feed(lineHeader("192.0.2.7").subarray(0, 20));
      conn.end();
    },
  ];
  for (const say of wrong) {
    const conn = connection("::ffff:10.0.0.1");
    say(conn);
    assertEquals([await door.read(conn), conn.isClosed, conn.writes], [undefined, true, []]);
  }
  assertEquals(records(), [
    ["warn", "10.0.0.1:5000", "what came is no PROXY header"],
    ["warn", "10.0.0.1:5000", "60016 bytes, allowed are 4096"],
    ["warn", "10.0.0.1:5000", "the peer hung up"],
  ]);
  assertEquals([door.waiting, clock.pending], [0, 0]);
});

Deno.test("ProxyIntake: who only looks whether the port is open is nothing to note", async () => {
  const { intake: door, log } = intake();
  const [closing, resetting] = [connection(), connection()];
  closing.end();
  resetting.reset();
  for (const conn of [closing, resetting]) assertEquals(await door.read(conn), undefined);
  assertEquals(log.records.map(({ level }) => level), ["debug", "debug"]);
});

Deno.test("ProxyIntake: there is a deadline, however slowly the header comes, and not beyond that for logins", async () => {
  const { intake: door, clock, records } = intake();
  const slow = connection();
  const reading = door.read(slow);
  const header = lineHeader("192.0.2.7");
  for (let second = 1; second <= LIMITS.proxyHeaderSeconds; second++) {
    assertEquals(slow.isClosed, false);
    slow.feed(header.subarray(second - 1, second));
    await settle();
    clock.advance(1_000);
  }
  assertEquals([await reading, slow.isClosed], [undefined, true]);
  assertEquals(records(), [["warn", "10.0.0.1:5000", "not there within 5 s"]]);

  const strict = intake(2);
  const late = strict.intake.read(connection());
  strict.clock.advance(2_000);
  assertEquals(await late, undefined);
  assertEquals(strict.records(), [["warn", "10.0.0.1:5000", "not there within 2 s"]]);
});

Deno.test("ProxyIntake: those who say nothing are bounded, and shut out nobody", async () => {
  const { intake: door, clock, records } = intake();
  const silent = Array.from({ length: LIMITS.maxProxyHeaders }, () => connection());
  const readings = silent.map((conn) => door.read(conn));
  assertEquals(door.waiting, LIMITS.maxProxyHeaders);
  const newcomer = connection();
  newcomer.feed(lineHeader("192.0.2.7"));
  assertEquals((await door.read(newcomer))?.remoteAddr.hostname, "192.0.2.7");
  assertEquals(await readings[0], undefined);
  assertEquals(silent.filter(({ isClosed }) => isClosed), [silent[0]!]);
  assertEquals(records(), [["warn", "10.0.0.1:5000", "more than 1000 wait for theirs"]]);
  door.stop();
  await Promise.all(readings);
  assertEquals([door.waiting, clock.pending], [0, 0]);
});

Deno.test("ProxyIntake: at the stop those that wait are closed, and so are those that come", async () => {
  const { intake: door, clock, log } = intake();
  const waiting = connection();
  const reading = door.read(waiting);
  door.stop();
  const late = connection();
  late.feed(lineHeader("192.0.2.7"));
  assertEquals([await reading, await door.read(late)], [undefined, undefined]);
  assertEquals([waiting.isClosed, late.isClosed, door.waiting, clock.pending], [true, true, 0, 0]);
  assertEquals(log.records.map(({ level }) => level), ["debug", "debug"]);
});
