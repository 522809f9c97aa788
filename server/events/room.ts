import { unixSeconds } from "../../common/clock.ts";
import { withoutControls } from "../../common/printable.ts";
import { CODE, type RoomRequest } from "../../common/wire/protocol.ts";
import { type Answer, answer, type Commit } from "../answer.ts";
import type { ServerContext } from "../context.ts";
import type { User } from "../people/user.ts";
import type { ChangeRefusal, RoomChange, RoomFacts } from "../rooms/rooms.ts";
import type { OnlineHandler } from "./handler.ts";
import { NO_SUCH_ROOM } from "./refusals.ts";

const REFUSALS: Readonly<Record<ChangeRefusal, Answer>> = {
  unknown: NO_SUCH_ROOM,
  guests: answer(
    CODE.forbidden,
    "A guest has made this room: it goes with its last member and cannot be changed",
  ),
  "not-owner": answer(CODE.forbidden, "Only an owner of this room may do that"),
};

/** `room`: says what there is to know of a room, or changes it. */
export const room: OnlineHandler<RoomRequest> = {
  for: "users",
  handle(context, user, { room: name, topic, remove }) {
    if (remove) return change(context, user, name, "remove");
    return topic === undefined
      ? look(context, name)
      : change(context, user, name, { topic: withoutControls(topic) });
  },
};

async function look({ rooms }: ServerContext, name: string): Promise<Answer> {
  const facts = await rooms.facts(name);
  return facts === undefined ? NO_SUCH_ROOM : tell(`This is ${facts.room}`, facts);
}

async function change(
  { rooms, clock, log }: ServerContext,
  user: User,
  name: string,
  what: RoomChange,
): Promise<Answer | Commit> {
  const finish = await rooms.change(user, name, what);
  if (typeof finish === "string") return REFUSALS[finish];
  return () => {
    const facts = finish(unixSeconds(clock));
    if (what !== "remove") return tell(`The topic of ${facts.room} is set`, facts);
    log.info("room removed", { room: facts.room, by: user.name });
    return answer(CODE.ok, `${facts.room} is removed`, { room: facts.room });
  };
}

function tell(sentence: string, { room, topic, lasting, owners }: RoomFacts): Answer {
  const extras = { room, topic, lasting, owners: [...owners], moderators: [] };
  return answer(CODE.ok, sentence, extras);
}
