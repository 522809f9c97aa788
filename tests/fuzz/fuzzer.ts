/**
 * A server, hostile peers, and the rules that must hold whatever they say.
 *
 * @module
 */

import { ChatServer } from "../../server/chat_server.ts";
import { Passwords } from "../../server/accounts/passwords.ts";
import { Doorbell } from "../../server/connection/doorbell.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import type { Log, LogFields } from "../../common/log.ts";
import { type LogRecord, textFormatter } from "../../logs/handlers/formatters.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { seededRandom } from "../support/random.ts";
import { DEADLINE_MS } from "../support/raw_client.ts";
import { settle } from "../support/settle.ts";
import { FuzzPeer, Ledger, Violation } from "./fuzz_peer.ts";
import { Chooser, FIRST_LINE, Grammar } from "./grammar.ts";
import { MemoryConn, MemoryListener } from "./memory_conn.ts";

/** What to do. */
export interface FuzzOptions {
  /**
   * With the same seed the same connections say the same. In which order the server comes to them may differ:
   * passwords are hashed on other threads.
   */
  seed: number;
  /** At least so many requests. */
  lines: number;
  /** Called now and then with the number of requests so far. */
  onProgress?: (lines: number) => void;
}

/** What was done. */
export interface FuzzResult {
  /** Requests, each answered once and in order. */
  lines: number;
  /** Connections made. */
  connections: number;
  /** Records of the log, each one line without control characters. */
  records: number;
}

const PEERS = 16;
/** Short, so that lines at the limit are cheap. */
const MAX_LINE_BYTES = 2_048;
const encoder = new TextEncoder();
/** Turns of the event loop in which time passes, at most, */
const PATIENCE = 20_000;

/**
 * Lets hostile peers loose on a server in this process, and checks:
 *
 * 1. each request is answered once, in order, with its own `id`, never with 500, and with 400 if it is no frame;
 * 2. each accepted message arrives as often as was said, unaltered, from its true sender, at its addressee or
 *    at members of its room and at nobody else;
 * 3. nobody hears of a room that they are not in;
 * 4. who is online, and which rooms there are, is what follows from the answers;
 * 5. after the last peer, the server holds no connection, name, room or timer;
 * 6. no record of the log and no sentence for people has a character that steers a terminal.
 *
 * @throws {Violation} If a rule is broken: says how, with the seed.
 */
