/**
 * One peer of the fuzzer: what it has said, what it must hear, and what it must not.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { printable } from "../../common/printable.ts";

/** Something that must not happen. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** A request as the contract sees it, read independently of the server. */
interface Sent {
  /** The line, for the report. */
  line: string;
  /** What the response must carry. */
  id: unknown;
  /** Must be answered 400. */
  isWrong: boolean;
  /** The parsed object, if there is one. */
  fields: { readonly [field: string]: unknown };
  /** Direct messages that had come before: what is answered was read, and confirms them. */
  confirms: readonly string[];
  /** Rooms, folded, that the peer was taken out of while the answer was on its way. */
  outOf?: Set<string>;
}

/** Messages under way: key → how often it was accepted and has not arrived. Shared by all peers. */
export class Ledger {
  readonly #open = new Map<string, number>();
  /** What was accepted for a mailbox, or may have been rescued into one after it was handed over or not. */
  readonly #stored = new Set<string>();
  readonly #fromMailbox = new Set<string>();
  /** Texts whose sender was cut off before hearing whether they were accepted. */
  readonly #unheard = new Set<unknown>();

  /** A message was accepted, for so many addressees. */
  accepted(key: string, count: number): void {
    this.#add(key, count);
  }

  /** A message arrived. */
  arrived(key: string): void {
    this.#add(key, -1);
  }

  /** A message was accepted for a mailbox. */
  stored(key: string): void {
    this.#stored.add(key);
  }

  /** A message came out of a mailbox; whether it was in there by right shows when all answers are in. */
  arrivedFromMailbox(key: string): void {
    this.#fromMailbox.add(key);
  }

  /** The sender of a message was cut off: whether it was accepted will never be known. */
  unheard(message: unknown): void {
    this.#unheard.add(message);
  }

