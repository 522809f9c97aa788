import type { User } from "../../server/people/user.ts";
import type { MsgRequest } from "../../common/wire/protocol.ts";
import type { Delivered, Draft, Keeper } from "../../server/delivery/keeper.ts";
import type { Earlier, Place } from "../../server/store/messages.ts";

/** Hands messages over and keeps them, in the order in which they were accepted, when a test says so. */
export class LateKeeper implements Keeper {
  readonly isLate = true;
  readonly #keeper: Keeper;
  #accepted: (() => void)[] = [];

  /** @param keeper Does it then. */
  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  /** How many wait. */
  get size(): number {
    return this.#accepted.length;
  }

  fingerprintOf(from: User, request: MsgRequest): string | undefined {
    return this.#keeper.fingerprintOf(from, request);
  }

  findEarlier(conversation: number, fingerprint: string): Earlier | undefined {
    return this.#keeper.findEarlier(conversation, fingerprint);
  }

  repeatsSince(): number {
    return this.#keeper.repeatsSince();
  }

  isAtHand(): boolean {
    return true;
  }

  keep<Taken extends number | string>(
    draft: Draft,
    handOver: (place: Place) => Taken,
  ): Promise<Delivered | Exclude<Taken, number> | "no-message"> {
    return new Promise((resolve, reject) => {
      this.#accepted.push(() => {
        this.#keeper.keep(draft, handOver).then(resolve, reject);
      });
    });
  }

  /** Hands the first ones over. */
  apply(count = Infinity): void {
    for (const work of this.#accepted.splice(0, count)) work();
  }
}
