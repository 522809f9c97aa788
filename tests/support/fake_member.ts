import type { EventKey } from "../../common/wire/protocol.ts";
import { foldName } from "../../common/names.ts";
import type { Member } from "../../server/people/member.ts";
import type { Room } from "../../server/rooms/rooms.ts";

/** Somebody online, without a connection. */
export class FakeMember implements Member {
  readonly folded: string;
  readonly nameJson: string;
  readonly isAccount = false;
  isCatchingUp = false;
  isOnline = true;
  readonly rooms = new Set<Room>();
  status = "";
  /** While `false`, it takes no more. */
  takes = true;
  /** What it was sent. */
  readonly lines: string[] = [];
  /** The same, parsed. */
  readonly frames: Record<string, unknown>[] = [];

  constructor(readonly name: string, readonly key: EventKey = "event") {
    this.folded = foldName(name);
    this.nameJson = JSON.stringify(name);
  }

  send(frame: string): boolean {
    if (!this.takes) return false;
    this.lines.push(frame);
    this.frames.push(JSON.parse(frame));
    return true;
  }

  mailArrived(): void {}

  close(): void {
    this.takes = false;
  }
}
