// Random schedules of lost connections: whatever is answered 200 or 202 reaches the addressee's client exactly once and
// in order, or is in their mailbox, wherever connections break, on both sides; to guests as long as their session lives.
import { assert, assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";

import { Passwords } from "../../../server/accounts/passwords.ts";
import { assemble, type Assembly } from "../../../server/assembly.ts";
import { type Service, Session } from "../../../server/connection/session.ts";
import { Turns } from "../../../server/connection/turns.ts";
import type { Peer, Reply } from "../../../server/events/handler.ts";
import type { User } from "../../../server/people/user.ts";
import type { Request } from "../../../common/wire/protocol.ts";
import { admitted } from "../../support/admitted.ts";
import { extent } from "../../support/extent.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { LateStore } from "../../support/late_store.ts";
import { seededRandom } from "../../support/random.ts";
import { CHEAP } from "../../support/server_fixture.ts";

const SCHEDULES = extent({ usual: 3_000, thorough: 10_000 });
const PASSWORD = "correct horse";

/** Takes every password, at once and on no other thread. */
class TrustingPasswords extends Passwords {
  override verify(): Promise<boolean> {
    return Promise.resolve(true);
  }

  override needsRehash(): boolean {
    return false;
  }
}

type Frame = Record<string, unknown>;

/** A message, and what is known of it. */
interface Sent {
  readonly id: number;
  readonly to: string;
  readonly isDirect: boolean;
  /** The sender's session, counted: between two of them there is no order. */
  readonly generation: number;
  /** What the client was answered. */
  code?: number;
  /** For whom it is kept in memory: it has to arrive if that session lives on. */
  owedBy?: User;
}

/** An honest client: it confirms what it has got, and comes back with what proves that it is the same. */
class Client {
  readonly name: string;
  readonly isAccount: boolean;
  readonly #schedule: Schedule;
  /** The text of each message that has arrived, in order. */
  readonly received: number[] = [];
  /** Counts the sessions that it has had. */
  generation = 0;
  seen = 0;
  #token: string | undefined;
  #link: { conn: FakeConn; session: Session } | undefined;
  #isOnline = false;
  #isQuitting = false;
  /** What was written to it and it has not got. */
  #unread = "";

  constructor(schedule: Schedule, name: string, isAccount: boolean) {
    this.#schedule = schedule;
    this.name = name;
    this.isAccount = isAccount;
  }

  get isAway(): boolean {
    return this.#link === undefined;
  }

  get isOnline(): boolean {
    return this.#isOnline && !this.#isQuitting;
  }

  /** Connects, perhaps while an older connection seems to live. */
  connect(): void {
    this.#link = this.#schedule.open();
    [this.#isOnline, this.#isQuitting, this.#unread] = [false, false, ""];
    const user = { account_name: this.name };
    const login = this.isAccount && this.#token === undefined
      ? { event: "authenticate", user: { ...user, password: PASSWORD }, resume: true }
      : { event: this.isAccount ? "authenticate" : "presence", user, resume: this.#token ?? true };
    this.#say({ ...login, seen: this.seen });
  }

  /** Sends a request, and with it sometimes what it has seen. */
  ask(request: Frame): void {
    this.#say(this.#schedule.chance(0.3) ? { ...request, seen: this.seen } : request);
  }

  /** Gets some of what was written to it; what it is asked and told. */
  listen(most = Infinity): void {
    if (this.#link === undefined) return;
    const { conn } = this.#link;
    this.#unread += conn.writes.splice(0).join("");
    const lines = this.#unread.slice(0, most).split("\n");
    this.#unread = lines.pop()! + this.#unread.slice(most);
    for (const line of lines) this.#take(JSON.parse(line));
    if (conn.isClosed && this.#unread === "") this.forget();
  }

  stall(takes: boolean): void {
    if (this.#link !== undefined) this.#link.conn.takes = takes;
  }

  /** The connection is cut; after as much of what is on its way as the lot says. */
  cut(): void {
    this.listen(this.#schedule.below(400));
    this.#link?.conn.reset();
    this.forget();
  }

  hangUp(): void {
    this.listen();
    this.#link?.conn.end();
    this.forget();
  }

  /** Goes for good, saying what it has got; what comes behind that is not its any more. */
  quit(): void {
    this.listen();
    if (!this.isOnline) return;
    this.#say({ event: "quit", seen: this.seen });
    this.#isQuitting = true;
    this.#token = undefined;
  }

  /** It looks at the connection no more, whose other end may know nothing of that. */
  forget(): void {
    this.#link = undefined;
    this.#isOnline = false;
  }

  confirm(): void {
    if (this.isOnline) this.#say({ event: "probe", seen: this.seen });
  }

  #say(request: Frame): void {
    this.#schedule.story.push(this.name, request);
    const line = JSON.stringify(request) + "\n";
    const isCut = !this.#schedule.isEnding && this.#schedule.chance(0.05);
    const cut = isCut ? this.#schedule.below(line.length) : line.length;
    this.#link!.conn.feed(line.slice(0, cut));
    if (cut < line.length) this.cut(); // in the middle of what it says
  }

  #take(frame: Frame): void {
    if (this.#isQuitting) return;
    this.#schedule.story.push(`${this.name} gets`, frame);
    if (Number(frame.response) >= 200) return this.#answer(frame);
    if (frame.n === undefined) return;
    if (frame.n !== ++this.seen) throw new Error(`${this.name}: no gap and nothing twice`);
    if (frame.event === "msg") this.received.push(Number(frame.message));
  }

  #answer(frame: Frame): void {
    if (this.#isOnline) {
      if (frame.id !== undefined) {
        this.#schedule.sent[Number(frame.id)]!.code = Number(frame.response);
      }
      return;
    }
    assert([200, 409].includes(Number(frame.response)), `${this.name}: ${JSON.stringify(frame)}`);
    if (frame.response === 409) {
      assert(this.#token === undefined, `${this.name} has what proves the name`);
      this.#link!.conn.end();
      return this.forget();
    }
    this.#isOnline = true;
    this.#token = frame.resume as string;
    if (frame.resumed === true) return;
    this.seen = 0;
    this.generation++;
    this.ask({ event: "join", room: "#dev" });
  }
}

/** One schedule: what happens is drawn by lot, the same for the same seed. */
class Schedule {
  readonly random: () => number;
  readonly store: LateStore;
  readonly clock = new FakeClock();
  readonly sent: Sent[] = [];
  /** What happened, for whoever looks into a failure. */
  readonly story: unknown[] = [];
  /** Nothing breaks any more. */
  isEnding = false;
  readonly clients: readonly Client[];
  /** The tunnel is long. */
  #isLong = false;
  readonly #parts: Assembly;
  readonly #runs: Promise<void>[] = [];
  readonly #conns: FakeConn[] = [];

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.store = new LateStore(this.random);
    this.clients = ["eve", "bob"].map((name) => {
      const isAccount = this.chance(0.6);
      if (isAccount) this.store.addAccount(name);
      return new Client(this, name, isAccount);
    });
    this.#parts = assemble({
      store: this.store,
      passwords: new TrustingPasswords({ cost: CHEAP }),
      clock: this.clock,
      settings: {
        rate: 0,
        maxQueue: this.chance(0.5) ? 700 : 100_000,
        grace: this.chance(0.5) ? 3 : 30,
      },
    });
    // Real turns, but without a look at real sockets in between.
    const turns = new Turns({ clock: this.clock, nextLook: () => Promise.resolve() });
    Object.assign(this.#parts.plumbing, { turns });
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  open(): { conn: FakeConn; session: Session } {
    const { plumbing, service } = this.#parts;
    const conn = new FakeConn();
    const route: Service["route"] = (peer, request) => this.#route(peer, request);
    const session = new Session(plumbing, { ...service, route }, admitted(plumbing, conn));
    this.#runs.push(session.run());
    this.#conns.push(conn);
    return { conn, session };
  }

  async play(): Promise<void> {
    using _ = this.#parts.plumbing;
    for (const client of this.clients) {
      if (client.isAccount && this.chance(0.5)) this.#leaveLetters(client.name);
      client.connect();
    }
    await this.#pause();
    for (let left = 4 + this.below(8); left > 0; left--) {
      this.#step();
      await this.#pause();
      if (this.#isLong) this.clock.advance(31_000);
      this.#isLong = false;
    }
    await this.#end();
  }

  /** Notes, when a message to the room is served, who has to get it. */
  #route(peer: Peer, request: Request): Reply {
    const { service, context } = this.#parts;
    if (request.event !== "msg") return service.route(peer, request);
    const sent = this.sent[Number(request.id)]!;
    const other = context.registry.find(sent.to);
    const room = request.to === "#dev" ? context.rooms.find("#dev") : undefined;
    const isMember = other !== undefined && room?.members.has(other) === true;
    const isInterrupted = other?.state === "interrupted";
    const reply = service.route(peer, request);
    if (!("code" in reply) || reply.code !== 200) return reply;
    const isKept = request.to !== "#dev" || (reply.extras as { delivered: number }).delivered > 0;
    if (isKept || (isMember && isInterrupted)) sent.owedBy = other!;
    return reply;
  }

  /** Somebody has written before. */
  #leaveLetters(to: string): void {
    const letter = { folded: to, to, from: "dan", time: 1, id: undefined };
    for (let count = 1 + this.below(5); count > 0; count--) {
      const id = this.sent.length;
      this.sent.push({ id, to, isDirect: true, generation: -1, code: 202 });
      this.store.storeLetter({ ...letter, message: `${id}` });
    }
    while (this.store.isBusy) this.store.step();
  }

  /** Something happens to one of the two. */
  #step(): void {
    const client = this.clients[this.below(2)]!;
    client.listen(this.chance(0.3) ? this.below(300) : Infinity);
    const chance = this.random();
    if (chance < 0.08) this.clock.advance(1_000 * (1 + this.below(20)));
    else if (client.isAway) client.connect();
    else if (chance < 0.5) this.#send(client);
    else if (chance < 0.58) client.stall(false);
    else if (chance < 0.66) client.stall(true);
    else if (chance < 0.74) client.confirm();
    else if (chance < 0.80) client.cut();
    else if (chance < 0.85) {
      client.cut();
      this.#isLong = true;
    } else if (chance < 0.88) client.hangUp();
    else if (chance < 0.90) client.quit();
    else client.connect(); // what it had dies without a word
  }

  #send(client: Client): void {
    if (!client.isOnline) return;
    const other = this.clients.find((other) => other !== client)!.name;
    for (let count = 1 + this.below(3); count > 0 && client.isOnline; count--) {
      const id = this.sent.length;
      const isDirect = this.chance(0.7);
      this.sent.push({ id, to: other, isDirect, generation: client.generation });
      const isLetter = isDirect && this.chance(0.5);
      const more = isLetter ? { store: true } : {};
      client.ask({ event: "msg", to: isDirect ? other : "#dev", message: `${id}`, id, ...more });
    }
  }

  async #pause(): Promise<void> {
    for (let n = this.below(4); n > 0 && this.store.isBusy; n--) this.store.step();
    const pause = this.random();
    if (pause < 0.4) { for (let n = this.below(8); n >= 0; n--) await undefined; }
    else if (pause < 0.9) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Lets everything happen that needs no time to pass. */
  async #quiet(): Promise<void> {
    for (let idle = 0; idle < 2;) {
      for (idle++; this.store.isBusy; idle = 0) this.store.step();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Both come back and get what is theirs; then all connections end. */
  async #end(): Promise<void> {
    this.story.push("the end begins");
    this.isEnding = true;
    for (let calm = 0, rounds = 0; calm < 2; rounds++) {
      assert(rounds < 40, "both come to an end");
      const before = this.clients.map(({ seen, generation }) => [seen, generation]).join();
      for (const client of this.clients) {
        client.stall(true);
        client.listen();
        if (client.isAway) client.connect();
        else client.confirm();
      }
      await this.#quiet();
      const isCalm = before === this.clients.map((it) => [it.seen, it.generation]).join();
      calm = isCalm && this.clients.every(({ isOnline }) => isOnline) ? calm + 1 : 0;
      // A name that nobody can prove is held for a while, also by a connection that seems to live.
      if (!this.clients.every(({ isOnline }) => isOnline)) this.clock.advance(16_000);
    }
    this.#check();
    for (const conn of this.#conns) {
      conn.takes = true;
      conn.end();
    }
    await this.#quiet();
    for (let n = 0; n < 2; n++) {
      this.clock.advance(31_000); // in all more than the grace and the write timeout
      await this.#quiet();
    }
    await Promise.all(this.#runs);
    assertEquals(this.clock.pending, 0);
    assertEquals([this.#parts.context.registry.size, this.#parts.plumbing.memory.total], [0, 0]);
  }

  #check(): void {
    for (const client of this.clients) {
      const { name, received, isAccount } = client;
      assertEquals(new Set(received).size, received.length, `${name} gets nothing twice`);
      const last = new Map<string, number>();
      for (const id of received) {
        const { generation, isDirect } = this.sent[id]!;
        const way = `${generation} ${isDirect}`;
        assert((last.get(way) ?? -1) < id, `${name}: in order: ${received}`);
        last.set(way, id);
      }
      const arrived = new Set(received);
      const mail = isAccount ? this.store.mailboxes.get(name)! : [];
      const kept = new Set(mail.map(({ message }) => Number(message)));
      assertEquals(received.filter((id) => kept.has(id)), [], "what has arrived is in no mailbox");
      const own = this.sent.filter(({ to }) => to === name);
      const promised = own.filter(({ code, isDirect }) =>
        code === 202 || (code === 200 && isAccount && isDirect)
      );
      const owed = own.filter(({ owedBy }) => owedBy?.state === "attached");
      const lost = [...promised, ...owed].filter(({ id }) => !arrived.has(id) && !kept.has(id));
      assertEquals(lost.map(({ id }) => id), [], `${name} has got, or will get`);
    }
  }
}

Deno.test(`a session that outlives connections: ${SCHEDULES} schedules`, async () => {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const schedule = new Schedule(seed);
    try {
      await schedule.play();
    } catch (error) {
      const story = schedule.story.map((it) => typeof it === "string" ? it : JSON.stringify(it));
      throw new Error(`seed ${seed}\n${story.join("\n")}`, { cause: error });
    }
  }
});
