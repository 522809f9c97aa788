/**
 * Sessions that go from one node to another.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";
import { messageOf } from "../../common/errors.ts";
import { foldName } from "../../common/names.ts";
import type { ServerContext } from "../context.ts";
import { dismiss, leave } from "../people/attendance.ts";
import { type Handover, moveIn, moveIntoRooms, moveOut, writeDown } from "../people/handover.ts";
import type { Outlet } from "../people/outlet.ts";
import { RemoteUser } from "../people/remote_user.ts";
import { ResumeTokens } from "../people/resume_tokens.ts";
import type { User } from "../people/user.ts";
import { StoreError } from "../store/store.ts";
import type { Bus, Incarnation } from "./bus.ts";
import { personOf } from "./direct_batch.ts";
import { type HandoverQuestion, type HandoverReply, readReply } from "./handover_words.ts";
import type { HeldNames } from "./held_names.ts";
import { MAX_MOVES, MOVE_MS, type Ticket } from "./name_table.ts";
import type { Claim } from "./nodes.ts";
import { UnavailableError } from "./operation_log.ts";
import type { PresenceWord, RoomThere } from "./presence_words.ts";
import type { RemotePeople } from "./remote_people.ts";

/** What {@linkcode Handovers} are of: a node among others. */
export interface HandoversHost {
  /** The server. */
  readonly context: ServerContext;
  /** The people of other nodes. */
  readonly people: RemotePeople;
  /** Whether somebody is online here, under a name that this node holds. */
  isOwn(user: User): boolean;
  /** Somebody is online elsewhere from now on. Nobody is told. */
  letGo(user: User): void;
  /** Somebody is online here from now on, under a name that is held, and in these rooms or about to be. */
  cameWith(user: User, rooms: readonly RoomThere[]): void;
  /** Tells all other nodes. */
  tell(word: PresenceWord): void;
}

/** A session that another node has been given, and may not have taken yet. */
interface Leaving {
  readonly handover: Handover;
  readonly ticket: Ticket;
  /** The connection that was lost. */
  readonly lost: Outlet;
  to: Incarnation;
  timer: Timer | undefined;
  /** It is being taken back. */
  returning: Promise<void> | undefined;
}

/** Milliseconds after which a session that nobody has taken is taken back: less than its name waits. */
const TAKE_BACK_MS = 9_000;

/**
 * Gives sessions to other nodes, and takes them over from those.
 *
 * The node that has a session writes it down, surrenders its name, and forgets it but for what it has written: from there on
 * it is the other node's to take the name, and with it the session. If it does not (the answer was lost, it has died), the
 * first one takes the name back after {@linkcode TAKE_BACK_MS} and goes on with what it has written. The name has one holder,
 * so the session has one, whatever is lost. Until then whoever comes with the token, to any node, is given the same.
 *
 * Guarantees:
 * 1. A session is on one node at most.
 * 2. If nobody takes it, it is back on the first node, without a connection, within ten seconds; if that node dies, too, what
 *    was sent directly to an account is in its mailbox.
 * 3. No room is told that anybody left or joined, but where a node has died.
 */
export class Handovers implements Disposable {
  readonly #bus: Pick<Bus, "ask">;
  readonly #names: HeldNames;
  readonly #clock: Clock;
  readonly #host: HandoversHost;
  readonly #leaving = new Map<string, Leaving>();

  /** Gives and takes nothing by itself. */
  constructor(bus: Pick<Bus, "ask">, names: HeldNames, clock: Clock, host: HandoversHost) {
    this.#bus = bus;
    this.#names = names;
    this.#clock = clock;
    this.#host = host;
  }

