/**
 * What waits for the person.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Conversation } from "../../common/wire/protocol.ts";
import type { Speaker } from "../texts/texts.ts";
import type { Unread } from "./conversations.ts";

/** Names in one line. */
const MAX_NAMED = 20;

/**
 * What is unread: as the server counts it where it keeps a conversation, else as this client has counted.
 *
 * @param kept As the server lists them; nothing if it lists none.
 * @param counted What has come in this session and was neither answered nor opened.
 */
export function mergeUnread(
  kept: readonly Conversation[] | undefined,
  counted: readonly Unread[],
): Unread[] {
  const listed = new Set(kept?.map((one) => foldName(one.with)));
  return [
    ...(kept ?? []).filter(({ unread }) => unread > 0)
      .map(({ with: name, unread: count }) => ({ name, count })),
    ...counted.filter(({ name }) => !listed.has(foldName(name))),
  ];
}

/** The same in one line: `Unread: bob 3, #dev 12`. */
export function unreadWords(unread: readonly Unread[], speaker: Speaker): string {
  if (unread.length === 0) return speaker.say("unreadNone");
  const list = fewNames(unread.map(({ name, count }) => `${name} ${count}`), speaker);
  return speaker.say("unreadList", { list });
}

/** The first twenty of some names, and how many more there are. */
export function fewNames(names: readonly string[], { say }: Speaker): string {
  const more = names.length - MAX_NAMED;
  const few = names.slice(0, MAX_NAMED);
  return (more > 0 ? [...few, say("unreadMore", { count: more })] : few).join(", ");
}
