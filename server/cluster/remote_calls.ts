/**
 * What one node asks another about somebody who is online there.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { CloseReason, MsgRequest } from "../../common/wire/protocol.ts";
import type { ServerContext } from "../context.ts";
import type { DirectOutcome, Kept } from "../delivery/delivery.ts";
import { type RemotePerson, RemoteUser } from "../people/remote_user.ts";
import type { User } from "../people/user.ts";
import { StoreError } from "../store/store.ts";
import type { Bus, Incarnation } from "./bus.ts";
import type { NameTable } from "./name_table.ts";
import { UnavailableError } from "./operation_log.ts";

/** A question about a user of the asked node, as plain JSON values. */
export type RemoteQuestion =
  /** Hands over a direct message. */
  | {
    readonly ask: "direct";
    readonly from: RemotePerson;
    readonly request: Pick<MsgRequest, "to" | "message" | "id" | "store" | "reply" | "kind">;
  }
  /** Probes a client. */
  | { readonly ask: "isThere"; readonly folded: string; readonly seconds: number }
  /** Closes a connection. */
  | {
    readonly ask: "dismiss";
    readonly folded: string;
    readonly session: string;
    readonly sentence: string;
    readonly reason: CloseReason;
  };

/** What is answered: a value, or that the addressee is not there any more, or that the store has failed. */
export type Reply<T> = { readonly value: T } | { readonly moved: true } | {
  readonly failed: string;
};

/** The sender's node has to ask on: the addressee is on another one. */
class MovedError extends Error {}

/** How often a message follows somebody who goes from node to node, and how many milliseconds lie between. */
const MAX_MOVES = 20;
const MOVE_MS = 50;
/** Senders at most who are remembered though nothing else is known of them: news of them is milliseconds away. */
const MAX_STRANGERS = 1_000;
/** Seconds for which the other node waits for a client, besides the ones asked for. */
const GRACE_SECONDS = 2;

/**
 * Asks other nodes, and answers them. A sender of another node is treated as one of this node: what decides whether a
 * message may reach somebody stands where the addressee is.
 */
export class RemoteCalls {
  readonly #bus: Pick<Bus, "ask" | "self">;
  readonly #names: Pick<NameTable, "holderOf">;
  readonly #context: () => Pick<ServerContext, "registry" | "delivery" | "clock" | "log">;
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
    bus: Pick<Bus, "ask" | "self">,
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
  async toUser(from: User, request: MsgRequest): Promise<DirectOutcome | Kept | undefined> {
    const { clock } = this.#context();
    const folded = foldName(request.to);
    if (from instanceof RemoteUser) {
      const node = this.#nodeOf(folded) ?? await this.#holderOf(folded);
      if (node === undefined) return undefined;
      throw new MovedError();
    }
    const { message, id, store, reply, kind } = request;
    const question: RemoteQuestion = {
      ask: "direct",
      from: personOf(from),
      request: {
        ...{ to: request.to, message },
        ...(id !== undefined && { id }),
        ...(store !== undefined && { store }),
        ...(reply !== undefined && { reply }),
        ...(kind !== undefined && { kind }),
      },
    };
    for (let moves = 0; moves < MAX_MOVES; moves++) {
      const node = this.#nodeOf(folded) ?? await this.#holderOf(folded);
      if (node === undefined) return undefined;
      const answer = await this.#ask<DirectOutcome | Kept>(node, question);
      if (answer !== undefined) return answer.value;
      from.lanes?.holdUp(request.to);
      await new Promise<void>((resolve) => clock.setTimeout(resolve, MOVE_MS));
    }
    throw new UnavailableError(`Cannot find out on which node ${request.to} is`);
  }

  /** See `Nodes.isThere`. */
  async isThere({ node, folded }: RemoteUser, seconds: number): Promise<boolean> {
    const question: RemoteQuestion = { ask: "isThere", folded, seconds };
    const answer = await this.#ask<boolean>(node, question, seconds + GRACE_SECONDS);
    return answer?.value ?? false;
  }