  /** See `Nodes.takeOver`. */
  async takeOver(
    { folded }: RemoteUser,
    { usedHash, seen, isAccount, outlet }: Claim,
  ): Promise<"here" | "never-sent" | undefined> {
    const { registry } = this.#host.context;
    const question: HandoverQuestion = { ask: "takeOver", folded, usedHash, seen, isAccount };
    for (let tries = 0; tries < MAX_MOVES; tries++) {
      if (tries > 0) await this.#pause();
      await this.returned(folded);
      const user = registry.find(folded);
      if (!(user instanceof RemoteUser)) {
        await user?.arriving;
        return user && "here";
      }
      const reply = readReply(await this.#bus.ask(user.node, question));
      if ("failed" in reply) throw new UnavailableError(reply.failed);
      if ("refused" in reply) {
        switch (reply.refused) {
          case "never-sent":
            return "never-sent";
          case "over":
            await this.#untilFree(folded);
            return undefined;
          default:
            return undefined;
        }
      }
      if ("moved" in reply) continue;
      const held = await this.#names.takeOver(folded, reply.ticket);
      if (held === undefined) continue; // another node was faster, or this one has got it by now
      await this.#goOn(reply.handover, outlet, held);
      return "here";
    }
    return undefined;
  }

  /** Answers another node. If the session has ended by it, what was not confirmed is in the mailbox by then. */
  async asked(node: Incarnation, question: HandoverQuestion): Promise<HandoverReply> {
    const user = this.#host.context.registry.find(question.folded);
    const reply = await this.#replyTo(node, question);
    await user?.departure;
    return reply;
  }

  async #replyTo(node: Incarnation, question: HandoverQuestion): Promise<HandoverReply> {
    const { context, isOwn } = this.#host;
    const { registry, store, settings } = context;
    const { folded } = question;
    const user = registry.find(folded);
    if (user === undefined || !isOwn(user)) {
      const leaving = this.#leaving.get(folded);
      return leaving === undefined ? { moved: true } : this.#again(node, leaving, question);
    }
    const refusal = this.#refusal(user, question);
    if (refusal !== undefined) return refusal;
    if (settings.grace === 0) return this.#dismiss(user); // no session is to be without a connection
    if (user.state === "attached") {
      const { outlet } = user;
      leave(context, user, outlet, true);
      outlet.leave();
    }
    try {
      await user.keeping;
      // What the other node has seen happen in the rooms has happened here, too, when that is answered.
      await store.nameStatus(folded);
    } catch (error) {
      if (error instanceof StoreError) return { failed: error.message };
      throw error;
    }
    const isStill = isOwn(user) && user.state === "interrupted";
    return isStill
      ? this.#refusal(user, question) ?? this.#give(node, user, question.seen)
      : { moved: true };
  }

  /**
   * Whoever comes to this node under a name whose session it has given away, and another node has not taken yet, finds that
   * session here again.
   *
   * @returns Settles when it is here, or has been taken; `undefined` if there is no such session. Never rejects.
   */
  returned(folded: string): Promise<void> | undefined {
    const leaving = this.#leaving.get(folded);
    return leaving && this.#takeBack(leaving);
  }

