/**
 * What is written to the log that all nodes of a server apply, in one order, to their own copies of the database.
 *
 * The copy of each node is a state machine: the same operations, in the same order, make the same rows. So an operation
 * holds all that its outcome depends on besides the rows: the time at which it was given is in it, and the numbers of
 * messages are those of their entries in the log. What an operation decides (whether a name is free, a mailbox full) is
 * decided where it stands in the log, on each node alike.
 *
 * @module
 */

import type { AdminActs } from "../store/admin_acts.ts";
import type { MessageDeletion, MessageEdit, NewMessage } from "../store/messages.ts";
import type { RoomMaker } from "../store/room_store.ts";
import type { ConversationName, MessageRemains, RetentionTerms } from "../store/replica_store.ts";
import type { Letter, StoreLetterOptions } from "../store/store.ts";
import type { RoomDeed } from "./room_deed.ts";

export type { ConversationName } from "../store/replica_store.ts";

/**
 * Methods of the store that are operations by themselves: their arguments and results are plain JSON values.
 *
 * `lifetime` says how long the entry has to stay in the log, for a copy that is made anew. `state`: for good. `text`: as long
 * as messages are kept and letters wait. `pass`: as long as a login's token is right. `day`: as long as names are known.
 *
 * `resume.use` has a fourth argument: Unix seconds, those of connections that ended then or before are not right.
 */
export const CALLS = {
  rememberName: { lifetime: "day" },
  noteLeft: { lifetime: "day" },
  createAccount: { lifetime: "state" },
  createInvited: { lifetime: "state" },
  replacePasswordHash: { lifetime: "state" },
  trustNetwork: { lifetime: "day" },
  deleteLetters: { lifetime: "text" },
  markLetters: { lifetime: "text" },
  dropLetters: { lifetime: "text" },
  noteCorrespondent: { lifetime: "state" },
  openDirect: { lifetime: "state" },
  openRoom: { lifetime: "state" },
  "rooms.adopt": { lifetime: "state" },
  "rooms.remember": { lifetime: "state" },
  "rooms.forgetMember": { lifetime: "state" },
  "resume.save": { lifetime: "pass" },
  "resume.use": { lifetime: "pass" },
  "resume.settle": { lifetime: "pass" },
  "resume.end": { lifetime: "pass" },
  "resume.forget": { lifetime: "pass" },
  "blockedUsers.set": { lifetime: "state" },
} as const satisfies Record<string, { lifetime: Lifetime }>;

/** See {@linkcode CALLS}. */
export type CallName = keyof typeof CALLS;

/** How long an entry has to stay in the log. */
export type Lifetime = "state" | "text" | "pass" | "day";

/** What is done. */
export type Deed =
  | { readonly do: "call"; readonly method: CallName; readonly args: readonly unknown[] }
  /** Somebody enters a room that nobody of their node was in; see `RoomStore.open`. */
  | { readonly do: "enter"; readonly folded: string; readonly maker?: RoomMaker }
  /** A message that is kept; its number is that of the entry. */
  | {
    readonly do: "message";
    readonly in: ConversationName;
    /** The number of the entry up to which the sender's node had applied all when the message was accepted. */
    readonly behind: number;
    /** Who speaks, folded; also a guest. */
    readonly speaker: string;
    readonly message: Omit<NewMessage, "conversation" | "seq" | "delivered">;
  }
  /** A letter; its number in the mailbox, and in its conversation if it is kept with being stored, is that of the entry. */
  | {
    readonly do: "letter";
    readonly letter: Omit<Letter, "place">;
    /** Where it is kept already. */
    readonly place?: { readonly in: ConversationName; readonly seq: number };
    readonly options: Omit<StoreLetterOptions, "onKept">;
  }
  | {
    readonly do: "read";
    readonly folded: string;
    readonly in: ConversationName;
    readonly seq: number;
  }
  | {
    readonly do: "edit";
    readonly in: ConversationName;
    readonly edit: Omit<MessageEdit, "conversation">;
    /** The name, as shown, of who does it. */
    readonly name: string;
  }
  | {
    readonly do: "delete";
    readonly in: ConversationName;
    readonly deletion: Omit<MessageDeletion, "conversation">;
    /** The name, as shown, of who does it. */
    readonly name: string;
    /** What stays of the message, for copies that are made when its own entry is out of the log. */
    readonly remains?: MessageRemains;
  }
  /** A message had come before, under another number: it is there no more under this one, where it is at all. */
  | {
    readonly do: "withdraw";
    readonly in: ConversationName;
    readonly withdrawal: { readonly seq: number; readonly time: number };
  }
  /** Somebody changes a room. */
  | { readonly do: "moderate"; readonly folded: string; readonly deed: RoomDeed }
  /** An administrator changes something: given by their command, not by a node. */
  | AdminDeed
  /**
   * What is too old by then goes, on all nodes at the same place, for what is there decides on what comes later. Also the
   * newest entry before old ones are taken out of the log, so that the newest is always one that is there.
   */
  | { readonly do: "tidy"; readonly terms: RetentionTerms };

/** See `AdminActs`. */
export interface AdminDeed {
  /** What kind of deed it is. */
  readonly do: "administer";
  /** What is done. */
  readonly act: keyof AdminActs;
  /** What it is called with. */
  readonly args: readonly unknown[];
}

/** A line of the log. */
export type Operation = Deed & {
  /** Milliseconds since 1970 at which it was given: the time that all nodes apply it with. */
  readonly at: number;
};

/** How long an operation has to stay in the log. */
export function lifetimeOf(operation: Operation): Lifetime {
  switch (operation.do) {
    case "call":
      return CALLS[operation.method].lifetime;
    case "message":
    case "letter":
    case "edit":
    case "delete":
    case "withdraw":
    case "read":
      return "text";
    case "tidy":
      return "day";
    default:
      return "state";
  }
}
