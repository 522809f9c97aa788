/**
 * Who is somewhere: members by folded name, listed in order.
 *
 * @module
 */

/** What a roster needs to know of a member. */
export interface Named {
  /** The name under which the member is looked up. */
  readonly folded: string;
}

/**
 * A set of members by folded name. Sorting is done when a list is asked for and kept until somebody comes or
 * goes, since asking is cheap for a peer and sorting thousands is not for the server.
 *
 * @typeParam Member Who is listed.
 */
export class Roster<Member extends Named> {
  readonly #members = new Map<string, Member>();
  #sorted: readonly Member[] | undefined;

  /** How many there are. */
  get size(): number {
    return this.#members.size;
  }

  /** The member of that folded name. */
  find(folded: string): Member | undefined {
    return this.#members.get(folded);
  }

  /** Whether this very member is in. */
  has(member: Member): boolean {
    return this.#members.get(member.folded) === member;
  }

  /** Adds a member, unless the name is taken: then nothing happens and the result is `false`. */
  add(member: Member): boolean {
    if (this.#members.has(member.folded)) return false;
    this.#members.set(member.folded, member);
    this.#sorted = undefined;
    return true;
  }

  /** Removes this very member; `false` if it was not in. */
  remove(member: Member): boolean {
    if (!this.has(member)) return false;
    this.#members.delete(member.folded);
    this.#sorted = undefined;
    return true;
  }

  /** The members in the order in which they came. */
  values(): IterableIterator<Member> {
    return this.#members.values();
  }

  /** The members by folded name, in code unit order. */
  sorted(): readonly Member[] {
    this.#sorted ??= [...this.#members.values()].sort((a, b) => a.folded < b.folded ? -1 : 1);
    return this.#sorted;
  }
}
