import { assertEquals } from "@std/assert";

import type { RawClient } from "./raw_client.ts";

/** What {@linkcode stall} sends: 16 KiB. */
export const STALL_MESSAGE = "\u{20bb7}".repeat(4_096);

/** Asks for one answer to so many messages; enough to keep both sides busy. */
const BATCH = 20;

/**
 * Makes a reader stop reading, and messages it until the server takes no more for it.
 *
 * @param reader Who stops reading.
 * @param name The reader's name.
 * @param sender Who sends; the server must not limit its rate.
 * @returns How many messages were accepted. Their ids are 0, 1, 2 …
 */
export async function stall(reader: RawClient, name: string, sender: RawClient): Promise<number> {
  reader.pause();
  let accepted = 0;
  for (let id = 0;; id += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, i) => id + i);
    await sender.send(
      ...batch.map((id) => ({ event: "msg", to: name, message: STALL_MESSAGE, id })),
    );
    let isFull = false;
    for (const id of batch) {
      const answer = await sender.response();
      assertEquals(answer.id, id);
      if (isFull) assertEquals(answer.response, 410, "once full, it stays so");
      isFull ||= answer.response === 410;
      if (!isFull) assertEquals([answer.response, accepted++], [200, id]);
    }
    if (isFull) return accepted;
  }
}
