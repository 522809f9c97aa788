import type { Notice } from "../../common/wire/protocol.ts";
import type { User } from "../people/user.ts";
import { MAX_NAMES } from "./gathering.ts";
import { gatheredNotice, joinedNotice, leftNotice } from "./notices.ts";
import type { Room } from "./room.ts";

/**
 * What a member has to be told who knows who was in a room some time ago: who has left since, then who has joined.
 *
 * @param known The names, as shown, of those who were in then.
 * @param time Unix seconds.
 */
export function rosterNews(
  room: Room,
  known: readonly string[],
  user: User,
  time: number,
): Notice[] {
  const names = room.members.sorted().filter((it) => it !== user).map(({ name }) => name);
  const [before, now] = [new Set(known), new Set(names)];
  const left = known.filter((name) => !now.has(name));
  const joined = names.filter((name) => !before.has(name));
  if (!user.wantsGathered) {
    return [
      ...left.map((name) => leftNotice(room, { name }, time)),
      ...joined.map((name) => joinedNotice(room, { name }, time)),
    ];
  }
  return ([["left", left], ["joined", joined]] as const).flatMap(([movement, all]) =>
    Array.from(
      { length: Math.ceil(all.length / MAX_NAMES) },
      (_, i) => gatheredNotice(room, movement, all.slice(i * MAX_NAMES, (i + 1) * MAX_NAMES), time),
    )
  );
}
