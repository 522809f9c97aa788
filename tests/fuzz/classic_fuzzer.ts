/**
 * A server, hostile classic clients, and the rules that must hold whatever they say.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

import { foldName } from "../../common/names.ts";
import { ChatServer } from "../../server/chat_server.ts";
import { Doorbell } from "../../server/connection/doorbell.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { RecordingLog } from "../support/recording_log.ts";
import { seededRandom } from "../support/random.ts";
import { settle } from "../support/settle.ts";
import { ClassicPeer, type Open } from "./classic_peer.ts";
import { Violation } from "./fuzz_peer.ts";
import { Chooser, FIRST_LINE } from "./grammar.ts";
import { MemoryConn, MemoryListener } from "./memory_conn.ts";

const NAMES = ["eve", "Eve", "EVE", "ann", "Ева", "ЕВА", "bob", "#dev", "a b"];
const PEERS = 6;

/** An honest client that writes lines, under a name that classic clients write to. */
class Bob {
  readonly conn: MemoryConn;
  readonly #open: Open;
  #received = "";
  #sent: string[] = [];
  violation: unknown;

  constructor(conn: MemoryConn, open: Open) {
    this.conn = conn;
    this.#open = open;
    const decoder = new TextDecoder();
    conn.onWrite = (bytes) => {
      const lines = (this.#received + decoder.decode(bytes, { stream: true })).split("\n");
      this.#received = lines.pop()!;
      for (const line of lines) this.#hear(JSON.parse(line));
    };
    conn.feed(FIRST_LINE);
    conn.feed(encode('{"event":"presence","user":{"account_name":"bob"}}\n'));
  }

  get isAnswered(): boolean {
    return this.#sent.length === 0;
  }

  say(to: string, message: string): void {
    this.#sent.push(message);
    this.#open.set(message, foldName(to));
    this.conn.feed(encode(JSON.stringify({ event: "msg", id: "m", to, message }) + "\n"));
  }

  #hear(frame: Record<string, unknown>): void {
    if (frame.event === "probe") return this.conn.feed(FIRST_LINE);
    if (frame.event === "msg") {
      if (!this.#open.delete(frame.message as string)) this.violation = frame;
    } else if (frame.id === "m") {
      const message = this.#sent.shift()!;
      if (frame.response !== 200) this.#open.delete(message);
      if ((frame.response as number) >= 500) this.violation = frame;
    }
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/**
 * Lets hostile classic clients loose on a server in this process, beside one client that writes lines, and checks what
 * {@linkcode ClassicPeer} does, and that what was answered 200 arrives.
 *
 * @param seed With the same one the same connections say the same.
 * @param least At least so many objects are said.
 * @returns How many were.
 * @throws {Violation} If a rule is broken: says how, with the seed.
 */
export async function fuzzClassic(seed: number, least: number): Promise<number> {
  const [clock, log] = [new FakeClock(), new RecordingLog(20)];
  const store = openSqliteStore(":memory:");
  const settings = { rate: 0, maxLine: 2_048, maxMessage: 500, maxPerIp: 0, grace: 0 };
  const server = new ChatServer({ store, clock, log, settings });
  const listener = new MemoryListener();
  const serving = server.serve(listener);
  using doorbell = new Doorbell();
  const open: Open = new Map();
  const arrived = new Set<string>();
  let [connections, requests] = [0, 0];
  const random = new Chooser(seededRandom(seed));
  const connect = (): MemoryConn => {
    const conn = new MemoryConn(++connections);
    listener.offer(conn);
    return conn;
  };
  const bob = new Bob(connect(), open);
  let peers: ClassicPeer[] = [];
  const until = async (isTrue: () => boolean, what: () => string): Promise<void> => {
    for (let turns = 0; !isTrue(); turns++) {
      for (const { violation } of [...peers, bob]) if (violation !== undefined) throw violation;
      if (turns > 6_000) throw new Violation(what());
      await settle();
      if (turns % 8 === 7) await doorbell.ring();
      clock.advance(20);
    }
  };
  try {
    for (let round = 0; requests < least; round++) {
      while (peers.length < PEERS) {
        const choose = new Chooser(seededRandom((seed * 2_654_435_761 + connections) >>> 0));
        const terms = {
          conn: connect(),
          clock,
          open,
          arrived,
          choose,
          serial: connections * 1_000_000,
        };
        peers.push(new ClassicPeer(terms, NAMES));
      }
      for (const peer of peers) peer.speak();
      for (let count = random.below(10); count > 0; count--) {
        const size = random.of([1, 100, 400]);
        bob.say(random.of(["eve", "ann", "Ева"]), `${seed} ${round} ${count} ${"ж".repeat(size)}`);
      }
      if (random.chance(0.2)) await settle();
      if (random.chance(0.15)) peers[0]!.finish();
      await until(
        () => peers.every(({ isAnswered }) => isAnswered) && bob.isAnswered,
        () => peers.find(({ isAnswered }) => !isAnswered)?.describe() ?? "bob: not answered",
      );
      await until(
        () => peers.every(({ isLeaving, conn }) => !isLeaving || conn.isClosed),
        () => "not closed",
      );
      for (const { violation } of peers) if (violation !== undefined) throw violation;
      requests += peers.reduce((sum, peer) => sum + peer.requests, 0);
      for (const peer of peers) peer.requests = 0;
      // What was on its way to who has gone is nowhere.
      if (peers.some(({ isLeaving }) => isLeaving)) open.clear();
      await until(() => open.size === 0, () => `not arrived: ${JSON.stringify([...open])}`);
      peers = peers.filter(({ isOver }) => !isOver);
    }
    for (const { conn } of [...peers, bob]) conn.end();
    await until(() => server.counts.connections === 0, () => JSON.stringify(server.counts));
    assertEquals(server.counts, { connections: 0, online: 0, rooms: 0 });
    await server.shutdown();
    await serving;
    assertEquals(clock.pending, 0);
    assertEquals(log.records.filter(({ level }) => level === "error"), []);
    return requests;
  } catch (error) {
    if (error instanceof Error) error.message += `\n(seed ${seed})`;
    throw error;
  } finally {
    for (const { conn } of [...peers, bob]) conn.reset();
    let isOver = false;
    const ending = server.shutdown().finally(() => isOver = true);
    while (!isOver) {
      await settle();
      clock.advance(100);
    }
    await ending;
    await store[Symbol.asyncDispose]();
  }
}
