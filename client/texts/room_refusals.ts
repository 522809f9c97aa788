/**
 * What a room has against a request, in words.
 *
 * @module
 */

import type { RoomRefusalName } from "../../common/wire/protocol.ts";
import { remainingWords } from "./duration_words.ts";
import type { Speaker, TextKey } from "./texts.ts";

/** What a server says of it. */
export interface RoomObjection {
  /** The rule that speaks against it. */
  readonly refused: RoomRefusalName;
  /** The room; not safe to print. */
  readonly room: string;
  /** Seconds until it passes, if it does. */
  readonly retry?: number;
  /** What a moderator has said; not safe to print. */
  readonly reason?: string;
}

/** Sentences for rules that are always the same. */
const FIXED: Readonly<
  Record<Exclude<RoomRefusalName, "banned" | "muted" | "slow" | "role">, TextKey>
> = {
  private: "refusedPrivate",
  moderated: "refusedModerated",
  "not-member": "refusedNotMember",
  passing: "refusedPassing",
};

/** What needs another role than that of a moderator, or not only that: by what was asked for. */
const ROLES: ReadonlyMap<string, TextKey> = new Map([
  ["private", "refusedOwner"],
  ["remove", "refusedOwner"],
  ["grant", "refusedOwner"],
  ["kick", "refusedRank"],
  ["ban", "refusedRank"],
  ["mute", "refusedRank"],
  ["delete", "refusalDelete"],
]);

/**
 * Why a room does not do it, and for how long: `you are muted in #dev for another 4 min`.
 *
 * @param event What was asked for.
 */
export function roomRefusalSentence(
  { refused, room, retry, reason }: RoomObjection,
  event: string,
  speaker: Speaker,
): string {
  const { say } = speaker;
  const time = retry === undefined ? "" : remainingWords(retry, speaker);
  switch (refused) {
    case "banned": {
      const sentence = say(time === "" ? "refusedBannedForGood" : "refusedBanned", { room, time });
      return reason === undefined ? sentence : say("withReason", { sentence, reason });
    }
    case "muted":
      return say(time === "" ? "refusedMutedForGood" : "refusedMuted", { room, time });
    case "slow":
      return say(time === "" ? "refusedSlowAtAll" : "refusedSlow", { room, time });
    case "role":
      return say(ROLES.get(event) ?? "refusedRole", { room });
    default:
      return say(FIXED[refused], { room });
  }
}
