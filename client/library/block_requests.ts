/**
 * Requests about whose messages one does not want.
 *
 * @module
 */

import { HistoryRequests } from "./history_requests.ts";
import type { CallOptions } from "./options.ts";

/** The part of a `JimClient` that is about blocking others. */
export abstract class BlockRequests extends HistoryRequests {
  /**
   * Takes no direct messages from an account any more, or takes them again. The other one is told nothing, but each of
   * their messages is refused. What they say in rooms is not touched, nor is what waits already.
   *
   * @param on `false`: they may write again.
   * @throws {RefusedError} 400 oneself; 403 a guest asks, or 1000 accounts are blocked; 404 there is no such account.
   */
  block(user: string, on: boolean = true, options: CallOptions = {}): Promise<void> {
    return this.demand("block", { event: "block", user, on }, options, () => {});
  }

  /**
   * From which accounts one takes no direct messages.
   *
   * @returns Their names, sorted.
   * @throws {RefusedError} 403 a guest asks.
   */
  blocked(options: CallOptions = {}): Promise<string[]> {
    return this.demand("block", { event: "block" }, options, ({ blocked = [] }) => blocked);
  }
}
