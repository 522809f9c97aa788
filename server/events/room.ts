import { Buffer } from "node:buffer";

import {
  CODE,
  type ResponseExtras,
  type RoomRequest,
  type Sanction,
} from "../../common/wire/protocol.ts";
import { type Answer, answer } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { User } from "../people/user.ts";
import { settingsOf } from "../rooms/acts.ts";
import { holds } from "../rooms/roles.ts";
import { Room } from "../rooms/room.ts";
import { RoomPolicy } from "../rooms/room_policy.ts";
import type { StoredRoom, StoredSanction } from "../store/room_store.ts";
import type { OnlineHandler, Reply } from "./handler.ts";
import { moderate } from "./moderation.ts";
import { NO_SUCH_ROOM, refused } from "./refusals.ts";

/** Bytes of particulars of bans and mutes in one answer: so that all of it has room in a queue. */
const MAX_SANCTION_BYTES = 131_072;

/** `room`: says what there is to know of a room, or changes it. */
export const room: OnlineHandler<RoomRequest> = {
  for: "users",
  costs: "size",
  handle(context, user, request): Reply {
    if (!request.remove && Object.keys(settingsOf(request)).length === 0) {
      return look(context, user, request.room);
    }
    return moderate(
      context,
      user,
      request,
      (stored) => request.remove ? { room: stored.name } : factsFor(context, user, stored),
    );
  },
};

async function look(context: ServerContext, user: User, name: string): Promise<Answer> {
  const { rooms, access } = context;
  const found = await rooms.look(name);
  if (found === undefined) return NO_SUCH_ROOM;
  if (found instanceof Room) return answer(CODE.ok, `This is ${found.name}`, factsOf(found));
  const inside = rooms.find(name);
  const isMember = inside !== undefined && inside.members.has(user);
  const refusal = access.refusalIn(new RoomPolicy(found), "see", user, { isMember });
  if (refusal !== undefined) return refused(found.name, refusal, access.now);
  return answer(CODE.ok, `This is ${found.name}`, factsFor(context, user, found));
}

/** What all who may enter are told of a room. */
function factsOf(room: Room | StoredRoom): ResponseExtras {
  const { isLasting, isPrivate, isModerated, slow } = room instanceof Room
    ? room.policy.rules
    : room;
  const roles = room instanceof Room ? [] : room.roles;
  const those = (role: string): string[] =>
    roles.filter((it) => it.role === role).map(({ name }) => name);
  return {
    room: room.name,
    topic: room.topic,
    lasting: isLasting,
    private: isPrivate,
    moderated: isModerated,
    slow,
    owners: those("owner"),
    moderators: those("moderator"),
  };
}

/** The same, and for who runs it, who is kept out, silent or invited. */
function factsFor({ access }: ServerContext, user: User, room: StoredRoom): ResponseExtras {
  const facts = factsOf(room);
  if (access.refusalIn(new RoomPolicy(room), "inspect", user) !== undefined) return facts;
  const sanctions = room.sanctions.filter((sanction) => holds(sanction, access.now));
  const those = (
    kind: string,
  ): string[] => [...new Set(sanctions.filter((it) => it.kind === kind).map(({ name }) => name))];
  return {
    ...facts,
    banned: those("ban"),
    muted: those("mute"),
    invited: room.invited.map(({ name }) => name),
    sanctions: fitting(sanctions.map(particularsOf)),
  };
}

function particularsOf({ kind, name, until, reason, by }: StoredSanction): Sanction {
  return {
    ...{ kind, user: name },
    ...(until !== undefined && { until }),
    ...(reason !== "" && { reason }),
    by,
  };
}

/** As many as have room in an answer; the names of all are in it anyway. */
function fitting(sanctions: Sanction[]): Sanction[] {
  let left = MAX_SANCTION_BYTES;
  const cut = sanctions.findIndex((it) => (left -= Buffer.byteLength(JSON.stringify(it))) < 0);
  return cut === -1 ? sanctions : sanctions.slice(0, cut);
}
