import { LIMITS } from "../../common/limits.ts";
import { foldName } from "../../common/names.ts";
import type { User } from "../people/user.ts";
import type { Room } from "../rooms/room.ts";
import type { KeptMessage } from "../store/messages.ts";
import type { Store } from "../store/store.ts";
import { Envelope, Message } from "./message.ts";

/**
 * Sends a user what was kept of a room behind a number: for a session that was in that room on another node up to there.
 * When it resolves, in that very turn, nothing has been put out here that the user does not have: whoever lets them in at
 * once has nothing lost and nothing doubled. What they have said themselves is left out, and what was deleted.
 *
 * @param behind The number of the last message that the other node has put out; 0 for none.
 * @returns `undefined` if nothing is kept of that room: then nothing has to be waited for.
 * @throws {StoreError} If the store fails.
 */
export function readOn(
  store: Pick<Store, "historyDays" | "nameStatus" | "listMessages">,
  user: User,
  room: Room,
  behind: number,
): Promise<void> | undefined {
  const { lasting } = room;
  if (lasting === undefined || store.historyDays === 0) return undefined;
  return (async () => {
    // Any question waits until this node has put out what the other one had: so nothing comes here that was sent there.
    await store.nameStatus(user.folded);
    for (let after = behind; lasting.last > after && user.isOnline;) {
      const { last, conversation } = lasting;
      const limit = LIMITS.maxHistoryMessages;
      const page = await store.listMessages(conversation!, { after, before: last + 1, limit });
      for (const message of page.messages) send(user, message, conversation!);
      after = page.more ? page.messages.at(-1)!.seq : last;
    }
  })();
}

function send(user: User, kept: KeptMessage, conversation: number): void {
  const { message, from, to, time, id, seq } = kept;
  if (message === undefined || foldName(from) === user.folded) return;
  const envelope = new Envelope(addressOf(from), addressOf(to), time);
  const place = { conversation, seq };
  const it = new Message(envelope, JSON.stringify(message), id, undefined, place, kept);
  user.send(it.lineFor(user.key));
}

function addressOf(name: string): { readonly name: string; readonly nameJson: string } {
  return { name, nameJson: JSON.stringify(name) };
}
