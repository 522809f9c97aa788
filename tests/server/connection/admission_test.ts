import { assert, assertEquals } from "@std/assert";

import { LIMITS } from "../../../common/limits.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { RawClient } from "../../support/raw_client.ts";
import { withTlsServer } from "../../support/tls_server.ts";

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

Deno.test("who is refused over TLS can read why", () =>
  withTlsServer({ settings: { maxConnections: 1 } }, async (server) => {
    await server.online("eve");
    const late = await server.connect();
    const { frames } = await late.ended();
    assertEquals(frames.map(({ response }) => response), [101]);
  }));
