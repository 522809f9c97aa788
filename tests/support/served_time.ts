/** How often it is looked whether the process gets its turn. */
const STEP_MS = 10;

/**
 * Time in which this process got its turns: a clock for what is promised of a machine that has time for it. Where ten
 * programs want one core, it runs a tenth as fast, as they do. On an idle machine it is the time of day.
 */
export class ServedTime implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  #ms = 0;
  #last = performance.now();

  /** Begins with 0. */
  constructor() {
    this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  /** Milliseconds until now. */
  get ms(): number {
    this.#step();
    return this.#ms;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #step(): void {
    const now = performance.now();
    this.#ms += Math.min(now - this.#last, 2 * STEP_MS); // a turn may come a little late on any machine
    this.#last = now;
  }
}