export async function fuzz({ seed, lines, onProgress }: FuzzOptions): Promise<FuzzResult> {
  const choose = new Chooser(seededRandom(seed));
  const clock = new FakeClock();
  const log = new CheckedLog(choose.chance(0.2) ? 10 : 20);
  const store = openSqliteStore(":memory:");
  // Who is gone has gone: that sessions outlive connections is for schedules of honest clients to show.
  const server = new ChatServer({
    store,
    clock,
    log,
    passwords: new Passwords({ cost: { logN: 1, r: 1, p: 1 } }),
    settings: {
      rate: 0,
      maxLine: MAX_LINE_BYTES,
      maxMessage: 500,
      maxPerIp: 0,
      maxAccountsPerIp: 0,
      maxQueue: 65_536,
      grace: 0,
    },
  });
  const listener = new MemoryListener();
  const serving = server.serve(listener);
  const result: FuzzResult = { lines: 0, connections: 0, records: 0 };
  const ledger = new Ledger();
  let peers: FuzzPeer<MemoryConn>[] = [];
  const voices = new Map<FuzzPeer<MemoryConn>, Voice>();

  using doorbell = new Doorbell();
  const connect = (): FuzzPeer<MemoryConn> => {
    const conn = new MemoryConn(++result.connections);
    listener.offer(conn);
    const peer = new FuzzPeer(conn, ledger, MAX_LINE_BYTES);
    voices.set(peer, new Voice(seed, result.connections));
    return peer;
  };
  let hasCut = false;
  /** Who does not confirm what it was sent, as the grammar has it, is closed without a word; the log says so. */
  const dropSlow = (): void => {
    for (const peer of peers.filter(({ conn }) => log.tooSlow.delete(conn.remoteAddr.port))) {
      if (!peer.isGone && !peer.hasBeenClosed) peer.wasCut();
      hasCut = true;
      peers = peers.filter((other) => other !== peer);
      voices.delete(peer);
    }
  };
  const until = async (isTrue: () => boolean, what: () => string): Promise<void> => {
    // How long it may take in truth: passwords are hashed on other threads, which may have to wait.
    const deadline = performance.now() + DEADLINE_MS;
    for (let turns = 0; !isTrue(); turns++) {
      for (const { violation } of peers) if (violation !== undefined) throw violation;
      dropSlow();
      if (turns > PATIENCE && performance.now() > deadline) throw new Violation(what());
      await settle();
      if (turns % 8 < 7) continue;
      // The server's looks at its sockets take true time: ours must not run ahead of them.
      await doorbell.ring();
      // An answer may wait a few milliseconds for its turn, or a second for that of a password.
      if (turns <= PATIENCE) clock.advance(turns < 400 ? 1 : 100);
    }
  };

  try {
    for (let round = 0; result.lines < lines; round++) {
      while (peers.length < PEERS) peers.push(connect());
      const before = new Map(peers.map((peer) => [peer, peer.requests]));
      for (const peer of peers) voices.get(peer)!.speak(peer);
      hasCut = false;
      const cut = peers.filter((peer) => voices.get(peer)!.choose.chance(0.003));
      if (cut.length > 0) {
        await settle();
        hasCut = true;
        for (const peer of cut) {
          peer.conn.reset();
          peer.wasCut();
        }
      }
      for (const peer of peers) if (voices.get(peer)!.choose.chance(0.01)) peer.finish();
      await settle();
      for (const { conn } of peers) if (conn.isStalled) conn.resume();
      await until(
        () => peers.every((peer) => cut.includes(peer) || peer.isAnswered),
        () => peers.find((peer) => !peer.isAnswered)!.describe(),
      );
      for (const peer of peers) result.lines += peer.requests - before.get(peer)!;
      // That an account is online from elsewhere now may be told a moment after its mailbox was opened there.
      await until(
        () => ledger.wrong.length === 0,
        () => `not for a mailbox: ${JSON.stringify(ledger.wrong)}`,
      );
      // Who was told goodbye, or has said it, is closed by the server within its time.
      const isLeaving = ({ isGone, hasBeenClosed }: FuzzPeer<MemoryConn>): boolean =>
        isGone || hasBeenClosed;
      await until(
        () => peers.every((peer) => !isLeaving(peer) || peer.conn.isClosed),
        () => "a connection stays open",
      );
      await settle();
      for (const { violation } of peers) if (violation !== undefined) throw violation;
      dropSlow();
      const left = peers.filter(isLeaving);
      peers = peers.filter((peer) => !isLeaving(peer));
      for (const peer of left) voices.delete(peer);
      for (const { conn } of peers) {
        if (conn.isClosed) throw new Violation("a connection was closed without a word");
      }
      if (hasCut || left.length > 0) ledger.forgive(); // what was on its way to them
      await until(
        () => ledger.open.length === 0,
        () => `unbalanced: ${JSON.stringify(ledger.open)}`,
      );
      // What an ending connection could not take goes to the store first; then it is forgotten.
      await until(() => unlike(server, peers) === undefined, () => unlike(server, peers)!);
      if (round % 100 === 0) {
        clock.advance(1_000);
        onProgress?.(result.lines);
      }
    }
    for (const peer of peers) peer.finish();
    await until(
      () => server.counts.connections === 0,
      () => `at the end there are ${JSON.stringify(server.counts)}`,
    );
    for (const peer of peers) if (!peer.isAnswered) throw new Violation(peer.describe());
    const left = unlike(server, []);
    if (left !== undefined) throw new Violation(left);
    await server.shutdown();
    await serving;
    if (clock.pending > 0) throw new Violation(`${clock.pending} timers are left`);
  } catch (error) {
    if (error instanceof Error) error.message += `\n(seed ${seed}, ${result.lines} lines)`;
    throw error;
  } finally {
    await server.shutdown();
    await store[Symbol.asyncDispose]();
  }
  if (log.violation !== undefined) throw new Violation(`${log.violation}\n(seed ${seed})`);
  result.records = log.count;
  return result;
}

