/**
 * Who is online, or who is in a room: people by folded name, listed in order.
 *
 * @module
 */

/** What a registry needs to know of whom it lists. */
export interface Named {
  /** The name under which somebody is looked up. */
  readonly folded: string;
}

/**
 * A set of members by folded name. It is sorted when a list is asked for first and kept in order from then on,
 * since asking is cheap for a peer and sorting thousands is not for the server.
 *
 * @typeParam Member Who is listed.
 */
export class Registry<Member extends Named> {
  readonly #members = new Map<string, Member>();
  /** From the first time on that a list is asked for, kept in order. */
  #sorted: Member[] | undefined;
  #summary: unknown;

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
    this.#sorted?.splice(this.#place(member), 0, member);
    this.#summary = undefined;
    return true;
  }

  /** Removes this very member; `false` if it was not in. */
  remove(member: Member): boolean {
    if (!this.has(member)) return false;
    this.#members.delete(member.folded);
    this.#sorted?.splice(this.#place(member), 1);
    this.#summary = undefined;
    return true;
  }

  /** The members in the order in which they came. */
  values(): IterableIterator<Member> {
    return this.#members.values();
  }

  /** The members by folded name, in code unit order. Valid until somebody comes or goes. */
  sorted(): readonly Member[] {
    this.#sorted ??= [...this.#members.values()].sort((a, b) => a.folded < b.folded ? -1 : 1);
    return this.#sorted;
  }

  /**
   * What somebody makes of the members, made again only after somebody came, went or {@linkcode Registry.changed}:
   * asking for it is cheap for a peer, making it is not for the server.
   *
   * @param make Makes it; always the same function.
   */
  summary<T>(make: (members: readonly Member[]) => T): T {
    return (this.#summary ??= make(this.sorted())) as T;
  }

  /** Something about a member has changed that a summary may tell. */
  changed(): void {
    this.#summary = undefined;
  }

  /** Where a member stands in the sorted list, or has to stand. */
  #place({ folded }: Member): number {
    let [low, high] = [0, this.#sorted!.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted![middle]!.folded < folded) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
