import { printable } from "../../common/printable.ts";
import type {
  ChangeResult,
  KeepOutcome,
  LetterOutcome,
  ReplicaWrites,
  RoomChanged,
} from "../store/replica_store.ts";
import type { OpenedRoom } from "../store/room_store.ts";
import { StoreError } from "../store/store.ts";
import type { Follower } from "./follower.ts";
import type { Deed } from "./operation.ts";
import type { RoomDeed } from "./room_deed.ts";

/** What comes of each kind of deed. */
export interface Results {
  /** What the method gives. */
  readonly call: unknown;
  /** See `RoomStore.open`. */
  readonly enter: OpenedRoom | "too-many" | undefined;
  /** Whether it is kept. */
  readonly message: KeepOutcome;
  /** Whether it is stored. */
  readonly letter: LetterOutcome;
  /** Nothing. */
  readonly read: void;
  /** What became of it. */
  readonly edit: ChangeResult;
  /** What became of it. */
  readonly delete: ChangeResult;
  /** What became of it. */
  readonly withdraw: ChangeResult;
  /** See `RoomStore.change`. */
  readonly moderate: RoomChanged<unknown>;
  /** What the act gives. */
  readonly administer: unknown;
  /** Nothing. */
  readonly tidy: void;
}

/** What is done at once, in a transaction with others. */
export type QuickDeed = Exclude<Deed, { readonly do: "edit" | "delete" | "withdraw" | "tidy" }>;

/**
 * Does what a deed does to a copy. The one place that says which deed is which write.
 *
 * @param decide Decides on rooms.
 * @throws {StoreError} If it is of a newer version.
 */
export function execute(
  writes: ReplicaWrites,
  deed: QuickDeed,
  decide: Follower["decide"],
): Results[QuickDeed["do"]] {
  switch (deed.do) {
    case "call": {
      const method = writes[deed.method] as ((...args: readonly unknown[]) => unknown) | undefined;
      if (method === undefined) throw newer(deed.method);
      return method.apply(writes, [...deed.args]);
    }
    case "enter":
      return writes.enter(deed.folded, deed.maker);
    case "message":
      return writes.keep(deed);
    case "letter":
      return writes.storeLetter(deed);
    case "read":
      return writes.markRead(deed.folded, deed.in, deed.seq);
    case "moderate": {
      const changed = writes.changeRoom(deed.folded, (room) => decide(deed.deed, room));
      const { target } = deed.deed;
      if (
        changed !== undefined && "after" in changed && target !== undefined && expels(deed.deed)
      ) {
        writes.expel(changed.after.id, target.folded);
      }
      return changed;
    }
    case "administer": {
      const act = writes.admin[deed.act] as ((...args: readonly unknown[]) => unknown) | undefined;
      if (act === undefined) throw newer(deed.act);
      return act(...deed.args);
    }
    default:
      throw newer((deed as { readonly do: string }).do);
  }
}

/** To go on without it would make another copy than the others have. */
function newer(what: string): StoreError {
  return new StoreError(
    `The log has an operation of a newer version ('${printable(what)}'); start that version`,
  );
}

/** Whether somebody may say no more what they were about to say. */
function expels({ request }: RoomDeed): boolean {
  switch (request.event) {
    case "kick":
      return true;
    case "ban":
    case "mute":
      return request.seconds !== 0; // which lifts it
    default:
      return false;
  }
}
