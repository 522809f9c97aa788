// Random schedules: whatever a connection asks for is answered once and in order, and what it sends arrives in order
// and is not lost, however late the store is, whenever the addressee comes and goes, and wherever connections break.
import { assert, assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";

import type { Request } from "../../../common/wire/protocol.ts";
import { Passwords } from "../../../server/accounts/passwords.ts";
import { assemble, type Assembly } from "../../../server/assembly.ts";
import { type Service, Session } from "../../../server/connection/session.ts";
import type { Peer, Reply } from "../../../server/events/handler.ts";
import { Turns } from "../../../server/connection/turns.ts";
import { admitted } from "../../support/admitted.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { LateStore } from "../../support/late_store.ts";
import { seededRandom } from "../../support/random.ts";
import { CHEAP } from "../../support/server_fixture.ts";

const SCHEDULES = 1_000;

/** Takes every password, at once and on no other thread. */
class TrustingPasswords extends Passwords {
  override verify(): Promise<boolean> {
    return Promise.resolve(true);
  }

  override needsRehash(): boolean {
    return false;
  }
}

/** A request of the sender, and what may be said to it. */
interface Asked {
  /** As it is sent; its number is its id, and a message's text. */
  readonly line: string;
  readonly id: number | undefined;
  codes: readonly number[];
  readonly to?: string;
  /** What `who` has to say of the sender. */
  readonly status?: string;
}

/** One connection, and what has become of it. */
interface Line {
  readonly conn: FakeConn;
  readonly session: Session;
  readonly run: Promise<void>;
  /** Whether it is ending, by whosever will. */
  isLeaving: boolean;
  isOver: boolean;
}

/** One schedule: what happens is drawn by lot, the same for the same seed. */
class Schedule {
  readonly random: () => number;
  readonly store: LateStore;
  readonly clock = new FakeClock();
  readonly asked: Asked[] = [];
  /** What happened, for whoever looks into a failure. */
  readonly story: string[] = [];
  readonly eve: Line;
  readonly ann: Line;
  /** Bob's connections, one after the other. */
  readonly bobs: Line[] = [];
  isEveCut = false;
  readonly #parts: Assembly;
  /** What the sender has asked for by now. */
  #isInside = false;
  #status = "";
  /** The sender's requests whose answers are not known. */
  #waiting = 0;
  /** Of these, letters to Bob, and messages to him that wait for others. */
  #letters = 0;
  #behind = 0;
  /** How much of everything happens, and how much of the messages is for bob: each schedule has a pace of its own. */
  readonly #pace: { ask: number; store: number; toBob: number };

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.#pace = {
      ask: 0.2 + 0.2 * this.random(),
      store: 0.2 + 0.3 * this.random(),
      toBob: this.random(),
    };
    this.store = new LateStore(this.random);
    for (const name of ["bob", "dan"]) this.store.addAccount(name);
    this.#parts = assemble({
      store: this.store,
      passwords: new TrustingPasswords({ cost: CHEAP }),
      clock: this.clock,
      settings: { rate: 0, maxQueue: 1_000 },
    });
    // Real turns, but without a look at real sockets in between.
    const turns = new Turns({ clock: this.clock, nextLook: () => Promise.resolve() });
    Object.assign(this.#parts.plumbing, { turns });
    [this.eve, this.ann] = [this.#open(), this.#open()];
  }

  async play(): Promise<void> {
    using _ = this.#parts.plumbing;
    for (const [line, name] of [[this.ann, "ann"], [this.eve, "eve"]] as const) {
      line.conn.feedFrames({ event: "presence", user: { account_name: name } });
      await this.#quiet();
      assertEquals(line.conn.frames.map(({ response }) => response), [200]);
      line.conn.writes.length = 0;
    }
    for (let left = 20 + this.#below(20); left > 0; left--) await this.#step();
    await this.#end();
  }

  /** The messages that a connection got, as numbers. */
  textsOf({ conn }: Line): number[] {
    return conn.frames.filter(({ event }) => event === "msg").map(({ message }) => Number(message));
  }

  /** Numbers of the messages to somebody that were answered with one of these codes. */
  answered(to: string, codes: readonly number[]): number[] {
    const answers = this.answers();
    return this.asked.filter((asked, index) =>
      asked.to === to && codes.includes(answers[index]?.response as number)
    ).map(({ id }) => id!);
  }

  /** The answers to the sender. */
  answers(): Record<string, unknown>[] {
    return this.eve.conn.frames.filter(({ response }) => Number(response) >= 200);
  }

  mailOf(folded: string): number[] {
    return this.store.mailboxes.get(folded)!.map(({ message }) => Number(message));
  }

  #below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  #open(): Line {
    const { plumbing, service } = this.#parts;
    const conn = new FakeConn();
    const route: Service["route"] = (peer, request) => this.#route(peer, request);
    const session = new Session(plumbing, { ...service, route }, admitted(plumbing, conn));
    const run = session.run().then(() => void (line.isOver = true));
    const line: Line = { conn, session, run, isLeaving: false, isOver: false };
    return line;
  }

  /** Notes, when a request of the sender is served, what may be said to it. */
  #route(peer: Peer, request: Request): Reply {
    const { service, context } = this.#parts;
    if (peer !== this.eve.session) return service.route(peer, request);
    assert(this.#waiting === 0 || service.overlaps(request), `${request.event} is served alone`);
    const bob = context.registry.find("bob");
    const asked = this.asked[Number(request.id)];
    const isToBob = request.event === "msg" && request.to === "bob";
    const isLetter = isToBob && request.store === true && (bob?.isCatchingUp ?? true);
    // What waits for letters under way goes where its addressee is by then, and so does all that is sent after it.
    const waits = isToBob && (this.#behind > 0 || (this.#letters > 0 && !isLetter));
    if (isLetter && bob === undefined && !waits) asked!.codes = [202];
    const reply = service.route(peer, request);
    if (!(reply instanceof Promise)) return reply;
    this.#waiting++;
    if (waits) this.#behind++;
    else if (isLetter) this.#letters++;
    return reply.finally(() => {
      this.#waiting--;
      if (waits) this.#behind--;
      else if (isLetter) this.#letters--;
    });
  }

  /** Something happens, and then for a while nothing: not even microtasks, some of them, or a turn. */
  async #step(): Promise<void> {
    let chance = this.random();
    if ((chance -= this.#pace.ask) < 0) this.#ask(1 + this.#below(3));
    else if ((chance -= this.#pace.store) < 0) {
      for (let n = this.#below(3); n >= 0; n--) this.store.step();
    } else if (chance < 0.01) this.#cutEve();
    else if (chance < 0.08) this.clock.advance(300);
    else this.#bob();
    const pause = this.random();
    if (pause < 0.3) return;
    if (pause < 0.6) { for (let n = this.#below(8); n >= 0; n--) await undefined; }
    else await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Eve says something, in one piece. */
  #ask(count: number): void {
    if (this.isEveCut) return;
    const lines = Array.from({ length: count }, () => {
      const asked = this.#request();
      this.asked.push(asked);
      return asked.line;
    });
    this.story.push(...lines.map((line) => `eve: ${line}`));
    this.eve.conn.feed(lines.map((line) => `${line}\n`).join(""));
  }

  #request(): Asked {
    const id = this.asked.length;
    const ask = (request: object, ...codes: number[]): Asked => ({
      line: JSON.stringify({ ...request, id }),
      id,
      codes,
    });
    const send = (to: string, store: boolean, ...codes: number[]): Asked => ({
      ...ask({ event: "msg", to, message: `${id}`, ...(store && { store }) }, ...codes),
      to,
    });
    if (this.random() < this.#pace.toBob) {
      return this.random() < 0.5 ? send("bob", true, 200, 202, 410) : send("bob", false, 200, 410);
    }
    const kinds: (() => Asked)[] = [
      () => send("ann", false, 200),
      () => send("dan", true, 202),
      () => send("nobody", this.random() < 0.5, 404),
      () => {
        const code = this.#isInside ? 200 : 201;
        this.#isInside = true;
        return ask({ event: "join", room: "#dev" }, code);
      },
      () => {
        const code = this.#isInside ? 200 : 404;
        this.#isInside = false;
        return ask({ event: "leave", room: "#dev" }, code);
      },
      () => ({ ...ask({ event: "who" }, 200), status: this.#status }),
      () => {
        this.#status = `${id}`;
        const user = { account_name: "eve", status: this.#status };
        return ask({ event: "presence", user }, 200);
      },
      () => ask({ event: "probe" }, 200),
      () => ask({ event: "ack", stored: 1 }, 200),
      () => ask({ event: "msg", to: "ann" }, 400),
      () => ({ line: "{", id: undefined, codes: [400] }),
    ];
    return kinds[this.#below(kinds.length)]!();
  }

  /** The addressee comes, listens or does not, acknowledges, or goes. */
  #bob(): void {
    const bob = this.bobs.at(-1);
    const chance = this.random();
    if (bob === undefined || bob.isOver) {
      if (chance < 0.2) return;
      this.story.push("bob comes");
      const line = this.#open();
      this.bobs.push(line);
      const user = { account_name: "bob", password: "correct horse" };
      line.conn.feedFrames({ event: "authenticate", user });
      return;
    }
    const { conn, session } = bob;
    const seen = conn.frames.map(({ stored }) => Number(stored ?? 0));
    if (chance < 0.3) {
      this.story.push("bob is deaf");
      conn.takes = false;
    } else if (chance < 0.6) {
      this.story.push("bob listens");
      conn.takes = true;
    } else if (chance < 0.75) {
      const stored = Math.max(0, ...seen);
      if (stored > 0) conn.feedFrames({ event: "ack", stored });
    } else {
      const ways = {
        "is reset": () => conn.reset(),
        "is aborted": () => session.abort(),
        "hangs up": () => conn.end(),
        quits: () => conn.feedFrames({ event: "quit" }),
        "is closed": () => session.close("Time to go", "shutdown"),
      };
      const [what, end] = Object.entries(ways)[this.#below(5)]!;
      this.story.push(`bob ${what}`);
      bob.isLeaving = true;
      end();
    }
  }

  #cutEve(): void {
    if (this.isEveCut) return;
    this.isEveCut = true;
    this.story.push("eve is cut off");
    if (this.random() < 0.5) this.eve.session.abort();
    else this.eve.conn.reset();
  }

  /** Lets everything happen that needs no time to pass. */
  async #quiet(): Promise<void> {
    for (let idle = 0; idle < 3;) {
      for (idle++; this.store.isBusy; idle = 0) this.store.step();
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Ends all connections, the sender's first: what it has asked for is still answered. */
  async #end(): Promise<void> {
    const lines = [this.eve, this.ann, ...this.bobs];
    if (!this.isEveCut) this.eve.conn.end();
    await this.#quiet();
    const bob = this.bobs.at(-1);
    if (bob?.isLeaving === false && bob.session.user !== undefined) {
      bob.conn.takes = true;
      await this.#quiet();
      const texts = new Set(this.textsOf(bob));
      const missing = this.mailOf("bob").filter((id) => !texts.has(id));
      assertEquals(missing, [], "who is online gets all that is in the mailbox");
    }
    for (const { conn, isLeaving } of lines) {
      if (!isLeaving || this.random() < 0.5) conn.takes = true;
      conn.end();
    }
    await this.#quiet();
    for (let n = 0; n < 4; n++) {
      this.clock.advance(10_000); // in all more than the write timeout
      await this.#quiet();
    }
    assert(lines.every(({ isOver }) => isOver), "all connections have ended");
    assertEquals(this.clock.pending, 0);
  }
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > numbers[index - 1]!);
}

function check(schedule: Schedule): void {
  const { asked, isEveCut, bobs } = schedule;
  const answers = schedule.answers();
  if (!isEveCut) assertEquals(answers.length, asked.length, "each request is answered once");
  for (const [index, { id, response, users }] of answers.entries()) {
    const { line, codes, status, ...request } = asked[index]!;
    assertEquals(id, request.id, "answers come in the order of the requests");
    assert(codes.includes(response as number), `${line}: ${response}`);
    if (status === undefined) continue;
    const eve = (users as Record<string, unknown>[]).find((user) => user.account_name === "eve");
    assertEquals(eve?.status, status, "a request sees what those before it have done");
  }
  const direct = schedule.textsOf(schedule.ann);
  assertEquals(
    direct.slice(0, schedule.answered("ann", [200]).length),
    schedule.answered("ann", [200]),
  );
  assert(isRising(direct), `ann's messages are in order: ${direct}`);
  const letters = schedule.mailOf("dan");
  assert(isRising(letters), `dan's letters are in order: ${letters}`);
  const kept = new Set(letters);
  const accepted = schedule.answered("dan", [202]);
  assertEquals(accepted.filter((id) => !kept.has(id)), [], "what was accepted is in the mailbox");
  if (!isEveCut) assertEquals(letters, accepted, "and nothing else is");

  for (const { conn } of bobs) {
    const inOrder = conn.frames.filter(({ event }) => event === "msg").map(({ message }) =>
      Number(message)
    );
    assert(isRising(inOrder), `bob's messages are in order: ${inOrder}`);
  }
  const mail = schedule.mailOf("bob");
  assert(isRising(mail), `bob's letters are in order: ${mail}`);
  const arrived = new Set([...bobs.flatMap((bob) => schedule.textsOf(bob)), ...mail]);
  const lost = schedule.answered("bob", [200, 202]).filter((id) => !arrived.has(id));
  assertEquals(lost, [], "what was accepted was written or is in the mailbox");
}

Deno.test(`Session: order and completeness, whatever happens, in ${SCHEDULES} schedules`, async () => {
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const schedule = new Schedule(seed);
    try {
      await schedule.play();
      check(schedule);
    } catch (error) {
      throw new Error(`seed ${seed}\n${schedule.story.join("\n")}`, { cause: error });
    }
  }
});
