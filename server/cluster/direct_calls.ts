/**
 * Direct messages from one node to another.
 *
 * @module
 */

import { stackOf } from "../../common/errors.ts";
import { foldName } from "../../common/names.ts";
import type { MsgRequest } from "../../common/wire/protocol.ts";
import type { ServerContext } from "../context.ts";
import type { Delivery, DirectOutcome, Kept } from "../delivery/delivery.ts";
import { Later, type Waiter } from "../later.ts";
import { type RemotePerson, RemoteUser } from "../people/remote_user.ts";
import type { User } from "../people/user.ts";
import { StoreError } from "../store/store.ts";
import type { Bus, Incarnation } from "./bus.ts";
import { DirectBatch } from "./direct_batch.ts";
import type {
  DirectMessage,
  DirectQuestion,
  DirectReply,
  LateReply,
  Told,
} from "./direct_words.ts";
import { MAX_MOVES, MOVE_MS, type NameTable } from "./name_table.ts";
import type { DeliverHere } from "./nodes.ts";
import { UnavailableError } from "./operation_log.ts";

/** Anything that can become of a direct message. */
export type Outcome = DirectOutcome | Kept;

/** Looks for the addressee of a message who was not where they were thought to be. */
type Follow = (from: User, request: MsgRequest, here: DeliverHere) => Promise<Outcome>;

/** The sender's node has to ask on: the addressee is on another one. */
class MovedError extends Error {}

/** Senders at most who are remembered though nothing else is known of them: news of them is milliseconds away. */
const MAX_STRANGERS = 1_000;
/** Addressees at most, of one sender, who are remembered not to have been found. */
const MAX_SENT_ON = 100;

/**
 * Hands direct messages to the nodes of their addressees, and takes those of others. A sender of another node is treated as one
 * of this node: what decides whether a message may reach somebody stands where the addressee is.
 *
 * All messages of one turn for one node are one batch. There they are delivered one after the other, and what is known of them
 * then is one answer; what has to wait for a disk is told when it is there, and nothing waits for it.
 *
 * Guarantees:
 * 1. What becomes of a message is told once.
 * 2. Messages of one sender to one addressee that are under way together arrive in their order: if one has to follow its
 *    addressee, those behind it do, too, though the addressee be back in between.
 */
export class DirectCalls {
  readonly #bus: Pick<Bus, "askAll" | "self">;
  readonly #names: Pick<NameTable, "holderOf">;
  readonly #context: () => Pick<ServerContext, "registry" | "delivery" | "clock" | "log">;
  /** What still takes messages. */
  readonly #batches = new Map<Incarnation, DirectBatch>();
  /** Settles when all that was asked of the table of names is answered. */
  #looks: Promise<unknown> = Promise.resolve();
  /** Senders who are not known here yet, by node and name: so that theirs keep their order. */
  readonly #strangers = new Map<string, RemoteUser>();

  /**
   * Asks nothing yet.
   *
   * @param names Who holds which name.
   * @param context The server, which is made after this.
   */
  constructor(
    bus: Pick<Bus, "askAll" | "self">,
    names: Pick<NameTable, "holderOf">,
    context: () => Pick<ServerContext, "registry" | "delivery" | "clock" | "log">,
  ) {
    this.#bus = bus;
    this.#names = names;
    this.#context = context;
  }

