/**
 * Requests that come twice, because their sender did not see the first answer.
 *
 * @module
 */

import { createHash } from "node:crypto";

import type { RequestId } from "../../common/wire/protocol.ts";

/** What a message is recognised by when it comes again. */
export interface Repeatable {
  /** The sender: an account, folded, or a guest's session, which is no name. */
  readonly from: string;
  /** The addressee, folded. */
  readonly to: string;
  /** The request's id; only a text tells requests apart for sure. */
  readonly id: RequestId | undefined;
  /** The text as JSON, so that every lone surrogate counts. */
  readonly textJson: string;
}

/** What a repeat has in common with the first request, and no other has; `undefined` for what has no text as its id. */
export function fingerprintOf({ from, to, id, textJson }: Repeatable): string | undefined {
  if (typeof id !== "string") return undefined;
  const hash = createHash("sha256").update(JSON.stringify([from, to, id]) + textJson);
  return hash.digest("base64url").slice(0, 22);
}

/** Work that is done once, however often it is asked for meanwhile. What is done is for the store to know. */
export class Repeats<T> {
  readonly #underWay = new Map<string, Promise<T>>();

  /** What comes of work that is under way. */
  find(fingerprint: string): Promise<T> | undefined {
    return this.#underWay.get(fingerprint);
  }

  /** Does work, unless the same is under way: then gives what comes of that. */
  once(fingerprint: string | undefined, work: () => Promise<T>): Promise<T> {
    if (fingerprint === undefined) return work();
    const earlier = this.#underWay.get(fingerprint);
    if (earlier !== undefined) return earlier;
    const done = work();
    this.#underWay.set(fingerprint, done);
    const forget = (): void => {
      this.#underWay.delete(fingerprint);
    };
    done.then(forget, forget); // not `finally`, which makes three promises more
    return done;
  }
}
