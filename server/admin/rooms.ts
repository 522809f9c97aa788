/**
 * The administrator's commands for rooms.
 *
 * @module
 */

import { durationInWords } from "../../common/duration.ts";
import { StartError, UsageError } from "../../common/errors.ts";
import { LIMITS } from "../../common/limits.ts";
import { printable, printableJson } from "../../common/printable.ts";
import { alignTable } from "../../common/table.ts";
import type { RoomRole } from "../../common/wire/protocol.ts";
import type { RoomRecord } from "../store/room_admin.ts";
import type { StoredRoom, StoredSanction, WriteRefusal } from "../store/room_store.ts";
import type { AdminCommand } from "./commands.ts";
import { localTime } from "./local_time.ts";
import { MAX_CELL_WIDTH } from "./max_cell_width.ts";
import { readName, readRoom } from "./read_name.ts";

const ROLES: readonly string[] = ["owner", "moderator", "member"] satisfies RoomRole[];

/** The commands by name, in the order of the help text. */
export const ROOM_COMMANDS: readonly (readonly [name: string, command: AdminCommand])[] = [
  ["rooms list", {
    help: "show the rooms that last",
    options: ["json"],
    read({ openRooms, say, options }) {
      using rooms = openRooms();
      const all = [...rooms.listRooms()];
      if (options.json) { for (const room of all) say(printableJson(record(room))); }
      else for (const line of alignTable(listRows(all), [4, 6], MAX_CELL_WIDTH)) say(line);
    },
  }],
  ["rooms show", {
    args: ["ROOM"],
    help: "show all that holds in a room: roles, invitations, bans and mutes",
    options: ["json"],
    read({ openRooms, say, options }, name) {
      using rooms = openRooms();
      const folded = readRoom(name!);
      const [room] = rooms.listRooms(folded);
      const stored = rooms.showRoom(folded);
      if (room === undefined || stored === undefined) throw noRoom("show", name!);
      if (options.json) return say(printableJson(fullRecord(room, stored)));
      for (const line of alignTable(factRows(room), [], 2 * MAX_CELL_WIDTH)) say(line);
      const people = peopleRows(stored);
      if (people.length === 0) return;
      say("");
      const head = ["WHO", "IS", "UNTIL", "BY", "REASON"];
      for (const line of alignTable([head, ...people], [], MAX_CELL_WIDTH)) say(line);
    },
  }],
  ["rooms remove", {
    args: ["ROOM"],
    help: "end a room with all that was said there; who is in is told and taken out",
    async change({ change, say }, name) {
      const room = await change("removeRoom", readRoom(name!));
      if (room === undefined) throw noRoom("remove", name!);
      const deletes = room.kept === 0
        ? ""
        : `; it, or else the next one, deletes ${count(room.kept, "message")}`;
      say(`Removed ${room.name}; a running server takes everybody out within 2 s${deletes}`);
    },
  }],
  ["rooms grant", {
    args: ["ROOM", "NAME", "ROLE"],
    help: "make an account owner, moderator or member of a room",
    async change({ change, say }, name, account, role) {
      const folded = readRoom(name!);
      const who = readName(account!);
      if (!isRole(role)) {
        throw new UsageError(
          `ROLE must be owner, moderator or member, received '${printable(role ?? "")}'`,
        );
      }
      const granted = await change("grantRoom", folded, who, role);
      if (granted === undefined) throw noRoom("grant", name!);
      if (typeof granted === "string") throw notGranted(granted, account!, name!);
      say(`${granted.name} is ${role === "owner" ? "an" : "a"} ${role} of ${granted.room}`);
    },
  }],
];

function isRole(text: string | undefined): text is RoomRole {
  return text !== undefined && ROLES.includes(text);
}

function noRoom(what: string, name: string): StartError {
  return new StartError(`Cannot ${what}: there is no room '${name}' that lasts`);
}

function notGranted(why: WriteRefusal, account: string, room: string): StartError {
  switch (why) {
    case "no-account":
      return new StartError(`Cannot grant: there is no account '${account}'`);
    case "last-owner":
      return new StartError(
        `Cannot grant: '${account}' is the only owner of '${room}'; make somebody else one first`,
      );
    case "too-many":
      return new StartError(
        `Cannot grant: '${room}' has ${LIMITS.maxRoomRoles} owners and moderators, which is the most`,
      );
  }
}

function listRows(rooms: readonly RoomRecord[]): string[][] {
  return [
    ["ROOM", "TOPIC", "OWNERS", "HOW", "MEMBERS", "LAST IN", "KEPT"],
    ...rooms.map((room) => [
      ...[room.name, room.topic, room.owners.join(", "), how(room), String(room.members)],
      ...[day(room.lastIn), String(room.kept)],
    ]),
  ];
}

function factRows(room: RoomRecord): string[][] {
  return [
    ["room", room.name],
    ["topic", room.topic],
    ["how", how(room)],
    ["made", day(room.made)],
    ["last in", day(room.lastIn)],
    ["members", String(room.members)],
    ["kept", count(room.kept, "message")],
  ].filter(([, value]) => value !== "");
}

/** Everybody who is more, or may less, than any member. */
function peopleRows({ roles, invited, sanctions }: StoredRoom): string[][] {
  return [
    ...["owner", "moderator"].flatMap((role) =>
      roles.filter((one) => one.role === role).map(({ name }) => [name, role])
    ),
    ...invited.map(({ name }) => [name, "invited"]),
    ...["ban", "mute"].flatMap((kind) =>
      sanctions.filter((one) => one.kind === kind).map(sanctionRow)
    ),
  ];
}

function sanctionRow({ kind, name, isAccount, until, by, reason }: StoredSanction): string[] {
  return [
    isAccount ? name : `${name} (guest)`,
    kind === "ban" ? "banned" : "muted",
    until === undefined ? "for good" : localTime(until),
    by || "(removed)",
    reason,
  ];
}

function how({ isPrivate, isModerated, slow }: RoomRecord): string {
  return [
    isPrivate ? "private" : "",
    isModerated ? "moderated" : "",
    slow > 0 ? `slow (${durationInWords(slow)})` : "",
  ].filter((word) => word !== "").join(", ");
}

function record(room: RoomRecord): object {
  const { name, topic, owners, isPrivate, isModerated, slow, members, made, lastIn, kept } = room;
  return {
    ...{ room: name, topic, owners, private: isPrivate, moderated: isModerated, slow, members },
    ...{ made, last_in: lastIn, kept },
  };
}

function fullRecord(room: RoomRecord, { roles, invited, sanctions }: StoredRoom): object {
  return {
    ...record(room),
    roles: roles.map(({ name, role }) => ({ account_name: name, role })),
    invited: invited.map(({ name }) => name),
    sanctions: sanctions.map(({ kind, name, isAccount, until, by, reason }) => ({
      ...{ kind, user: name, guest: !isAccount, until, by, reason },
    })),
  };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** The day (UTC) of a time in Unix seconds. */
function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
