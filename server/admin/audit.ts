import { StartError, UsageError } from "../../common/errors.ts";
import { ACCOUNT_NAME_RULE, foldName, hasNameShape } from "../../common/names.ts";
import { printable, printableJson } from "../../common/printable.ts";
import { alignTable } from "../../common/table.ts";
import type { RoomAdmin } from "../store/room_admin.ts";
import { ADMINISTRATOR } from "../store/room_store.ts";
import type { NotedAct } from "../store/sqlite/room_acts.ts";
import { actDetail } from "./act_detail.ts";
import type { AdminCommand } from "./commands.ts";
import { localTime } from "./local_time.ts";
import { MAX_CELL_WIDTH } from "./max_cell_width.ts";
import { readRoom } from "./read_name.ts";

/** How many acts are shown if nobody says. */
export const AUDIT_LIMIT = 1_000;

const SECONDS_A_DAY = 86_400;

/** `audit`: who did what when. */
export const AUDIT: AdminCommand = {
  help: "show who ran rooms and administered accounts: what they did, to whom and when",
  options: ["room", "by", "days", "limit", "json"],
  read({ users, openRooms, now, say, options }) {
    const { days, limit = AUDIT_LIMIT, json } = options;
    const room = options.room === undefined ? undefined : readRoom(options.room, "--room");
    const by = options.by === undefined ? undefined : readAuthor(options.by);
    if (by !== undefined && by !== ADMINISTRATOR && !users.has(by)) {
      throw new StartError(`Cannot audit: there is no account '${options.by}'`);
    }
    using rooms = openRooms();
    if (room !== undefined && isUnknown(rooms, room)) {
      throw new StartError(`Cannot audit: there is no room '${options.room}', and was none lately`);
    }
    const acts = rooms.listActs({
      ...(room !== undefined && { room }),
      ...(by !== undefined && { by }),
      ...(days !== undefined && { since: now() - days * SECONDS_A_DAY }),
      limit: limit + 1, // whether there are more
    });
    const shown = acts.slice(0, limit).reverse();
    if (json) {
      for (const act of shown) say(printableJson(record(act)));
      return;
    }
    for (const line of alignTable([HEAD, ...shown.map(row)], [], MAX_CELL_WIDTH)) say(line);
    if (acts.length > limit) say(`There are older ones: these are the newest ${limit} (--limit)`);
  },
};

const HEAD = ["TIME", "ROOM", "WHO", "WHAT", "TO WHOM", "DETAIL"];

function readAuthor(by: string): string {
  if (by === ADMINISTRATOR) return by;
  if (hasNameShape(by)) return foldName(by);
  throw new UsageError(
    `--by must be '${ADMINISTRATOR}' or a name: ${ACCOUNT_NAME_RULE}, received '${printable(by)}'`,
  );
}

function isUnknown(rooms: RoomAdmin, room: string): boolean {
  return rooms.showRoom(room) === undefined && rooms.listActs({ room, limit: 1 }).length === 0;
}

function row(act: NotedAct): string[] {
  const { time, room, by, action, target = "" } = act;
  return [localTime(time), room, by || "(removed)", action, target, actDetail(act)];
}

function record({ time, room, by, action, target, detail }: NotedAct): object {
  return { time, ...(room !== "" && { room }), by, action, target, detail };
}
