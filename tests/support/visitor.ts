import type { Request } from "../../common/wire/protocol.ts";
import type { Answer } from "../../server/answer.ts";
import { Later } from "../../server/later.ts";
import { depart, leave } from "../../server/people/attendance.ts";
import type { User } from "../../server/people/user.ts";
import type { FakeServerNode } from "./fake_nodes.ts";
import { FakePeer } from "./fake_peer.ts";

/** What a client knows, whatever connection it has. */
export class ClientMemory {
  /** Who is in the rooms that it is in, as it was told; by room. */
  readonly known = new Map<string, Set<string>>();
  /** What it was told that cannot be true. */
  readonly faults: string[] = [];
  /** The texts of messages that it got. */
  readonly texts: string[] = [];
  /** Its notices, in words. */
  readonly notices: string[] = [];
  /** What it gives out for its session the next time; `undefined` if it wants none. */
  token: string | true | undefined;
  /** The number of the last frame that it got. */
  seen = 0;
}

/** A connection, and what its client knows of who is in which room. */
export class Visitor {
  readonly peer = new FakePeer();
  readonly node: FakeServerNode;
  readonly memory: ClientMemory;
  #read = 0;
  #isAbandoned = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(node: FakeServerNode, memory = new ClientMemory()) {
    this.node = node;
    this.memory = memory;
    this.peer.outlet.endSession = () => {
      if (this.peer.user !== undefined) depart(node.context, this.peer.user);
      this.peer.end();
    };
  }

  get known(): Map<string, Set<string>> {
    return this.memory.known;
  }

  get faults(): string[] {
    return this.memory.faults;
  }

  get texts(): string[] {
    return this.memory.texts;
  }

  /** Stands for a stranger where it has nobody online. */
  get user(): User {
    return this.peer.user ??
      ({ folded: "", isAccount: false, network: "", rooms: new Set() } as unknown as User);
  }

  get isOnline(): boolean {
    return this.node.fake.isThere && this.peer.user?.isOnline === true;
  }

  /** Asks something when all earlier questions are answered. */
  ask(request: object): Promise<Answer> {
    const answer = this.#last.then(() => this.#ask(request as Request));
    this.#last = answer.catch(() => {});
    return answer;
  }

  goOnline(name: string, status?: string): Promise<Answer> {
    return this.ask({ event: "presence", user: { account_name: name, status } });
  }

  logIn(name: string): Promise<Answer> {
    return this.ask({ event: "authenticate", user: { account_name: name, password: "right" } });
  }

  /** Goes online in a session that is numbered, or goes on with it. */
  resume(name: string, isAccount = false): Promise<Answer> {
    const { token: resume = true, seen } = this.memory;
    const more = { resume, ...(typeof resume === "string" && { seen }) };
    if (!isAccount) return this.ask({ event: "presence", user: { account_name: name }, ...more });
    const password = resume === true ? { password: "right" } : {};
    return this.ask({ event: "authenticate", user: { account_name: name, ...password }, ...more });
  }

  /** What was sent is read, and said to be. */
  confirm(): Promise<Answer> {
    this.read();
    this.peer.user!.confirm();
    this.peer.user!.seen(this.memory.seen);
    return this.ask({ event: "probe" });
  }

  /** The connection is lost. */
  async drop(): Promise<void> {
    const { user, outlet } = this.peer;
    this.peer.end();
    outlet.takes = false;
    if (user !== undefined) await leave(this.node.context, user, outlet, true);
  }

  async join(room: string): Promise<Answer> {
    return await this.ask({ event: "join", room });
  }

  async leave(room: string): Promise<Answer> {
    return await this.ask({ event: "leave", room });
  }

  say(to: string, message: string): Promise<Answer> {
    return this.ask({ event: "msg", to, message });
  }

  quit(): Promise<Answer> {
    return this.ask({ event: "quit" });
  }

  /** Takes what has come, and nothing any more: the client has another connection. */
  abandon(): void {
    this.read();
    this.#isAbandoned = true;
  }

  /** Takes what was sent since the last time. */
  read(): void {
    if (this.#isAbandoned) return;
    for (const frame of this.peer.frames.slice(this.#read)) this.#take(frame);
    this.#read = this.peer.frames.length;
  }

  async #ask(request: Request): Promise<Answer> {
    const reply = this.node.assembly.service.route(this.peer, request);
    const outcome = reply instanceof Promise || reply instanceof Later ? await reply : reply;
    const answer = this.#noting(typeof outcome === "function" ? outcome() : outcome);
    answer.afterwards?.();
    return answer;
  }

  #noting(answer: Answer): Answer {
    this.read();
    const { code, sentence, extras } = answer;
    const { room, users, resume, resumed, rooms } = (extras ?? {}) as {
      room?: string;
      users?: string[];
      resume?: string;
      resumed?: true;
      rooms?: string[];
    };
    if (code > 201) return answer;
    if (resume !== undefined) {
      this.memory.token = resume;
      if (!resumed) this.memory.seen = 0;
      for (const room of this.known.keys()) if (!rooms?.includes(room)) this.known.delete(room);
    }
    if (room === undefined) return answer;
    if (sentence.startsWith("You left")) this.known.delete(room);
    else if (users !== undefined) this.known.set(room, new Set(users));
    return answer;
  }

  #take(frame: Record<string, unknown>): void {
    const { n, alert } = frame as { n?: number; alert?: string };
    if (n !== undefined) {
      if (n !== this.memory.seen + 1) this.faults.push(`${n} behind ${this.memory.seen}`);
      this.memory.seen = n;
    }
    if (alert !== undefined) this.memory.notices.push(alert);
    if (frame.event === "msg") this.texts.push(frame.message as string);
    const { room, joined, left } = frame as { room?: string; joined?: string; left?: string };
    if (room === undefined || (joined === undefined && left === undefined)) return;
    const members = this.known.get(room);
    if (members === undefined) this.faults.push(`told of ${room}, where it is not`);
    else if (joined !== undefined && members.has(joined)) this.faults.push(`${joined} twice`);
    else if (left !== undefined && !members.delete(left)) this.faults.push(`${left} was not in`);
    else if (joined !== undefined) members.add(joined);
  }
}
