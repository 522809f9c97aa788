/**
 * What this server serves.
 *
 * @module
 */

import type { AuthenticateRequest, PresenceRequest } from "../common/wire/protocol.ts";
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
    ...["resume", "rooms", "moderation", "block"],
    ...(historyDays > 0 ? ["history", "search"] : []),
    ...(classic ? ["unframed"] : []),
  ];
}

/** Whether a client that goes online takes lists of who came into a room and who left. */
export function asksForGathered(
  { features }: Pick<PresenceRequest | AuthenticateRequest, "features">,
): boolean {
  return features?.includes("gathered") ?? false;
}
