/**
 * What one node asks another about somebody who is online there.
 *
 * @module
 */

import type { CloseReason } from "../../common/wire/protocol.ts";
import type { ServerContext } from "../context.ts";
import { RemoteUser } from "../people/remote_user.ts";
import type { User } from "../people/user.ts";
import { StoreError } from "../store/store.ts";
import type { Bus, Incarnation } from "./bus.ts";

/** A question about a user of the asked node, as plain JSON values. */
export type RemoteQuestion =
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

/** Seconds for which the other node waits for a client, besides the ones asked for. */
const GRACE_SECONDS = 2;

/** Asks other nodes, and answers them. */
export class RemoteCalls {
  readonly #bus: Pick<Bus, "ask">;
  readonly #context: () => Pick<ServerContext, "registry">;

  /**
   * Asks nothing yet.
   *
   * @param context The server, which is made after this.
   */
  constructor(bus: Pick<Bus, "ask">, context: () => Pick<ServerContext, "registry">) {
    this.#bus = bus;
    this.#context = context;
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
  async asked(question: RemoteQuestion): Promise<Reply<unknown>> {
    try {
      switch (question.ask) {
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
      if (error instanceof StoreError) return { failed: error.message };
      throw error;
    }
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
