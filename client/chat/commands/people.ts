/**
 * Commands about people: who is there, what they say about themselves, who waits for an answer.
 *
 * @module
 */

import { foldName, hasNameShape, hasRoomShape } from "../../../common/names.ts";
import { isRoomAddress } from "../../../common/wire/protocol.ts";
import type { Chat } from "../chat.ts";
import { renderWho } from "../render.ts";
import { renderWhois } from "../render_whois.ts";
import { type ChatCommand, wordOf } from "./command.ts";

/** In the order of the help. */
export const PEOPLE_COMMANDS: readonly ChatCommand[] = [
  {
    name: "who",
    russian: "кто",
    aliases: ["w"],
    usage: "[#ROOM]",
    help: "helpWho",
    more: "helpWhoMore",
    run(chat, rest) {
      const room = rest.trim() || undefined;
      if (room !== undefined && !hasRoomShape(room)) {
        chat.fail("roomName", { room });
        return;
      }
      chat.later(async () => {
        const { users, total } = await chat.client.who(room);
        const names = users.map(({ account_name }) => account_name);
        chat.names.add(names);
        if (room !== undefined && chat.isIn(room)) chat.members.set(room, names);
        chat.ui.show(...renderWho(users, total, room, chat.speaker));
      });
    },
  },
  {
    name: "whois",
    russian: "ктоэто",
    aliases: [],
    usage: "[NAME]",
    help: "helpWhois",
    more: "helpWhoisMore",
    isRare: true,
    run(chat, rest) {
      const { current = "" } = chat.conversations;
      const name = rest.trim() || (isRoomAddress(current) ? "" : current);
      if (name === "") chat.fail("whoisWhom", { command: wordOf(this, chat.speaker) });
      else if (!hasNameShape(name)) chat.fail("nameWrong");
      else {
        chat.later(async () => {
          const found = await chat.client.whois(name);
          chat.names.add([found.name]);
          chat.ui.show(...renderWhois(found, chat.clock.epochMs(), chat.speaker));
        });
      }
    },
  },
  {
    name: "away",
    russian: "отошёл",
    aliases: ["отошел", "отошла"],
    usage: "[TEXT]",
    help: "helpAway",
    more: "helpAwayMore",
    isRare: true,
    run(chat, rest) {
      const reason = rest.trim();
      if (reason === "" && chat.client.away === undefined) return chat.tell("awayNot");
      chat.later(async () => {
        await chat.client.setAway(reason);
        if (reason === "") chat.tell("awayOver");
        else chat.tell("awaySet", { reason, slash: chat.slash });
        chat.ui.refresh();
      });
    },
  },
  {
    name: "status",
    russian: "статус",
    aliases: [],
    usage: "[TEXT]",
    help: "helpStatus",
    run(chat, rest) {
      const status = rest.trim();
      chat.later(async () => {
        await chat.client.setStatus(status);
        if (status === "") chat.tell("statusCleared");
        else chat.tell("statusSet", { status });
      });
    },
  },
  {
    name: "block",
    russian: "заблокировать",
    aliases: ["ignore"],
    usage: "[NAME]",
    help: "helpBlock",
    more: "helpBlockMore",
    isRare: true,
    run(chat, rest) {
      const name = rest.trim();
      if (name !== "") return setBlocked(chat, name, true);
      chat.later(async () => {
        const names = await chat.client.blocked();
        chat.names.add(names);
        if (names.length === 0) chat.tell("blockedNone");
        else chat.tell("blockedList", { names: names.join(", ") });
      });
    },
  },
  {
    name: "unblock",
    russian: "разблокировать",
    aliases: ["unignore"],
    usage: "NAME",
    help: "helpUnblock",
    isRare: true,
    run(chat, rest) {
      const name = rest.trim();
      if (name === "") chat.fail("unblockWhom", { command: wordOf(this, chat.speaker) });
      else setBlocked(chat, name, false);
    },
  },
  {
    name: "unread",
    russian: "непрочитанное",
    aliases: ["u"],
    usage: "",
    help: "helpUnread",
    run(chat) {
      chat.later(() => chat.past.unread());
    },
  },
];

/** Takes no direct messages from somebody any more, or takes them again. */
function setBlocked(chat: Chat, name: string, isOn: boolean): void {
  if (!hasNameShape(name)) {
    chat.fail("nameWrong");
  } else if (foldName(name) === foldName(chat.client.name ?? "")) {
    chat.fail("blockSelf");
  } else {
    chat.later(async () => {
      await chat.client.block(name, isOn);
      chat.tell(isOn ? "blocked" : "unblocked", { name });
    });
  }
}
