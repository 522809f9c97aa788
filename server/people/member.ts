/**
 * What registry, rooms and event handlers know of a connection: no socket.
 *
 * @module
 */

import type { EventKey } from "../../common/wire/protocol.ts";
import type { Room } from "../rooms/rooms.ts";

/** Somebody who is connected. Names are empty until {@linkcode Member.isOnline}. */
export interface Member {
  /** The name as its owner typed it. */
  readonly name: string;
  /** The name under which it is looked up. */
  readonly folded: string;
  /** The name as JSON text, made once for all frames that carry it. */
  readonly nameJson: string;
  /** Whether the name is an account's, which has a mailbox. */
  readonly isAccount: boolean;
  /** Whether it has claimed a name. */
  readonly isOnline: boolean;
  /** Whether stored messages are still on their way to it: newer direct ones have to go the same way. */
  readonly isCatchingUp: boolean;
  /** The dialect of frames that it gets. */
  readonly key: EventKey;
  /** What it says of itself. */
  status: string;
  /** The rooms that it is in. */
  readonly rooms: Set<Room>;
  /**
   * Queues a frame.
   *
   * @param frame A line with its end.
   * @returns `false` if it takes no more.
   */
  send(frame: string): boolean;
  /** There is something new in its mailbox: it puts that out. */
  mailArrived(): void;
  /**
   * Says a last word and closes; the name is free when this returns.
   *
   * @param sentence Sent with code 101.
   */
  close(sentence: string): void;
}