  /**
   * What came out of a mailbox and, when all answers are in and all last words heard, was neither accepted for it
   * nor for an addressee whose connection ended before it was written.
   */
  get wrong(): string[] {
    for (const key of this.#fromMailbox) if (this.#isRight(key)) this.#fromMailbox.delete(key);
    return [...this.#fromMailbox];
  }

  /** What is not balanced: accepted and not arrived, or arrived and not accepted. */
  get open(): [key: string, count: number][] {
    return [...this.#open];
  }

  /** Forgets what is open: addressees were cut off, so it may be in a mailbox or nowhere. */
  forgive(): void {
    for (const [key] of this.#open) this.#stored.add(key);
    this.#open.clear();
  }

  #isRight(key: string): boolean {
    return this.#stored.has(key) || (this.#open.get(key) ?? 0) > 0 ||
      this.#unheard.has(key.slice(key.indexOf("\0") + 1));
  }

  #add(key: string, count: number): void {
    const sum = (this.#open.get(key) ?? 0) + count;
    if (sum === 0) this.#open.delete(key);
    else this.#open.set(key, sum);
  }
}

const LF = 0x0a;
const NO_FIELDS = {};
const NOTHING = new Uint8Array(0);

/** The peer's end of a connection. */
export interface FuzzConn {
  /** Called with what the server writes. */
  onWrite: (bytes: Uint8Array) => void;
  /** Called when the server has said its last word. */
  onEnd: () => void;
  /** Whether the server has closed it. */
  readonly isClosed: boolean;
  /** Says something. */
  feed(bytes: Uint8Array): void;
  /** Says no more. */
  end(): void;
}

/**
 * One connection, watched.
 *
 * @typeParam Conn Where it leads.
 */
export class FuzzPeer<Conn extends FuzzConn> {
  readonly conn: Conn;
  readonly #ledger: Ledger;
  readonly #maxLine: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #lineDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #unsent: Uint8Array = NOTHING;
  #received = "";
  readonly #awaited: Sent[] = [];
  /** Direct messages that came after the last request: they go to the mailbox if the connection ends now. */
  readonly #unconfirmed = new Set<string>();
  /** Sentences that have been looked at. */
  readonly #sentences = new Set<unknown>();
  /** The first thing that must not have happened. */
  violation: unknown;
  /** Folded name; empty while not online. */
  name = "";
  /** Folded names. */
  readonly rooms = new Set<string>();
  /** Whether its name is an account's. */
  isAccount = false;
  /** Rooms that it has entered as an owner or a moderator. */
  readonly runs = new Set<string>();
  /** Who was in the room that it has entered last. */
  met: readonly string[] = [];
  /** The server has said that it closes. */
  hasBeenClosed = false;
  /** The peer has hung up or cut the connection. */
  isGone = false;
  /** Lines that must be answered. */
  requests = 0;
  /** What proves its name, if its session is numbered. */
  token: string | undefined;
  /** Numbered frames that have come. */
  #lastNumber = 0;

  constructor(conn: Conn, ledger: Ledger, maxLine: number) {
    this.conn = conn;
    this.#ledger = ledger;
    this.#maxLine = maxLine;
    conn.onWrite = (bytes) => {
      try {
        this.#receive(bytes);
      } catch (error) {
        this.violation ??= error; // thrown here, it would be the server's to handle
      }
    };
    conn.onEnd = () => {
      this.hasBeenClosed = true;
      this.#end();
      this.#giveUp();
      conn.end();
    };
  }

  /** Whether everything that must be answered has been. */
  get isAnswered(): boolean {
    return this.#awaited.length === 0 || this.hasBeenClosed || this.conn.isClosed;
  }

  /** Says something. */
  say(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(LF, start);
      const part = bytes.subarray(start, end === -1 ? bytes.length : end);
      const line = this.#unsent.length === 0 ? part : concat(this.#unsent, part);
      this.#unsent = end === -1 ? line : NOTHING;
      if (end === -1) break;
      this.#expect(line);
      start = end + 1;
    }
    this.conn.feed(bytes);
  }

  /** Says no more. */
  finish(): void {
    if (this.#unsent.length > 0) this.#expect(this.#unsent);
    this.#unsent = NOTHING;
    this.isGone = true;
    this.#end();
    this.conn.end();
  }

  /** The connection was cut: what is not answered never will be. */
  wasCut(): void {
    this.isGone = true;
    this.#end();
    this.#giveUp();
    for (const { fields } of this.#awaited) this.#ledger.unheard(fields.message);
  }

  /** What is not answered, for the report. */
  describe(): string {
    const [first] = this.#awaited;
    return `${this.#awaited.length} lines not answered, the first is ${
      JSON.stringify(first?.line.slice(0, 2_000))
    }`;
  }

  #expect(bytes: Uint8Array): void {
    const hasReturn = bytes[bytes.length - 1] === 0x0d;
    const length = bytes.length - (hasReturn ? 1 : 0);
    if (length === 0) return;
    this.requests++;
    const confirms = this.token === undefined ? [...this.#unconfirmed] : [];
    if (this.token === undefined) this.#unconfirmed.clear();
    const line = this.#lineDecoder.decode(bytes.subarray(0, length));
    let fields: unknown;
    if (length <= this.#maxLine && !line.includes("\ufffd")) {
      try {
        fields = JSON.parse(line);
      } catch {
        // It is no JSON.
      }
    }
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
      this.#awaited.push({ line, id: undefined, isWrong: true, fields: NO_FIELDS, confirms });
      return;
    }
    const { id } = fields as { id?: unknown };
    const isId = Number.isSafeInteger(id) ||
      (typeof id === "string" && id !== "" && id.length <= 128 && [...id].length <= 64);
    const isWrong = id !== undefined && !isId;
    this.#awaited.push({
      line,
      id: isId ? id : undefined,
      isWrong,
      fields: fields as Sent["fields"],
      confirms,
    });
  }

  #receive(bytes: Uint8Array): void {
    const lines = (this.#received + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#received = lines.pop()!;
    for (const line of lines) this.#hear(line);
  }

  #hear(line: string): void {
    // deno-lint-ignore no-control-regex
    if (/[\x00-\x1f]/.test(line)) throw new Violation(`raw control character in ${line}`);
    const frame = JSON.parse(line);
    this.#hearNumber(frame, line);
    if (frame.response === undefined) {
      const kind = frame.event ?? frame.action;
      if (kind === "msg") this.#hearMessage(frame);
      else if (kind !== "probe") throw new Violation(`unknown frame ${line}`);
      return;
    }
    const sentence = frame.alert ?? frame.error;
    if (!this.#sentences.has(sentence)) {
      if (typeof sentence !== "string" || printable(sentence) !== sentence || sentence === "") {
        throw new Violation(`no sentence for a person in ${line}`);
      }
      this.#sentences.add(sentence);
    }
    if (frame.response >= 200) this.#hearAnswer(frame, line);
    else if (frame.room !== undefined) this.#hearOfRoom(frame, line);
    else if (frame.response === 101) this.hasBeenClosed = true;
  }

