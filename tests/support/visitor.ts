import type { Request } from "../../common/wire/protocol.ts";
import type { Answer } from "../../server/answer.ts";
import { depart } from "../../server/people/attendance.ts";
import type { User } from "../../server/people/user.ts";
import type { FakeServerNode } from "./fake_nodes.ts";
import { FakePeer } from "./fake_peer.ts";

/** A connection, and what its client knows of who is in which room. */
export class Visitor {
  readonly peer = new FakePeer();
  readonly node: FakeServerNode;
  /** Who is in the rooms that it is in, as it was told; by room. */
  readonly known = new Map<string, Set<string>>();
  /** What it was told that cannot be true. */
  readonly faults: string[] = [];
  /** The texts of messages that it got. */
  readonly texts: string[] = [];
  #read = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(node: FakeServerNode) {
    this.node = node;
    this.peer.outlet.endSession = () => {
      if (this.peer.user !== undefined) depart(node.context, this.peer.user);
      this.peer.end();
    };
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

  /** Takes what was sent since the last time. */
  read(): void {
    for (const frame of this.peer.frames.slice(this.#read)) this.#take(frame);
    this.#read = this.peer.frames.length;
  }

  async #ask(request: Request): Promise<Answer> {
    const reply = this.node.assembly.service.route(this.peer, request);
    if (!(reply instanceof Promise)) return this.#noting(reply);
    const outcome = await reply;
    return this.#noting(typeof outcome === "function" ? outcome() : outcome);
  }

  #noting(answer: Answer): Answer {
    this.read();
    const { code, sentence, extras } = answer;
    const { room, users } = (extras ?? {}) as { room?: string; users?: string[] };
    if (code > 201 || room === undefined) return answer;
    if (sentence.startsWith("You left")) this.known.delete(room);
    else if (users !== undefined) this.known.set(room, new Set(users));
    return answer;
  }

  #take(frame: Record<string, unknown>): void {
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
