import type { MessageSearch, Page } from "../messages.ts";
import type { SearchRange } from "./archive.ts";
import type { ArchiveCall, CallArguments, CallResult } from "./runner.ts";

/** Asks the archive, when it is one's turn. */
export type Ask = <Call extends ArchiveCall>(
  call: Call,
  ...args: CallArguments<Call>
) => Promise<CallResult<Call>>;

/** Scopes of one look into the index: others have their turns between two looks. */
const SCOPES_AT_ONCE = 8;
/** Messages of one look at most, where many of those that were found are gone. */
const MAX_HITS = 1_000;

/**
 * Searches, in steps of a few milliseconds.
 *
 * @returns See `Store.search`.
 */
export async function findMessages(ask: Ask, search: MessageSearch): Promise<Page | undefined> {
  const { text, limit, account, rooms, other, from, after } = search;
  const range = await ask("findRange", { account, rooms, other, from, after });
  if (range === undefined) return undefined;
  const found: number[] = [];
  // One more than is wanted says whether there is more. Of ended conversations there may be any number that nobody may
  // read any more, until the retention has come to them: then further.
  for (let wanted = limit + 1;; wanted = Math.min(MAX_HITS, wanted * 2)) {
    const hits = await look(ask, text, { ...range, before: found.at(-1) ?? range.before }, wanted);
    found.push(...hits);
    const page = await ask("readHits", found, limit);
    if (page.more || hits.length < wanted) return page;
  }
}

/** The newest messages in a range, so many at most, the highest number first. */
async function look(ask: Ask, text: string, range: SearchRange, limit: number): Promise<number[]> {
  const { marks, before } = range;
  let newest: number[] = [];
  for (let n = 0; n < range.scopes.length; n += SCOPES_AT_ONCE) {
    const scopes = range.scopes.slice(n, n + SCOPES_AT_ONCE);
    // What is older than all of those that are found already is not wanted.
    const above = newest.length === limit ? newest.at(-1)! : 0;
    const hits = await ask("findHits", { text, scopes, marks, before, above, limit });
    newest = [...new Set([...newest, ...hits])].sort((a, b) => b - a).slice(0, limit);
  }
  return newest;
}