  /** In a numbered session messages and notices are numbered without a gap, and nothing else is. */
  #hearNumber(
    frame: { response?: number; n?: number; event?: string; action?: string },
    line: string,
  ): void {
    const isProbe = frame.event === "probe" || frame.action === "probe";
    const isCounted = this.token !== undefined && !isProbe && (frame.response ?? 100) === 100;
    if (isCounted) this.#lastNumber++;
    if (frame.n === (isCounted ? this.#lastNumber : undefined)) return;
    throw new Violation(`${this.#lastNumber} was expected in ${line}`);
  }

  #hearMessage(frame: { from: string; to: string; message: string; stored?: number }): void {
    const { from, to, message, stored } = frame;
    const key = messageKey(foldName(from), message);
    if (to.startsWith("#")) this.#needRoom(to, JSON.stringify(frame));
    else if (foldName(to) !== this.name) {
      throw new Violation(`${this.name} got a message to ${to}: ${JSON.stringify(message)}`);
    }
    if (stored !== undefined) return this.#ledger.arrivedFromMailbox(key);
    this.#ledger.arrived(key);
    if (to.startsWith("#")) return;
    this.#unconfirmed.add(key);
    if (this.isGone || this.hasBeenClosed) this.#end();
  }

  /** The connection ends: what was not confirmed may come again, out of the mailbox. */
  #end(): void {
    for (const key of this.#unconfirmed) this.#ledger.stored(key);
    this.#unconfirmed.clear();
  }

  /** What is not answered by now may never have been read. */
  #giveUp(): void {
    for (const { confirms } of this.#awaited) {
      for (const key of confirms) this.#ledger.stored(key);
    }
  }

  #hearOfRoom(
    { room, remove, invited, kicked, left }: {
      room: string;
      remove?: boolean;
      invited?: string;
      kicked?: boolean;
      left?: string | string[];
    },
    line: string,
  ): void {
    if (invited !== undefined) {
      if (foldName(invited) !== this.name) throw new Violation(`${this.name} got ${line}`);
      return;
    }
    this.#needRoom(room, line);
    // A list may have whoever went and came back within its second, oneself too.
    const hasLeft = typeof left === "string" && foldName(left) === this.name;
    const isOut = kicked === true && hasLeft;
    if (!isOut && hasLeft) {
      throw new Violation(`${this.name} is told of their own leaving: ${line}`);
    }
    // Nothing of the room may come behind that, and a message there is refused, unless it was said before: its answer
    // waits for the disk.
    if (!remove && !isOut) return;
    this.rooms.delete(foldName(room));
    for (const sent of this.#awaited) (sent.outOf ??= new Set()).add(foldName(room));
  }

  #needRoom(room: string, line: string): void {
    if (this.rooms.has(foldName(room))) return;
    throw new Violation(`${this.name} is no member of ${room} and got ${line}`);
  }

  #hearAnswer(frame: { response: number; [field: string]: unknown }, line: string): void {
    const sent = this.#awaited.shift();
    if (sent === undefined) throw new Violation(`an answer to nothing: ${line}`);
    const { response: code } = frame;
    const complain = (what: string): never => {
      throw new Violation(`${what}: ${JSON.stringify(sent.line.slice(0, 2_000))} got ${line}`);
    };
    if (frame.id !== sent.id) complain("another id, so the answer to another request");
    if (code >= 500) complain("a server error");
    if ((code >= 400) !== (frame.error !== undefined)) complain("error or alert");
    if (sent.isWrong && code !== 400) complain("not refused");
    if (code < 400) this.#track(sent, frame, complain);
  }

  /** Keeps in step with what the server says that it has done. */
  #track(
    { fields, outOf }: Sent,
    frame: { response: number; [field: string]: unknown },
    complain: (what: string) => never,
  ): void {
    const event = fields.event ?? fields.action;
    const room = typeof fields.room === "string" ? foldName(fields.room) : "";
    switch (event) {
      case "presence":
      case "authenticate": {
        const { account_name } = fields.user as { account_name: string };
        const name = foldName(account_name);
        if (this.name !== "" && name !== this.name) complain("another name");
        this.name = name;
        this.isAccount ||= event === "authenticate";
        if (typeof frame.resume === "string") this.token = frame.resume;
        if (frame.resumed !== undefined) complain("its session was not lost");
        break;
      }
      case "join":
        this.rooms.add(room);
        this.met = frame.users as string[];
        if (frame.role !== "member") this.runs.add(room);
        if (!(frame.users as string[]).some((user) => foldName(user) === this.name)) {
          complain("joined and not a member");
        }
        break;
      case "leave":
        if (!this.rooms.delete(room)) complain("left and was no member");
        break;
      case "msg": {
        const to = foldName(String(fields.to));
        if (to.startsWith("#") && !this.rooms.has(to) && !outOf?.has(to)) {
          complain("said in a room that it is not in");
        }
        const key = messageKey(this.name, fields.message as string);
        if (frame.response === 202) this.#ledger.stored(key);
        else this.#ledger.accepted(key, (frame.delivered as number | undefined) ?? 1);
        break;
      }
      case "who":
        if ((frame.users as unknown[]).length !== frame.total) complain("not all are listed");
        break;
      case "whois":
        if (foldName(String(frame.account_name)) !== foldName(String(fields.user))) {
          complain("somebody else");
        }
        break;
      case "quit":
        this.rooms.clear();
        this.name = "";
        break;
      case "rooms":
        if ((frame.rooms as unknown[]).length !== frame.total) complain("not all are listed");
        break;
      case "room":
        if (typeof frame.room !== "string") complain("no room");
        break;
      case "kick":
      case "ban":
      case "mute":
      case "invite":
      case "grant":
        if (foldName(String(frame.room)) !== room) complain("another room");
        break;
      case "probe":
      case "ack":
      case "history":
      case "read":
      case "conversations":
        break;
      default:
        complain("no such event");
    }
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}

function messageKey(from: string, message: string): string {
  return `${from}\0${message}`;
}
