/**
 * A value that comes later, at a fraction of what a promise costs.
 *
 * @module
 */

/** Is told once, either way. */
export interface Waiter<T> {
  /** This is the value. */
  settled(value: T): void;
  /** There will be none. */
  failed(error: unknown): void;
}

/**
 * A value that comes later, for one who waits for it. Who waits is told in the very moment, not in a microtask: so hundreds
 * that are known together are told without a promise, a reaction and two functions for each. It can be awaited all the
 * same, like any promise.
 *
 * @typeParam T The value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const later = new Later<number>();
 * const text = later.map((value) => `${value} pieces`);
 * later.settle(7);
 * assertEquals(await text, "7 pieces");
 * ```
 */
export class Later<T> implements PromiseLike<T> {
  #waiter: Waiter<T> | undefined;
  #outcome: { readonly value: T } | { readonly error: unknown } | undefined;

  /** The value is known. To be called once, or {@linkcode Later.fail} is. */
  settle(value: T): void {
    if (this.#waiter === undefined) this.#outcome = { value };
    else this.#waiter.settled(value);
  }

  /** There is none. */
  fail(error: unknown): void {
    if (this.#waiter === undefined) this.#outcome = { error };
    else this.#waiter.failed(error);
  }

  /** Has somebody told, at once if it is known. To be called once. */
  tell(waiter: Waiter<T>): void {
    this.#waiter = waiter;
    if (this.#outcome === undefined) return;
    if ("value" in this.#outcome) waiter.settled(this.#outcome.value);
    else waiter.failed(this.#outcome.error);
  }

  /** What is made of the value; what throws there is the error then. */
  map<U>(make: (value: T) => U): Later<U> {
    const mapped = new Mapped(make);
    this.tell(mapped);
    return mapped;
  }

  /** The same, but with a value in place of an error; what throws there is the error then. */
  recover(make: (error: unknown) => T): Later<T> {
    const recovered = new Recovered(make);
    this.tell(recovered);
    return recovered;
  }

  /** See `PromiseLike.then`. Tells by way of a promise. */
  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return new Promise<T>((settled, failed) => this.tell({ settled, failed }))
      .then(onValue, onError);
  }
}

class Mapped<T, U> extends Later<U> implements Waiter<T> {
  readonly #make: (value: T) => U;

  constructor(make: (value: T) => U) {
    super();
    this.#make = make;
  }

  settled(value: T): void {
    let made: U;
    try {
      made = this.#make(value);
    } catch (error) {
      return this.fail(error);
    }
    this.settle(made);
  }

  failed(error: unknown): void {
    this.fail(error);
  }
}

class Recovered<T> extends Later<T> implements Waiter<T> {
  readonly #make: (error: unknown) => T;

  constructor(make: (error: unknown) => T) {
    super();
    this.#make = make;
  }

  settled(value: T): void {
    this.settle(value);
  }

  failed(error: unknown): void {
    let made: T;
    try {
      made = this.#make(error);
    } catch (error) {
      return this.fail(error);
    }
    this.settle(made);
  }
}
