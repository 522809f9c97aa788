import { assertEquals } from "@std/assert";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { makeCertificate } from "../../server/admin/certificate.ts";
import { TlsKeeper } from "../../server/connection/tls_keeper.ts";
import { seededRandom } from "../support/random.ts";
import { withDeadline } from "../support/raw_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { TlsDirectory } from "../support/tls_files.ts";
import { type FuzzConn, FuzzPeer, Ledger } from "./fuzz_peer.ts";
import { Chooser, FIRST_LINE, Grammar } from "./grammar.ts";

const MAX_LINE_BYTES = 2_048;
const PEERS = 12;
const LINES = 150;

/** A connection to a real port. */
class SocketConn implements FuzzConn {
  onWrite: (bytes: Uint8Array) => void = () => {};
  onEnd: () => void = () => {};
  isClosed = false;
  /** Resolves when the server has hung up. */
  readonly ended: Promise<void>;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.onWrite(bytes as Uint8Array));
    socket.on("error", () => {});
    this.ended = new Promise((resolve) =>
      socket.on("close", () => {
        this.isClosed = true;
        this.onEnd();
        resolve();
      })
    );
  }

  feed(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }
}

async function fuzzSockets(server: TestServer, ca: string | undefined, seed: number) {
  const choose = new Chooser(seededRandom(seed));
  const grammar = new Grammar(choose, MAX_LINE_BYTES);
  const ledger = new Ledger();
  const { hostname: host, port } = server.address;
  const peers = Array.from({ length: PEERS }, () => {
    const options = { host, port, allowHalfOpen: true };
    const socket = ca === undefined ? connectTcp(options) : connectTls({ ...options, ca });
    return new FuzzPeer(new SocketConn(socket), ledger, MAX_LINE_BYTES);
  });
  for (const peer of peers) peer.say(FIRST_LINE);
  for (let i = 0; i < LINES; i++) {
    for (const peer of peers) {
      const bytes = grammar.next();
      const cut = choose.below(bytes.length);
      peer.say(bytes.subarray(0, cut));
      peer.say(bytes.subarray(cut));
    }
  }
  for (const peer of peers) peer.finish();
  for (const peer of peers) {
    await withDeadline(peer.conn.ended, () => peer.describe());
    if (peer.violation !== undefined) throw peer.violation;
    assertEquals([peer.isAnswered, peer.hasBeenClosed], [true, true]);
  }
  await server.settlesAt({ connections: 0, online: 0, rooms: 0 });
  assertEquals(server.log.records.filter(({ level }) => level === "error"), []);
}

const settings = { rate: 0, grace: 0.05, maxLine: MAX_LINE_BYTES, maxMessage: 500 };

Deno.test("hostile peers over TCP: every rule holds", async () => {
  await using server = new TestServer({ settings });
  await fuzzSockets(server, undefined, 11);
});

Deno.test("hostile peers over TLS: every rule holds", async () => {
  await using dir = await TlsDirectory.make();
  const { cert: ca } = dir.pair;
  await using server = new TestServer({ settings, tls: { keeper: new TlsKeeper(dir.files), ca } });
  await fuzzSockets(server, ca, 12);
});

Deno.test("a server that hears hostile bytes before a handshake goes on", async () => {
  await using dir = await TlsDirectory.make();
  await dir.put(await makeCertificate());
  const { cert: ca } = dir.pair;
  await using server = new TestServer({ settings, tls: { keeper: new TlsKeeper(dir.files), ca } });
  const choose = new Chooser(seededRandom(13));
  // A record's header that says handshake, and then anything.
  const conns = Array.from({ length: 50 }, () => {
    const length = choose.below(600);
    const bytes = Uint8Array.from({ length: 5 + length }, () => choose.below(256));
    bytes.set([22, 3, choose.below(5), length >> 8, length & 255]);
    const conn = new SocketConn(
      connectTcp({ host: server.address.hostname, port: server.address.port }),
    );
    conn.feed(bytes);
    if (choose.chance(0.5)) conn.end();
    return conn;
  });
  const eve = await server.online("eve");
  for (const conn of conns) conn.end();
  await withDeadline(Promise.all(conns.map(({ ended }) => ended)), () => "the ends");
  assertEquals((await eve.ask({ event: "probe" })).response, 200);
  await server.settlesAt({ connections: 1 });
});
