/**
 * The numbers of conversations, by which keys reach them.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";

/** More conversations than this have no number: else whoever writes under many names would fill the memory. */
const MAX_NUMBERS = 99;

/** A conversation and its number. */
export interface NumberedName {
  /** From 1. */
  readonly number: number;
  /** With whom, or in which room. */
  readonly name: string;
}

/**
 * Gives each conversation the lowest number that is free. It keeps its number as long as it is there, so that fingers can
 * learn it.
 */
export class ConversationNumbers {
  readonly #names: (string | undefined)[] = [];

  /** All that have a number, by their numbers. */
  get all(): NumberedName[] {
    return this.#names.flatMap((name, index) =>
      name === undefined ? [] : [{ number: index + 1, name }]
    );
  }

  /** The conversation is there; it has a number already, or gets one if there is one left. */
  add(name: string): void {
    if (this.of(name) !== undefined) return;
    const free = this.#names.indexOf(undefined);
    const index = free === -1 ? this.#names.length : free;
    if (index < MAX_NUMBERS) this.#names[index] = name;
  }

  /** The conversation is over: its number is free. */
  remove(name: string): void {
    const number = this.of(name);
    if (number !== undefined) this.#names[number - 1] = undefined;
  }

  /** The number of a conversation, if it has one. */
  of(name: string): number | undefined {
    const folded = foldName(name);
    const index = this.#names.findIndex((other) =>
      other !== undefined && foldName(other) === folded
    );
    return index === -1 ? undefined : index + 1;
  }

  /** The conversation of a number, if there is one. */
  at(number: number): string | undefined {
    return this.#names[number - 1];
  }

  /**
   * The conversation that comes next by its number; behind the last comes the first.
   *
   * @param name Where to begin; without a number, or without a name, before the first.
   * @param step Forward, or back.
   * @returns Nothing if there is no other.
   */
  neighbour(name: string | undefined, step: 1 | -1): string | undefined {
    const names = this.all.map((one) => one.name);
    const number = name === undefined ? undefined : this.of(name);
    const here = number === undefined ? -1 : names.indexOf(this.at(number)!);
    if (here === -1) return names.at(step === 1 ? 0 : -1);
    return names.length === 1 ? undefined : names.at((here + step) % names.length);
  }
}
