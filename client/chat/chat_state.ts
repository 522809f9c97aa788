/**
 * What the row of state tells of a chat.
 *
 * @module
 */

import type { Chat } from "./chat.ts";
import type { Unread } from "./conversations.ts";
import type { ChatState, StateOfOther } from "./state_line.ts";

/**
 * Where the person is, and what waits elsewhere.
 *
 * @param trouble What the prompt begins with while there is no connection.
 */
export function chatState(
  { client, conversations, members }: Pick<Chat, "client" | "conversations" | "members">,
  trouble: "promptOffline" | "promptNameTaken",
): ChatState {
  const { current, numbers, unread } = conversations;
  const offline = trouble === "promptNameTaken" ? "stateNameTaken" : "stateOffline";
  const others = numbers.all.filter(({ name }) => !conversations.isOpen(name))
    .map(({ name, number }) => otherOf(name, number, conversations.unreadIn(name)));
  const unnumbered = unread.filter(({ name }) => numbers.of(name) === undefined)
    .map((one) => otherOf(one.name, undefined, one));
  return {
    name: client.name ?? "",
    connection: client.isOnline ? "stateOnline" : offline,
    open: current === undefined ? undefined : {
      name: current,
      number: numbers.of(current),
      members: members.count(current) || undefined,
    },
    others: [...others, ...unnumbered],
  };
}

function otherOf(
  name: string,
  number: number | undefined,
  unread: Unread | undefined,
): StateOfOther {
  return { name, number, count: unread?.count ?? 0, isMentioned: unread?.isMentioned ?? false };
}
