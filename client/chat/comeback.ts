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
  #isLost = false;

  /** What the prompt begins with. */
  get prompt(): TextKey {
    return this.#refused?.code === CODE.conflict ? "promptNameTaken" : "promptOffline";
  }

  /** The connection is back. */
  succeeded(): void {
    this.#isLost = false;
    this.#refused = undefined;
  }

  /**
   * The connection was lost, or an attempt to get it back has failed.
   *
   * @returns What is to be said now, if anything.
   */
  failed(error: Error): Extract<TextKey, "lost" | "notLetIn"> | undefined {
    const before = this.#refused;
    this.#refused = error instanceof RefusedError ? error : undefined;
    if (!this.#isLost) {
      this.#isLost = true;
      return "lost";
    }
    return this.#refused === undefined || this.#refused.code === before?.code
      ? undefined
      : "notLetIn";
  }
}