  /** See `Nodes.dismiss`. */
  async dismiss(user: RemoteUser, sentence: string, reason: CloseReason): Promise<boolean> {
    const { node, folded, session } = user;
    const question: RemoteQuestion = { ask: "dismiss", folded, session, sentence, reason };
    return await this.#ask<true>(node, question) !== undefined;
  }

  /** Answers another node. */
  async asked(node: Incarnation, question: RemoteQuestion): Promise<Reply<unknown>> {
    try {
      switch (question.ask) {
        case "direct":
          return await this.#direct(node, question.from, question.request);
        case "isThere": {
          const user = this.#here(question.folded);
          return user === undefined
            ? { moved: true }
            : { value: await user.isThere(question.seconds) };
        }
        case "dismiss": {
          const user = this.#here(question.folded);
          if (user?.session !== question.session) return { moved: true };
          user.close(question.sentence, question.reason);
          return { value: true };
        }
        default: // of a newer version
          return {
            failed: "The other node does not know this question; is it of an older version?",
          };
      }
    } catch (error) {
      if (error instanceof MovedError) return { moved: true };
      if (error instanceof StoreError) return { failed: error.message };
      throw error;
    }
  }

  #direct(
    node: Incarnation,
    from: RemotePerson,
    request: MsgRequest | Omit<MsgRequest, "event">,
  ): Reply<unknown> | Promise<Reply<unknown>> {
    const { registry, delivery } = this.#context();
    const { to } = request;
    if (registry.find(foldName(to)) instanceof RemoteUser) return { moved: true };
    const outcome = delivery.toUser(this.#senderOf(node, from), { ...request, event: "msg" });
    return outcome instanceof Promise ? outcome.then((value) => ({ value })) : { value: outcome };
  }

  /** Who sends, as this node knows them. */
  #senderOf(node: Incarnation, person: RemotePerson): RemoteUser {
    const folded = foldName(person.name);
    const key = `${node} ${folded}`; // no name has a space
    const known = this.#context().registry.find(folded);
    const stranger = this.#strangers.get(key);
    if (known instanceof RemoteUser && known.session === person.session) {
      this.#strangers.delete(key);
      // What the stranger sent may be under way still.
      if (stranger?.session === known.session) known.lanes ??= stranger.lanes;
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

  /** On which other node somebody is known to be. */
  #nodeOf(folded: string): Incarnation | undefined {
    const user = this.#context().registry.find(folded);
    return user instanceof RemoteUser ? user.node : undefined;
  }

  /** Which other node holds the name of somebody who is not known to be anywhere. Answers in the order of the questions. */
  async #holderOf(folded: string): Promise<Incarnation | undefined> {
    if (this.#here(folded) !== undefined) return undefined;
    const before = this.#looks;
    const look = this.#names.holderOf(folded);
    this.#looks = Promise.allSettled([before, look]);
    await before;
    const holder = await look;
    return holder === this.#bus.self ? undefined : holder;
  }

  /** Who is online here under a name. */
  #here(folded: string): User | undefined {
    const user = this.#context().registry.find(folded);
    return user instanceof RemoteUser ? undefined : user;
  }

  /**
   * @returns `undefined` if the user is not on that node any more.
   * @throws {UnavailableError} If that node does not answer.
   * @throws {StoreError} If its store has failed.
   */
  async #ask<T>(
    node: Incarnation,
    question: RemoteQuestion,
    seconds?: number,
  ): Promise<{ readonly value: T } | undefined> {
    const reply = await this.#bus.ask(node, question, seconds) as Reply<T> | null;
    if (reply === null) throw new StoreError(`Node ${node} has answered with nothing`);
    if ("failed" in reply) throw new StoreError(reply.failed);
    return "moved" in reply ? undefined : reply;
  }
}

/** What other nodes know of somebody who is online here. */
export function personOf(user: User): RemotePerson {
  const { name, isAccount, session, network, status, away, moves, since } = user;
  return { name, isAccount, session, network, status, ...(away !== "" && { away }), moves, since };
}
