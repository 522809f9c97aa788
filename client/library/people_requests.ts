/**
 * Requests about single people.
 *
 * @module
 */

import { BlockRequests } from "./block_requests.ts";
import type { CallOptions, WhoisAnswer } from "./options.ts";

/** The part of a `JimClient` that is about who somebody is. */
export abstract class PeopleRequests extends BlockRequests {
  /**
   * Asks what there is to know of somebody, who may be offline.
   *
   * @throws {RefusedError} 404 nobody of that name was ever there; 400 also if the server does not know the question.
   */
  whois(name: string, options: CallOptions = {}): Promise<WhoisAnswer> {
    return this.demand("whois", { event: "whois", user: name }, options, (response) => {
      const { account_name = name, account = false, online = false, status = "" } = response;
      const { since, last, away, rooms = [] } = response;
      return {
        name: account_name,
        isAccount: account,
        isOnline: online,
        ...(since !== undefined && { since }),
        ...(last !== undefined && { last }),
        status,
        ...(away !== undefined && away !== "" && { away }),
        rooms: rooms.filter((room) => typeof room === "string"),
      };
    });
  }
}
