/**
 * While a lost connection is not back.
 *
 * @module
 */

import { CODE } from "../../common/wire/protocol.ts";
import { RefusedError } from "../library/errors.ts";
import type { TextKey } from "../texts/texts.ts";

/** Knows why, and says each reason once. */
export class Comeback {
  /** Why the server, which is back, does not let the person in. */
  #refused: RefusedError | undefined;

  /** What the prompt begins with. */
  get prompt(): TextKey {
    return this.#refused?.code === CODE.conflict ? "promptNameTaken" : "promptOffline";
  }

  /** The connection is back. */
  succeeded(): void {
    this.#refused = undefined;
  }

  /**
   * The connection was lost, or an attempt to get it back has failed.
   *
   * @param attempt Which attempt comes next.
   * @returns What is to be said now, if anything.
   */
  failed(error: Error, attempt: number): Extract<TextKey, "lost" | "notLetIn"> | undefined {
    const before = this.#refused;
    this.#refused = error instanceof RefusedError ? error : undefined;
    if (attempt === 1) return "lost";
    return this.#refused === undefined || this.#refused.code === before?.code
      ? undefined
      : "notLetIn";
  }
}