  /** A node has gone: what it was given and has not taken is taken back at once. */
  nodeGone(node: Incarnation): void {
    for (const leaving of this.#leaving.values()) if (leaving.to === node) this.#takeBack(leaving);
  }

  /** This node is cut off: others may have the names of those whom it was about to give away. */
  drop(): void {
    for (const { timer } of this.#leaving.values()) this.#clock.clearTimeout(timer);
    this.#leaving.clear();
  }

  /** Waits for nothing any more. */
  [Symbol.dispose](): void {
    this.drop();
  }

  /** Why a session of this node is not given away. */
  #refusal(user: User, question: HandoverQuestion): HandoverReply | undefined {
    const proof = user.isAccount === question.isAccount
      ? user.tokens?.prove(question.usedHash)
      : undefined;
    if (proof === undefined) return { refused: "token" };
    const { last, confirmed } = user.numbered!;
    if (proof === "name") return this.#dismiss(user); // its client has lost the answer, and comes once more
    if (question.seen > last) return { refused: "never-sent" };
    return question.seen < confirmed ? this.#dismiss(user) : undefined;
  }

  #dismiss(user: User): HandoverReply {
    dismiss(this.#host.context, user);
    return { refused: "over" };
  }

  #give(node: Incarnation, user: User, seen: number): HandoverReply {
    const { context, people } = this.#host;
    const { folded, outlet: lost } = user;
    if (!people.isThere(node)) return { moved: true };
    const ticket = this.#names.surrender(folded);
    if (ticket === undefined) return { moved: true }; // somebody is about to come online with it here
    user.seen(seen);
    const handover = writeDown(context, user);
    this.#host.letGo(user);
    moveOut(context, user, people.expect(node, personOf(user), handover.rooms));
    this.#host.tell({ is: "moved", who: folded, to: node });
    const leaving: Leaving = {
      handover,
      ticket,
      lost,
      to: node,
      timer: undefined,
      returning: undefined,
    };
    leaving.timer = this.#clock.setTimeout(() => this.#takeBack(leaving), TAKE_BACK_MS);
    // An earlier one, since when the session has been elsewhere and back, is worth nothing any more.
    this.#clock.clearTimeout(this.#leaving.get(folded)?.timer);
    this.#leaving.set(folded, leaving);
    return { handover, ticket };
  }

  /** The same as before, for a client that comes once more since the answer was lost. */
  #again(node: Incarnation, leaving: Leaving, question: HandoverQuestion): HandoverReply {
    const { handover, ticket, returning } = leaving;
    if (returning !== undefined) return { moved: true };
    const { tokens, mailbox, frames: { confirmed, lines } } = handover;
    const proof = new ResumeTokens(tokens.own, tokens.opener).prove(question.usedHash);
    const isRight = proof === "session" && question.isAccount === (mailbox !== undefined);
    const last = confirmed + lines.length;
    // Else the other node has it, and has given out another token and sent more: it will be known to be there.
    if (!isRight || question.seen < confirmed || question.seen > last) return { moved: true };
    leaving.to = node;
    return { handover, ticket };
  }

  /** Goes on with a session that nobody has taken. */
  #takeBack(leaving: Leaving): Promise<void> {
    this.#clock.clearTimeout(leaving.timer);
    return leaving.returning ??= this.#takeBackNow(leaving);
  }

  async #takeBackNow(leaving: Leaving): Promise<void> {
    const { handover, ticket, lost } = leaving;
    const folded = foldName(handover.name);
    let held: Disposable | undefined;
    try {
      held = await this.#names.takeOver(folded, ticket);
    } catch (error) {
      const reason = messageOf(error);
      this.#host.context.log.warn("session not taken back", { name: handover.name, reason });
    }
    if (this.#leaving.get(folded) === leaving) this.#leaving.delete(folded);
    if (held !== undefined) await this.#goOn(handover, lost, held);
  }

  /** The session is here from now on. */
  async #goOn(handover: Handover, lost: Outlet, held: Disposable): Promise<void> {
    const { context, people } = this.#host;
    const { name, session, rooms } = handover;
    const from = people.takeUp(foldName(name), session);
    const user = moveIn(context, handover, lost, from);
    this.#host.cameWith(user, rooms.map(({ name, lasts }) => ({ name, lasts })));
    held[Symbol.dispose]();
    user.arriving = moveIntoRooms(context, user, rooms, from);
    await user.arriving;
    user.arriving = undefined;
    if (from !== undefined) people.end(from);
  }

  /** Whoever had the name has just gone: waits a second at most until the table of names knows. */
  async #untilFree(folded: string): Promise<void> {
    for (let tries = 0; tries < MAX_MOVES; tries++) {
      const held = await this.#names.hold(folded);
      if (held !== undefined) return held[Symbol.dispose]();
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimeout(resolve, MOVE_MS));
  }
}
