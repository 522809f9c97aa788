import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect } from "node:net";

import { HandleListener } from "../../../../server/connection/tcp/handle_listener.ts";
import {
  findTcpInternals,
  type ServerHandle,
} from "../../../../server/connection/tcp/internals.ts";
import { FakeClock } from "../../../support/fake_clock.ts";
import { settle } from "../../../support/settle.ts";

const INTERNALS = findTcpInternals()!;
const LOOPBACK = { hostname: "127.0.0.1", port: 0, isShared: false };

const portOf = ({ remoteAddr }: { remoteAddr: Deno.Addr }): number =>
  (remoteAddr as Deno.NetAddr).port;

Deno.test("connections are accepted in the order in which they came, asked for or not", async () => {
  using listener = new HandleListener(INTERNALS, LOOPBACK);
  const first = listener.accept();
  const ports: number[] = [];
  const near: Deno.TcpConn[] = [];
  for (let i = 0; i < 20; i++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    near.push(conn);
    ports.push(conn.localAddr.port);
  }
  const far = [await first];
  while (far.length < 20) far.push(await listener.accept());
  assertEquals(far.map(portOf), ports);
  for (const conn of [...near, ...far]) conn.close();
});

Deno.test("a peer that has reset the connection before it was accepted is nobody's", async () => {
  using listener = new HandleListener(INTERNALS, LOOPBACK);
  for (let i = 0; i < 20; i++) {
    const gone = connect(listener.addr.port, "127.0.0.1");
    await new Promise((resolve) => gone.once("connect", resolve));
    gone.resetAndDestroy();
  }
  using near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  for (;;) {
    const far = await listener.accept();
    far.close();
    assert(portOf(far) > 0, "each has an address");
    if (portOf(far) === near.localAddr.port) break;
  }
});

Deno.test("with IPv6 it takes peers of both", async () => {
  using listener = new HandleListener(INTERNALS, { ...LOOPBACK, hostname: "::" });
  using near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const far = await listener.accept();
  assertEquals(far.remoteAddr, {
    transport: "tcp",
    hostname: "::ffff:127.0.0.1",
    port: near.localAddr.port,
  });
  far.close();
});

Deno.test("several share a port only if all want to", () => {
  using first = new HandleListener(INTERNALS, { ...LOOPBACK, isShared: true });
  const { port } = first.addr;
  using _second = new HandleListener(INTERNALS, { ...LOOPBACK, port, isShared: true });
  assertThrows(() => new HandleListener(INTERNALS, { ...LOOPBACK, port }));
});

Deno.test("close ends who waits, whom nobody has asked for, and all that comes later", async () => {
  const listener = new HandleListener(INTERNALS, LOOPBACK);
  using near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  (await listener.accept()).close();
  using unasked = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const { port } = listener.addr;
  const waiting = new HandleListener(INTERNALS, LOOPBACK);
  const accepting = assertRejects(() => waiting.accept(), Deno.errors.BadResource);
  waiting.close();
  await accepting;
  listener.close();
  listener.close();
  await assertRejects(() => listener.accept(), Deno.errors.BadResource);
  assertEquals(await unasked.read(new Uint8Array(1)).catch(() => null), null);
  await assertRejects(() => Deno.connect({ hostname: "127.0.0.1", port }));
  assertEquals(await near.read(new Uint8Array(1)), null);
});

Deno.test("a shortage of descriptors is told each second, and the handle is woken when it is over", async () => {
  let isShort = false;
  let woken = 0;
  let servers = 0;
  const clock = new FakeClock();
  const internals = {
    ...INTERNALS,
    makeServer: () => {
      const handle = INTERNALS.makeServer();
      const isProbe = servers++ > 0;
      return {
        bindWithFlags: (...args: Parameters<ServerHandle["bindWithFlags"]>) =>
          isProbe && isShort ? -24 : handle.bindWithFlags(...args),
        listen: (backlog: number) => (woken++, handle.listen(backlog)),
        getsockname: (to: { address?: string; port?: number }) => handle.getsockname(to),
        close: () => handle.close(),
      } as unknown as ServerHandle;
    },
  };
  using listener = new HandleListener(internals, LOOPBACK, clock);
  assertEquals(woken, 1);
  for (isShort of [true, true]) {
    const accepting = assertRejects(() => listener.accept(), Error, "EMFILE");
    clock.advance(1_000);
    await accepting;
  }
  assertEquals(woken, 1);
  isShort = false;
  let hasFailed = false;
  listener.accept().catch(() => hasFailed = true);
  clock.advance(1_000);
  await settle();
  assertEquals([woken, hasFailed], [2, false]);
  assert(clock.pending > 0, "it goes on looking");
});
