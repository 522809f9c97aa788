/**
 * Notices a link that is silently dead.
 *
 * @module
 */

import type { Clock, Timer } from "../../common/clock.ts";

/** How a {@linkcode SilenceWatch} behaves. */
export interface SilenceWatchOptions {
  /** Where time comes from. */
  clock: Clock;
  /** The server is probed after this many milliseconds without a byte from it. */
  intervalMs: number;
  /** The server has this many milliseconds to send any byte after a probe. */
  timeoutMs: number;
  /** Whether bytes are read at the moment: if not, it is not the server that is silent. */
  isReading: () => boolean;
  /** Whether a request waits for its answer: that does as well as a probe. */
  isAwaitingAnswer: () => boolean;
  /** Sends a probe. */
  probe: () => void;
  /** Called when the time for an answer is over; `idleMs` is how long nothing came. */
  onSilence: (idleMs: number) => void;
}

/**
 * Probes a silent server and tells when it does not answer: `intervalMs + timeoutMs` after its last byte.
 *
 * If this process was stopped for a while, the server is probed once more, and has all its time for the answer.
 *
 * While nothing is read, probes go out every `intervalMs`: they tell the server that this side is there, and it
 * is never called silent.
 */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  readonly #clock: Clock;
  #lastByteMs: number;
  #probedMs: number | undefined;
  #dueMs = 0;
  #timer: Timer | undefined;

  /**
   * Watches nothing yet.
   *
   * @param options See {@linkcode SilenceWatchOptions}.
   */
  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#lastByteMs = this.#clock.monotonicMs();
  }

  /** From now on the server may not be silent. Does nothing if it is watched already. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#lastByteMs = this.#clock.monotonicMs();
    this.#arm(this.#options.intervalMs);
  }

  /** Watches no more; not to be started again. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  /** The server sent something. */
  heard(): void {
    this.#lastByteMs = this.#clock.monotonicMs();
    this.#probedMs = undefined;
  }

  #arm(ms: number): void {
    this.#dueMs = this.#clock.monotonicMs() + ms;
    this.#timer = this.#clock.setTimeout(() => this.#check(), ms);
  }

  #check(): void {
    const { intervalMs, timeoutMs, isReading, isAwaitingAnswer, probe, onSilence } = this.#options;
    const nowMs = this.#clock.monotonicMs();
    // This process was stopped: what came meanwhile has not been read yet, so the server is asked once more.
    if (nowMs - this.#dueMs >= timeoutMs) this.#probedMs = undefined;
    const idleMs = nowMs - this.#lastByteMs;
    if (!isReading()) {
      probe();
      this.#arm(intervalMs);
    } else if (idleMs < intervalMs) {
      this.#arm(intervalMs - idleMs);
    } else if (this.#probedMs === undefined) {
      this.#probedMs = nowMs;
      if (!isAwaitingAnswer()) probe();
      this.#arm(timeoutMs);
    } else if (nowMs - this.#probedMs < timeoutMs) {
      this.#arm(timeoutMs - (nowMs - this.#probedMs));
    } else {
      onSilence(idleMs);
    }
  }
}
