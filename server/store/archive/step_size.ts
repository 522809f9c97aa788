/** What a {@linkcode StepSize} is told. */
export interface StepSizeOptions {
  /** Milliseconds that a step should take. */
  readonly goalMs: number;
  /** Units of the first step. */
  readonly first: number;
  /** Units of a step at least. */
  readonly min: number;
  /** Units of a step at most. */
  readonly max: number;
}

/**
 * How much to do in one step, so that others who wait for its end wait briefly: as much as the last step suggests. It
 * grows slowly and shrinks at once.
 */
export class StepSize {
  readonly #options: StepSizeOptions;
  #units: number;

  /** Begins with the first size. */
  constructor(options: StepSizeOptions) {
    this.#options = options;
    this.#units = options.first;
  }

  /** Units of the next step; a whole number. */
  get units(): number {
    return this.#units;
  }

  /** A step has taken so long. */
  took(ms: number): void {
    const { goalMs, min, max } = this.#options;
    const factor = Math.min(1.5, goalMs / Math.max(ms, 0.01));
    const wanted = factor > 1 ? Math.ceil(this.#units * factor) : Math.floor(this.#units * factor);
    this.#units = Math.min(max, Math.max(min, wanted));
  }
}
