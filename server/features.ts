/**
 * What this server serves.
 *
 * @module
 */

import type { ServerSettings } from "./flags.ts";
import type { Store } from "./store/store.ts";

/**
 * Extensions of the protocol that are served in full, as clients are told when they go online. The one list of them.
 *
 * @param store Where nothing is kept, nothing can be asked for.
 */
export function featuresOf(
  { historyDays }: Pick<Store, "historyDays">,
  { classic }: Pick<ServerSettings, "classic">,
): readonly string[] {
  return [
    "resume",
    ...(historyDays > 0 ? ["history", "search"] : []),
    ...(classic ? ["unframed"] : []),
  ];
}
