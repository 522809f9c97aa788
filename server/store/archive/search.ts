import type { Found, MessageSearch } from "../messages.ts";
import type { Hits, IndexLook, Lead, SearchRange } from "./look.ts";
import type { ArchiveCall, CallArguments, CallResult, Done } from "./runner.ts";
import { StepSize } from "./step_size.ts";

/** Asks the archive, when it is one's turn. */
export type Ask = <Call extends ArchiveCall>(
  call: Call,
  ...args: CallArguments<Call>
) => Promise<Done<Call>>;

/** Scopes of one look into the index: others have their turns between two looks. */
const SCOPES = { goalMs: 10, first: 8, min: 1, max: 32 };
/** Milliseconds of a look: of the first one, which is enough for what many messages have, and of each further one. */
const FIRST_MS = 4;
const FURTHER_MS = 15;
/** Messages of one look at most, where many of those that were found are gone. */
const MAX_HITS = 1_000;

/**
 * Searches, in steps of a few milliseconds.
 *
 * @returns See `Store.search`.
 */
export function findMessages(ask: Ask, search: MessageSearch): Promise<Found | undefined> {
  return new Finding(ask, search).run();
}

/** One search. */
class Finding {
  readonly #ask: Ask;
  readonly #search: MessageSearch;
  readonly #scopes = new StepSize(SCOPES);
  #ms = 0;

  constructor(ask: Ask, search: MessageSearch) {
    this.#ask = ask;
    this.#search = search;
  }

  async run(): Promise<Found | undefined> {
    const { limit, account, rooms, other, from, after } = this.#search;
    const range = await this.#call("findRange", { account, rooms, other, from, after });
    if (range === undefined) return undefined;
    const found: number[] = [];
    // One more than is wanted says whether there is more. Of ended conversations there may be any number that nobody
    // may read any more, until the retention has come to them: then further.
    for (let wanted = limit + 1;; wanted = Math.min(MAX_HITS, wanted * 2)) {
      const hits = await this.#look({ ...range, before: found.at(-1) ?? range.before }, wanted);
      found.push(...hits);
      const page = await this.#call("readHits", found, limit);
      if (page.more || hits.length < wanted) return { ...page, ms: this.#ms };
    }
  }

  /** The newest messages in a range, so many at most, the highest number first. */
  async #look({ scopes, marks, before }: SearchRange, limit: number): Promise<number[]> {
    let newest: number[] = [];
    for (let n = 0; n < scopes.length;) {
      const some = scopes.slice(n, n + this.#scopes.units);
      n += some.length;
      newest = await this.#lookInto({ scopes: some, marks, before }, limit, newest);
    }
    return newest;
  }

  /** The newest of some messages and of those in a range. */
  async #lookInto(range: SearchRange, limit: number, newest: number[]): Promise<number[]> {
    const { text } = this.#search;
    let all = newest;
    let before: number | undefined = range.before;
    let lead: Lead | undefined;
    for (let isFirst = true;; isFirst = false) {
      // What is older than all of those that are found already is not wanted.
      const above = all.length === limit ? all.at(-1)! : 0;
      if (before === undefined || before <= above + 1) return all;
      const took = this.#ms;
      const ms = isFirst ? FIRST_MS : FURTHER_MS;
      const look: IndexLook = { ...range, text, before, above, limit, lead, isFirst, ms };
      const found: Hits = await this.#call("findHits", look);
      if (isFirst) this.#scopes.took(this.#ms - took);
      all = [...new Set([...all, ...found.hits])].sort((a, b) => b - a).slice(0, limit);
      ({ next: before, lead } = found);
    }
  }

  async #call<Call extends ArchiveCall>(
    call: Call,
    ...args: CallArguments<Call>
  ): Promise<CallResult<Call>> {
    const { value, ms } = await this.#ask(call, ...args);
    this.#ms += ms;
    return value;
  }
}
