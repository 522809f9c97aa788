/**
 * Finding what is in a stream with gaps.
 *
 * @module
 */

import type { MsgRequest } from "@nats-io/jetstream";

import type { JetStreamManager, StoredMessage } from "./client_types.ts";

/**
 * The first message of a subject, which may have wildcards, from a number on; `null` if there is none.
 *
 * @param seq From 1 on.
 */
export function nextMessage(
  manager: JetStreamManager,
  stream: string,
  { seq, subject }: { readonly seq: number; readonly subject: string },
): Promise<StoredMessage | null> {
  // Servers have it from 2.9.0 on; the client's type has it for reads of copies only, which may lag.
  const query = { seq, next_by_subj: subject } as MsgRequest;
  return manager.streams.getMessage(stream, query);
}
