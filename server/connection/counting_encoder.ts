/**
 * How much is written, counted where it becomes bytes.
 *
 * @module
 */

import { type Encoder, SlabEncoder } from "../../common/wire/slab_encoder.ts";
import type { Counters } from "../metrics/counters.ts";

/** The encoder of all connections: each text that it encodes is one that is handed to a connection's write. */
export class CountingEncoder implements Encoder {
  readonly #encoder = new SlabEncoder();
  readonly #counters: Counters;

  /** Counts in `counters.bytesWritten`. */
  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** See {@linkcode SlabEncoder.encode}. */
  encode(text: string): Uint8Array {
    const bytes = this.#encoder.encode(text);
    this.#counters.bytesWritten += bytes.length;
    return bytes;
  }
}
