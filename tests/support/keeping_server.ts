/**
 * A server that keeps what is said, for one client that comes and goes: a model of the protocol's history, in which a
 * test decides what is said and when the connection breaks.
 *
 * @module
 */

import { isRoomAddress, type KeptDelivery, type Request } from "../../common/wire/protocol.ts";
import { type Peer, ScriptedServer } from "./scripted_server.ts";

/** What a {@linkcode KeepingServer} leaves to chance. */
export interface KeepingOptions {
  /** In [0, 1). */
  random: () => number;
}

/** One connection of the client. */
interface Visit {
  readonly peer: Peer;
  readonly rooms: Set<string>;
  /** Whether stored messages still have to be put out; new ones then come behind them. */
  owesLetters: boolean;
  /** The end of what was written so far. */
  written: Promise<void>;
  isOver: boolean;
}

interface Letter {
  readonly stored: number;
  readonly kept: KeptDelivery;
}

/** {@linkcode ScriptedServer} whose client is eve, an account. */
export class KeepingServer implements AsyncDisposable {
  readonly scripted = new ScriptedServer();
  /** What is kept, by the name of the room or of the other one. */
  readonly logs = new Map<string, KeptDelivery[]>();
  /** How often the connection breaks instead of an answer to `history` or `join`. */
  breaks = 0;
  /** How often stored messages come only behind the first answer to `history`. */
  lateness = 0;
  readonly #options: KeepingOptions;
  readonly #answered = new Map<string, number>();
  #letters: Letter[] = [];
  #stored = 0;
  /** Handed over, and no request has come since. */
  #unconfirmed: KeptDelivery[] = [];
  #visit: Visit | undefined;

  constructor(options: KeepingOptions) {
    this.#options = options;
    this.scripted.answer = (request, peer) => {
      this.#serve(request, peer);
      return undefined;
    };
  }

  /** Whether the client is online and in all of its rooms. */
  isVisited(rooms: number): boolean {
    return this.#visit?.rooms.size === rooms;
  }

  /** Somebody says something to a room, or to eve. */
  say(place: string, from: string, message: string): KeptDelivery {
    const to = isRoomAddress(place) ? place : "eve";
    const kept = this.#keep(place, { to, from, message });
    const visit = this.#visit;
    if (isRoomAddress(place)) {
      if (visit?.rooms.has(place)) this.#write(visit, { event: "msg", ...kept });
    } else if (visit === undefined || visit.owesLetters) {
      this.#letters.push({ stored: ++this.#stored, kept });
    } else {
      this.#write(visit, { event: "msg", ...kept });
      this.#unconfirmed.push(kept);
    }
    return kept;
  }

  /** A message gets another text; who is there learns of it. */
  edit(place: string, kept: KeptDelivery, message: string): void {
    kept.message = message;
    kept.edited = 9;
    const { to, from, seq } = kept;
    const visit = this.#visit;
    if (visit === undefined || (isRoomAddress(place) && !visit.rooms.has(place))) return;
    this.#write(visit, { event: "edit", time: 9, to, from, seq, message });
  }

  /** A message loses its text; nobody is told. */
  delete(kept: KeptDelivery): void {
    delete kept.message;
    kept.deleted = true;
    this.#letters = this.#letters.filter((letter) => letter.kept !== kept);
  }

  /**
   * The connection breaks.
   *
   * @param isElsewhere Whether eve is online elsewhere meanwhile and takes her stored messages there.
   */
  drop(isElsewhere = false): void {
    const visit = this.#visit;
    if (visit === undefined) return;
    visit.isOver = true;
    this.#visit = undefined;
    for (const kept of this.#unconfirmed) {
      if (!kept.deleted) this.#letters.push({ stored: ++this.#stored, kept });
    }
    this.#unconfirmed = [];
    if (isElsewhere) this.#letters = [];
    visit.peer.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scripted[Symbol.asyncDispose]();
  }

  #keep(place: string, message: Omit<KeptDelivery, "seq" | "time">): KeptDelivery {
    const log = this.logs.get(place) ?? [];
    this.logs.set(place, log);
    const skipped = this.#options.random() < 0.2 ? 5 : 0;
    const seq = (log.at(-1)?.seq ?? 0) + 1 + skipped;
    const kept = { time: 1_000 + seq / 8, ...message, seq };
    log.push(kept);
    return kept;
  }

  #serve(request: Request, peer: Peer): void {
    if (request.event === "presence" || request.event === "authenticate") {
      if (this.#visit?.peer !== peer) this.#arrive(request, peer);
      else this.#answer(this.#visit, request, {});
      return;
    }
    const visit = this.#visit;
    if (visit?.peer !== peer) return; // broken
    this.#unconfirmed = [];
    const isPaging = request.event === "history" || request.event === "join";
    if (isPaging && this.#options.random() < this.breaks) {
      this.drop();
      return;
    }
    this.#answer(visit, request, this.#fieldsOf(visit, request));
    if (request.event === "history") this.#putLetters(visit);
    if (request.event === "quit") visit.written.then(() => peer.close());
  }

  #arrive(request: Request, peer: Peer): void {
    const owesLetters = true;
    const visit = { peer, rooms: new Set<string>(), owesLetters, isOver: false };
    this.#visit = { ...visit, written: Promise.resolve() };
    this.#answer(this.#visit, request, {});
    const isLate = this.#options.random() < this.lateness;
    if (!isLate) this.#putLetters(this.#visit);
  }

  #putLetters(visit: Visit): void {
    if (!visit.owesLetters) return;
    visit.owesLetters = false;
    for (const { stored, kept } of this.#letters) {
      this.#write(visit, { event: "msg", ...kept, stored });
    }
  }

  #fieldsOf(visit: Visit, request: Request): object {
    switch (request.event) {
      case "join": {
        visit.rooms.add(request.room);
        const log = this.logs.get(request.room) ?? [];
        const page = request.after === undefined ? {} : this.#page(log, request.after, 100);
        const last = log.at(-1)?.seq ?? 0;
        return { room: request.room, users: ["eve"], lasting: true, last, ...page };
      }
      case "history":
        return this.#page(
          this.logs.get(request.with) ?? [],
          request.after ?? 0,
          request.limit ?? 50,
        );
      case "msg": {
        const key = `${request.id}`;
        const seq = this.#answered.get(key) ??
          this.#keep(request.to, { to: request.to, from: "eve", message: request.message }).seq;
        this.#answered.set(key, seq);
        return { seq };
      }
      case "ack":
        this.#letters = this.#letters.filter(({ stored }) => stored > request.stored);
        return {};
      default:
        return {};
    }
  }

  /** The oldest messages behind a number: as many as chance will have it. */
  #page(log: KeptDelivery[], after: number, limit: number): object {
    const found = log.filter(({ seq }) => seq > after);
    const messages = found.slice(0, Math.min(limit, 1 + Math.floor(this.#options.random() * 5)));
    return { messages, more: messages.length < found.length };
  }

  #answer(visit: Visit, { id }: Request, fields: object): void {
    this.#write(visit, { response: 200, time: 1, ...(id === undefined ? {} : { id }), ...fields });
  }

  #write(visit: Visit, frame: object): void {
    const line = JSON.stringify(frame) + "\n"; // as it is now
    visit.written = visit.written.then(() => visit.isOver ? undefined : visit.peer.write(line));
  }
}
