/**
 * Messages that several nodes keep, which each of them puts out when it gets to know of them.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { ServerContext } from "../../server/context.ts";
import { type Draft, type Keeper, LocalKeeper } from "../../server/delivery/keeper.ts";
import { Envelope, Message, textOf } from "../../server/delivery/message.ts";
import type { User } from "../../server/people/user.ts";
import type { Place } from "../../server/store/messages.ts";
import type { Store } from "../../server/store/store.ts";
import type { Clock } from "../../common/clock.ts";
import type { FakeWorld } from "./fake_bus.ts";

/** A node that follows. */
interface Follower {
  readonly context: () => Pick<ServerContext, "rooms" | "delivery">;
  applied: number;
  waiting: { readonly target: number; readonly resolve: () => void }[];
}

/** One order of all messages; each node is at another place in it. */
export class FakeKeptLog {
  readonly #world: FakeWorld;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #followers: Follower[] = [];
  #length = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(world: FakeWorld, store: Store, clock: Clock) {
    this.#world = world;
    this.#store = store;
    this.#clock = clock;
  }

  /** A further node: its keeper, and its store, where a question waits until it knows what was kept before. */
  follow(context: Follower["context"]): { readonly keeper: Keeper; readonly store: Store } {
    const follower: Follower = { context, applied: 0, waiting: [] };
    this.#followers.push(follower);
    const keeper: Keeper = new LocalKeeper(this.#store, this.#clock);
    keeper.keep = <Taken>(draft: Draft, handOver: (place: Place) => Taken) =>
      this.#keep(follower, draft, handOver) as never;
    const store = new Proxy(this.#store, {
      get: (store, key) => {
        if (key === "nameStatus") {
          return async (folded: string) => {
            await this.#fresh(follower);
            return await store.nameStatus(folded);
          };
        }
        const value = Reflect.get(store, key, store);
        return typeof value === "function" ? value.bind(store) : value;
      },
    });
    return { keeper, store };
  }

  async #keep(
    own: Follower,
    { from, to, request, conversation, fingerprint, time }: Draft,
    handOver: (place: Place) => unknown,
  ): Promise<unknown> {
    const seq = this.#store.nextSeq(conversation)!;
    const { message, id } = request;
    const kept = this.#store.keepMessage({
      ...{ conversation, seq, from: from.name, to, message, time, id, fingerprint, delivered: 0 },
      sender: from.isAccount ? from.folded : undefined,
      guest: from.isAccount ? undefined : from.session,
    });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#tail = Promise.all([kept, this.#tail]).then(() => {
      this.#length++;
      for (const [i, follower] of this.#followers.entries()) {
        this.#world.send(`log ${i}`, () => {
          follower.applied++;
          if (follower === own) resolve(handOver({ conversation, seq }));
          else if (to.startsWith("#")) {
            const text = new Message(
              new Envelope(from, { name: to, nameJson: JSON.stringify(to) }, time),
              ...[textOf(request), id, undefined, { conversation, seq }] as const,
            );
            said(follower.context(), from.folded, to, text);
          }
          const due = follower.waiting.filter(({ target }) => target <= follower.applied);
          follower.waiting = follower.waiting.filter((it) => !due.includes(it));
          for (const { resolve } of due) resolve();
        });
      }
    });
    return { delivered: await promise, seq };
  }

  #fresh(follower: Follower): Promise<void> {
    const target = this.#length;
    if (follower.applied >= target) return Promise.resolve();
    return new Promise((resolve) => follower.waiting.push({ target, resolve }));
  }
}

/** Puts out what another node has kept. */
function said(
  { rooms, delivery }: Pick<ServerContext, "rooms" | "delivery">,
  sender: string,
  to: string,
  message: Message,
): void {
  const room = rooms.find(to);
  const { conversation, seq } = message.place!;
  // The store is one: a room that is opened late knows all that was kept.
  if (room?.lasting === undefined || seq <= room.lasting.last) return;
  room.lasting.last = seq;
  room.lasting.conversation ??= conversation;
  const member = room.members.find(foldName(sender));
  delivery.toMembersHere(room, message, member ?? { folded: sender } as User);
}
