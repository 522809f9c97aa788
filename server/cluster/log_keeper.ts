import { type Clock, unixSeconds } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import type { MsgRequest } from "../../common/wire/protocol.ts";
import { type Delivered, type Draft, type Keeper, messageFingerprint } from "../delivery/keeper.ts";
import type { User } from "../people/user.ts";
import type { Earlier, Place } from "../store/messages.ts";
import type { KeepOutcome } from "../store/replica_store.ts";
import type { Replication } from "./replication.ts";

/** Messages of this node of which it is known how many took them; about 1 MB. */
const MAX_COUNTED = 10_000;

/**
 * Has messages numbered by the log: one is handed over when its entry is applied on this node, in the order of the log, and
 * by then it is in this node's history.
 *
 * - How many took a message is known to its node alone; on others a repeat of it hears of one.
 * - What somebody said in a room without knowing that they were taken out, or silenced, is not kept: nobody took it.
 */
export class LogKeeper implements Keeper {
  /** See {@linkcode Keeper.isLate}. */
  readonly isLate = true;
  readonly #replication: Replication;
  readonly #clock: Clock;
  /** By number. */
  readonly #counts = new Map<number, number>();

  /** Appends what is to be kept. */
  constructor(replication: Replication, clock: Clock) {
    this.#replication = replication;
    this.#clock = clock;
  }

  /** See {@linkcode Keeper.fingerprintOf}. */
  fingerprintOf(from: User, request: MsgRequest): string | undefined {
    return messageFingerprint(from, request);
  }

  /** See {@linkcode Keeper.findEarlier}: as far as this node has applied the log. */
  findEarlier(conversation: number, fingerprint: string): Earlier | undefined {
    const earlier = this.#replication.copy
      .findEarlier(conversation, fingerprint, this.repeatsSince());
    return earlier && this.#counted(earlier);
  }

  /** See {@linkcode Keeper.repeatsSince}. */
  repeatsSince(): number {
    return unixSeconds(this.#clock) - LIMITS.repeatSeconds;
  }

  /** Always: the log has a number for each message. */
  isAtHand(_conversation: number): boolean {
    return true;
  }

  /**
   * See {@linkcode Keeper.keep}: hands over when the entry is applied, perhaps after this has rejected.
   *
   * @throws {UnavailableError} If it is not known within 10 s whether it is kept: the same request under the same id
   * finds out.
   */
  async keep<Taken extends number | string>(
    draft: Draft,
    handOver: (place: Place) => Taken,
  ): Promise<Delivered | Exclude<Taken, number> | "no-message"> {
    const { from, to, conversation, fingerprint, time, request } = draft;
    const { message, id, reply, kind } = request;
    const { copy } = this.#replication;
    const earlier = fingerprint === undefined
      ? undefined
      : this.findEarlier(conversation, fingerprint);
    if (earlier !== undefined) return earlier;
    copy.checkRoom(message.length);
    const name = copy.knows.nameOf(conversation);
    if (name === undefined) return { delivered: 0, seq: undefined };
    if (reply !== undefined && !copy.hasMessage(conversation, reply)) {
      await this.#replication.fresh(); // another node may have it
      if (!copy.hasMessage(conversation, reply)) return "no-message";
    }
    let taken: Taken | undefined;
    const outcome = await this.#replication.perform({
      do: "message",
      in: name,
      behind: this.#replication.applied,
      speaker: from.folded,
      message: {
        from: from.name,
        sender: from.isAccount ? from.folded : undefined,
        guest: from.isAccount ? undefined : from.session,
        ...{ to, message, time, id, reply, kind, fingerprint },
      },
    }, (outcome, seq) => {
      if ("kept" in outcome) {
        taken = handOver(outcome.kept);
        this.#count(seq, typeof taken === "number" ? taken : 0);
        return;
      }
      this.#replication.withdraw(seq, "earlier" in outcome ? name : undefined);
      // As on one node: who is there takes it, though it cannot be kept.
      if (isEnded(outcome)) taken = handOver({ conversation, seq });
    });
    if ("earlier" in outcome) return this.#counted(outcome.earlier);
    if ("refused" in outcome) {
      switch (outcome.refused) {
        case "blocked": // between two accounts: a reason of theirs
          return "blocked" as Exclude<Taken, number>;
        case "expelled":
          return { delivered: 0, seq: undefined };
        case "ended":
          return typeof taken === "number"
            ? { delivered: taken, seq: undefined }
            : taken as Exclude<Taken, number>;
      }
    }
    return { delivered: typeof taken === "number" ? taken : 0, seq: outcome.kept.seq };
  }

  #count(seq: number, delivered: number): void {
    this.#counts.set(seq, delivered);
    if (this.#counts.size > MAX_COUNTED) this.#counts.delete(this.#counts.keys().next().value!);
  }

  #counted(earlier: Earlier): Earlier {
    return { ...earlier, delivered: this.#counts.get(earlier.seq) ?? earlier.delivered };
  }
}

function isEnded(outcome: KeepOutcome): boolean {
  return "refused" in outcome && outcome.refused === "ended";
}
