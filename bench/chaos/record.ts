/**
 * What clients sent and saw while nodes died around them.
 *
 * @module
 */

/** Milliseconds of one clock: that of the process that has all the clients. */
export type Time = number;

/** What one client saw, in the order in which it saw it. */
export type Happening =
  /** A login was answered: the name is its own from here on. */
  | {
    readonly what: "online";
    readonly at: Time;
    readonly resumed: boolean;
    /** The port of the node. */
    readonly on: number;
  }
  /** The client has lost the name, as far as it can know: its connection ended, and it does not go on. */
  | { readonly what: "offline"; readonly at: Time }
  /** It was online when all had been in order for a while, and goes. */
  | { readonly what: "stayed"; readonly at: Time }
  /** It was answered that the name is taken. */
  | { readonly what: "refused"; readonly at: Time }
  /** A message was sent: its text is unlike all others, and the request's id is the text. */
  | { readonly what: "sent"; readonly at: Time; readonly to: string; readonly text: string }
  /** It was answered; the same text may be sent, and answered, more than once. */
  | {
    readonly what: "answered";
    readonly at: Time;
    readonly text: string;
    readonly code: number;
    readonly seq?: number;
  }
  /** A message came, live or from a mailbox. */
  | {
    readonly what: "received";
    readonly at: Time;
    readonly to: string;
    readonly from: string;
    readonly text: string;
    readonly seq?: number;
  }
  /** That a message of one's own be deleted was asked; perhaps never answered. */
  | { readonly what: "deleting"; readonly at: Time; readonly to: string; readonly text: string }
  /** A message of one's own was deleted: answered 200. */
  | { readonly what: "deleted"; readonly at: Time; readonly to: string; readonly text: string }
  /** A page of a conversation, asked for at `at`. */
  | {
    readonly what: "page";
    readonly at: Time;
    readonly of: string;
    readonly texts: readonly { readonly seq: number; readonly text: string | undefined }[];
  };

/** A client: one that goes on after each break under the same name. */
export interface ClientRecord {
  /** The client; no two have the same. */
  readonly client: string;
  /** The name under which it is online. */
  readonly name: string;
  /** Whether that is an account's. */
  readonly isAccount: boolean;
  /** What it saw. */
  readonly happenings: readonly Happening[];
}

/** What the nodes have in the end, each asked by a client of its own: all of a conversation, oldest first. */
export interface FinalState {
  /** The node that was asked. */
  readonly node: string;
  /** A room, or two names with a space between them, the first one first. */
  readonly conversation: string;
  /** Numbers and texts; of a deleted one no text. */
  readonly messages: readonly { readonly seq: number; readonly text: string | undefined }[];
}

/** Who is there when all has been in order for a while, as one node tells it. */
export interface Presence {
  /** The node that was asked. */
  readonly node: string;
  /** A room; "who": everybody who is online. */
  readonly where: string;
  /** Names, sorted; without whoever asked. */
  readonly names: readonly string[];
}

/** A node that was killed, or stopped, or cut off. */
export interface Death {
  /** Which. */
  readonly node: string;
  /** When. */
  readonly at: Time;
  /** Whether a NATS server died within the same ten seconds. */
  readonly withNats: boolean;
}

/** A node's process that was stopped (SIGSTOP) for a while. */
export interface Stop {
  /** The node's port. */
  readonly on: number;
  /** When it was stopped. */
  readonly from: Time;
  /** When it went on. */
  to: Time;
}

/** How a node ended that was asked to. */
export interface NodeEnd {
  /** Which. */
  readonly node: string;
  /** The exit status; `undefined` if it had to be killed. */
  readonly code: number | undefined;
  /** Milliseconds that it took. */
  readonly tookMs: number;
  /** What it had open when it was new and before it was asked to end; `undefined` if clients were connected. */
  readonly descriptors: readonly [first: number, last: number] | undefined;
  /** Its memory in these moments, in MiB. */
  readonly rssMib: readonly [first: number, last: number];
}

/** All there is to check. */
export interface ChaosRecord {
  /** All clients. */
  readonly clients: readonly ClientRecord[];
  /** All conversations that are kept, as each node has them in the end. */
  readonly finals: readonly FinalState[];
  /** Who is there in the end, as each node tells it. */
  readonly presences: readonly Presence[];
  /** Names whose holder died with its node, and when the first login with one succeeded or was last refused. */
  readonly freed: readonly {
    readonly name: string;
    readonly death: Death;
    /** When it was free; `undefined` if it never was. */
    readonly freeAt: Time | undefined;
  }[];
  /** When nodes were stopped. */
  readonly stops: readonly Stop[];
  /** How nodes ended on SIGTERM. */
  readonly ends: readonly NodeEnd[];
}
