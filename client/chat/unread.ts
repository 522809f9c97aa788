/**
 * What waits for the person.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import type { Conversation } from "../../common/wire/protocol.ts";
import type { Speaker } from "../texts/texts.ts";
import type { Unread } from "./conversations.ts";

/** Conversations that one line names. */
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
export function unreadWords(unread: readonly Unread[], { say }: Speaker): string {
  if (unread.length === 0) return say("unreadNone");
  const named = unread.slice(0, MAX_NAMED).map(({ name, count }) => `${name} ${count}`);
  const more = unread.length - named.length;
  const list = more > 0 ? [...named, say("unreadMore", { count: more })] : named;
  return say("unreadList", { list: list.join(", ") });
}
