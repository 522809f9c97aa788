/**
 * What this server serves.
 *
 * @module
 */

import type { Store } from "./store/store.ts";

const ALWAYS: readonly string[] = ["resume", "rooms", "moderation"];
const WITH_HISTORY: readonly string[] = [...ALWAYS, "history", "search"];

/**
 * Extensions of the protocol that are served in full, as clients are told when they go online. The one list of them.
 *
 * @param store Where nothing is kept, nothing can be asked for.
 */
export function featuresOf({ historyDays }: Pick<Store, "historyDays">): readonly string[] {
  return historyDays > 0 ? WITH_HISTORY : ALWAYS;
}