/** What one connection says: the same for the same seed and number, whatever the others do. */
class Voice {
  readonly choose: Chooser;
  readonly #grammar: Grammar;
  #isNew = true;
  #isFirst = true;

  constructor(seed: number, number: number) {
    this.choose = new Chooser(seededRandom((seed * 2_654_435_761 + number) >>> 0));
    this.#grammar = new Grammar(this.choose, MAX_LINE_BYTES, number * 1_000_000);
  }

  /** Its part of a round: a pipeline, cut into chunks anywhere. */
  speak(peer: FuzzPeer<MemoryConn>): void {
    const { choose } = this;
    this.#grammar.token = peer.token;
    this.#grammar.isAccount = peer.isAccount;
    this.#grammar.runs = peer.runs;
    this.#grammar.met = peer.met;
    if (choose.chance(0.02)) peer.conn.isStalled = true;
    const parts: Uint8Array[] = this.#isFirst ? [FIRST_LINE] : [];
    this.#isFirst = false;
    if (this.#isNew) {
      // Some names are taken, so it tries a few.
      for (let tries = choose.below(4); tries > 0; tries--) {
        parts.push(encoder.encode(this.#grammar.arrival() + "\n"));
      }
    }
    this.#isNew = choose.chance(0.1);
    for (let count = choose.below(choose.chance(0.1) ? 100 : 30); count > 0; count--) {
      parts.push(this.#grammar.next());
    }
    const bytes = concat(parts);
    for (let start = 0; start < bytes.length;) {
      const rest = bytes.length - start;
      const end = choose.chance(0.5) ? bytes.length : start + 1 + choose.below(rest);
      peer.say(bytes.subarray(start, end));
      start = end;
    }
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let length = 0;
  for (const part of parts) {
    bytes.set(part, length);
    length += part.length;
  }
  return bytes;
}

/** Says how the server's names and rooms are not those that its answers make, if they are not. */
function unlike(server: ChatServer, peers: FuzzPeer<MemoryConn>[]): string | undefined {
  const online = peers.filter(({ name }) => name !== "");
  const names = new Set(online.map(({ name }) => name));
  if (names.size < online.length) return "a name is online twice";
  const rooms = new Set(peers.flatMap((peer) => [...peer.rooms]));
  const expected = { connections: peers.length, online: names.size, rooms: rooms.size };
  if (JSON.stringify(server.counts) === JSON.stringify(expected)) return undefined;
  return `there are ${JSON.stringify(server.counts)}, and ought to be ${JSON.stringify(expected)}`;
}

/** A log that formats what it is told, as the server's does, and looks at the line. */
class CheckedLog implements Log {
  readonly level: number;
  /** The first wrong record. */
  violation: string | undefined;
  count = 0;
  /** The ports of peers that were closed because they did not confirm. */
  readonly tooSlow = new Set<number>();
  readonly #format = textFormatter({ utc: true });

  constructor(level: number) {
    this.level = level;
  }

  debug(message: string, fields?: LogFields): void {
    if (this.level <= 10) this.#look("DEBUG", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#look("INFO", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#look("WARN", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.violation ??= `logged as an error: ${message} ${JSON.stringify(fields)}`;
  }

  #look(levelName: string, msg: string, fields: LogFields = {}): void {
    this.count++;
    if (msg === "too slow, closed") this.tooSlow.add(Number(`${fields.peer}`.split(":").at(-1)));
    const record = { levelName, msg, args: [fields], loggerName: "server", datetime: new Date(0) };
    const line = this.#format(record as unknown as LogRecord);
    if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(line)) {
      this.violation ??= `a control character in the log: ${JSON.stringify(line)}`;
    }
  }
}