  /**
   * See `Nodes.toUser`. For a sender of another node nobody is asked, since nodes that wait for each other's answers would do
   * so for ever: their own node follows the addressee.
   */
  toUser(from: User, request: MsgRequest, here: DeliverHere): Later<Outcome> {
    if (from instanceof RemoteUser) return laterOf(this.#unlessElsewhere(from, request, here));
    const user = this.#context().registry.find(foldName(request.to));
    if (!(user instanceof RemoteUser)) return laterOf(this.#follow(from, request, here));
    const sent = new Sent(from, request, here, this.#followAgain);
    this.#put(user.node, from, request, false, sent);
    return sent;
  }

  /**
   * Takes messages of another node.
   *
   * @param more Is given what becomes of those that have to wait.
   */
  asked(
    node: Incarnation,
    { people, messages }: DirectQuestion,
    more: (late: LateReply) => void,
  ): DirectReply {
    const senders = people.map((person) => this.#senderOf(node, person));
    const told = messages.map((message, index) => {
      const sender = senders[message.from]!;
      try {
        const outcome = this.#deliver(sender, message);
        if (typeof outcome === "string" || "moved" in outcome) return outcome;
        outcome.then(
          (outcome) => more({ index, told: outcome }),
          (error) => more({ index, told: this.#failed(sender, message, error) }),
        );
        return null;
      } catch (error) {
        return this.#failed(sender, message, error);
      }
    });
    return { told };
  }

  #deliver(
    sender: RemoteUser,
    message: DirectMessage,
  ): ReturnType<Delivery["toUser"]> | { readonly moved: true } {
    const { registry, delivery } = this.#context();
    const { to, message: text, id, store, reply, kind, isAgain } = message;
    if (sender.sentOn !== undefined || sender.route?.find(to) === undefined) {
      const folded = foldName(to);
      if (isAgain) sender.sentOn?.delete(folded);
      const isElsewhere = registry.find(folded) instanceof RemoteUser;
      if (isElsewhere || sender.sentOn?.has(folded)) return sendOn(sender, folded);
    }
    return delivery.toUser(sender, {
      ...{ event: "msg", to, message: text, id },
      ...(store !== undefined && { store }),
      ...(reply !== undefined && { reply }),
      ...(kind !== undefined && { kind }),
    });
  }

  #failed(sender: RemoteUser, { to }: DirectMessage, error: unknown): Told {
    if (error instanceof MovedError) return sendOn(sender, foldName(to));
    if (error instanceof StoreError) return { failed: error.message };
    const { node, name } = sender;
    this.#context().log.error("a message of another node has failed", {
      ...{ node, from: name },
      error: stackOf(error),
    });
    return { failed: "the addressee's node failed to deliver it" };
  }

  /** Who sends, as this node knows them. */
  #senderOf(node: Incarnation, person: RemotePerson): RemoteUser {
    const folded = foldName(person.name);
    const known = this.#context().registry.find(folded);
    const isKnown = known instanceof RemoteUser && known.session === person.session;
    if (isKnown && this.#strangers.size === 0) return known;
    const key = `${node} ${folded}`; // no name has a space
    const stranger = this.#strangers.get(key);
    if (isKnown) {
      this.#strangers.delete(key);
      // What the stranger sent may be under way still.
      if (stranger?.session === known.session) {
        known.lanes ??= stranger.lanes;
        known.sentOn ??= stranger.sentOn;
      }
      return known;
    }
    if (stranger?.session === person.session) return stranger;
    const user = new RemoteUser(node, person);
    this.#strangers.set(key, user);
    if (this.#strangers.size > MAX_STRANGERS) {
      this.#strangers.delete(this.#strangers.keys().next().value!);
    }
    return user;
  }

  async #unlessElsewhere(from: User, request: MsgRequest, here: DeliverHere): Promise<Outcome> {
    if (await this.#nodeOf(foldName(request.to)) !== undefined) throw new MovedError();
    return await here(from, request);
  }

  /**
   * Looks for an addressee who is not known to be anywhere, or not where they were thought to be.
   *
   * @param moves How often they were not there.
   */
  async #follow(
    from: User,
    request: MsgRequest,
    here: DeliverHere,
    moves = 0,
  ): Promise<Outcome> {
    const { clock } = this.#context();
    const folded = foldName(request.to);
    for (; moves < MAX_MOVES; moves++) {
      const isAgain = moves > 0;
      if (isAgain) {
        from.lanes?.holdUp(request.to);
        await new Promise<void>((resolve) => clock.setTimeout(resolve, MOVE_MS));
      }
      const node = await this.#nodeOf(folded);
      if (node === undefined) return await here(from, request);
      const told = await new Promise<Told>((settled, failed) => {
        this.#put(node, from, request, isAgain, { settled, failed });
      });
      if (!isMoved(told)) return outcomeOf(told);
    }
    throw new UnavailableError(`Cannot find out on which node ${request.to} is`);
  }

  readonly #followAgain: Follow = (...sent) => this.#follow(...sent, 1);

  /** Sends a message with what else goes to that node in this turn. */
  #put(
    node: Incarnation,
    from: User,
    request: MsgRequest,
    isAgain: boolean,
    waiter: Waiter<Told>,
  ): void {
    const open = this.#batches.get(node);
    if (open !== undefined) return open.add(from, request, isAgain, waiter);
    const batch = new DirectBatch(() => this.#batches.delete(node));
    this.#batches.set(node, batch);
    batch.add(from, request, isAgain, waiter);
    this.#bus.askAll(node, batch);
  }

  /** On which other node somebody is. Answers in the order of the questions. */
  async #nodeOf(folded: string): Promise<Incarnation | undefined> {
    const before = this.#looks;
    const user = this.#context().registry.find(folded);
    const look = user instanceof RemoteUser
      ? user.node
      : user === undefined
      ? this.#names.holderOf(folded)
      : undefined;
    this.#looks = Promise.allSettled([before, look]);
    await before;
    const holder = await look;
    return holder === this.#bus.self ? undefined : holder;
  }
}

/** What that sender's node sends until it knows comes too early: what it has sent before has not arrived. */
function sendOn(sender: RemoteUser, folded: string): { readonly moved: true } {
  const names = sender.sentOn ??= new Set();
  names.add(folded);
  if (names.size > MAX_SENT_ON) names.delete(names.values().next().value!);
  return { moved: true };
}

function isMoved(told: Told): told is { readonly moved: true } {
  return typeof told === "object" && "moved" in told;
}

/** @throws {StoreError} If the store of that node has failed. */
function outcomeOf(told: Exclude<Told, { readonly moved: true }>): Outcome {
  if (typeof told === "object" && "failed" in told) throw new StoreError(told.failed);
  return told;
}

function laterOf(promise: Promise<Outcome>): Later<Outcome> {
  const later = new Later<Outcome>();
  pass(promise, later);
  return later;
}

function pass(promise: Promise<Outcome>, later: Later<Outcome>): void {
  promise.then((outcome) => later.settle(outcome), (error) => later.fail(error));
}

/** A message under way to where its addressee is thought to be. */
class Sent extends Later<Outcome> implements Waiter<Told> {
  readonly #from: User;
  readonly #request: MsgRequest;
  readonly #here: DeliverHere;
  readonly #follow: Follow;

  constructor(from: User, request: MsgRequest, here: DeliverHere, follow: Follow) {
    super();
    this.#from = from;
    this.#request = request;
    this.#here = here;
    this.#follow = follow;
  }

  settled(told: Told): void {
    if (typeof told === "string") this.settle(told);
    else if (isMoved(told)) pass(this.#follow(this.#from, this.#request, this.#here), this);
    else if ("failed" in told) this.fail(new StoreError(told.failed));
    else this.settle(told);
  }

  failed(error: unknown): void {
    this.fail(error);
  }
}
