/**
 * Finding messages in small steps, whatever is looked for.
 *
 * @module
 */

import type { ListName, SearchLists } from "../search_lists.ts";
import { hasTerms, type Term } from "../search_text.ts";

/** What a search is about, as far as the index has to know. */
export interface SearchRange {
  /** Where to look, newest messages first. */
  readonly scopes: readonly string[];
  /** What all of them must have. */
  readonly marks: readonly string[];
  /** Only messages below this number. */
  readonly before: number;
}

/** One look into the index. */
export interface IndexLook extends SearchRange {
  /** What was typed. */
  readonly text: string;
  /** Only messages above this number. */
  readonly above: number;
  /** Messages at most; from 1. */
  readonly limit: number;
  /** Begins no further part of the work after so many milliseconds; does one at least. */
  readonly ms: number;
  /** Whether it is the first one of its kind. */
  readonly isFirst: boolean;
  /** What the look before has given. */
  readonly lead?: Lead | undefined;
}

/** A list of few messages, of those that are looked for; `null` if there is none. `undefined`: that is not known. */
export type Lead = ListName | null;

/** What a look has found. */
export interface Hits {
  /** Numbers of messages, the highest first. */
  readonly hits: number[];
  /** The rest is below this number; `undefined` if there is no rest, or as many as wanted were found. */
  readonly next: number | undefined;
  /** For the next look, so that not each one has to find out what is rare. */
  readonly lead: Lead | undefined;
}

/** The texts of messages, in the order of their numbers here; those that are gone are left out. */
export type ReadTexts = (numbers: readonly number[]) => Iterable<{ number: number; text: string }>;

/** Entries in the index up to which a list is short: FTS5 goes through them in about five milliseconds. */
const SHORT = 2_000;
/** Milliseconds of counting after which the shortest list so far has to do. */
const COUNTING_MS = 10;
/** Messages of one part of the work: of the list that is walked through, and of each other one. */
const PART = 512;
const PART_OF_OTHER = 8_192;
/** So few messages are sooner read than looked up in a long list. */
const FEW = 32;

/** A part of the work: messages that may be hits, out of all above `low`. */
interface Part {
  readonly candidates: readonly number[];
  readonly low: number;
}

/** What is looked for, as lists and as what is left to be read in the text. */
interface Wanted {
  readonly marks: readonly ListName[];
  /** All whole words, also those in phrases. */
  readonly words: readonly string[];
  /** The beginnings of words, without those that others begin with. */
  readonly prefixes: readonly string[];
  /** Whether words have to stand one behind the other. */
  readonly hasPhrases: boolean;
}

/**
 * The shortest of the lists, if it is short: then that one is gone through. Changes how long it takes, not what is found.
 */
function findLead(
  lists: SearchLists,
  { scopes, isFirst, ms }: IndexLook,
  wanted: Wanted,
  clock: () => number,
): Lead | undefined {
  const end = clock() + Math.min(ms, COUNTING_MS);
  let lead: Lead | undefined;
  let shortest = SHORT;
  // Counting a prefix takes longer, and what many messages have is found before.
  for (const list of listsOf(isFirst ? { ...wanted, prefixes: [] } : wanted)) {
    const count = lists.count(scopes, list, shortest);
    if (count < shortest) [lead, shortest] = [list, count];
    if (count <= FEW || clock() >= end) break;
  }
  return lead ?? (isFirst ? undefined : null);
}

/**
 * Finds the newest messages that have all that is looked for, or some of them, if it takes longer.
 *
 * What FTS5 would do in one go might take as long as all messages take. So it is asked only for what is short: for the
 * next part of one list, and which of these are in the others. A long list of a prefix is never asked for: whether a
 * message has the word is read in its text. Where many messages have it, that does not take long.
 *
 * @param clock Milliseconds from any start.
 */
export function findHits(
  lists: SearchLists,
  readTexts: ReadTexts,
  look: IndexLook,
  terms: readonly Term[],
  clock: () => number,
): Hits {
  const { above, limit, ms } = look;
  const wanted = wantedOf(look.marks, terms);
  const isOneList = wanted.prefixes.length === 0 && !wanted.hasPhrases &&
    listsOf(wanted).length === 1;
  let { lead } = look;
  if (lead === undefined && !isOneList) lead = findLead(lists, look, wanted, clock);
  const mustRead = lead ? needsTexts(lead, wanted) : !isOneList;
  const end = clock() + ms;
  const hits: number[] = [];
  let before = look.before;
  do {
    const here = { ...look, before };
    const part = lead ? followLead(lists, here, wanted, lead) : walkOn(lists, here, wanted);
    let { low } = part;
    if (mustRead) {
      for (const { number, text } of readTexts(part.candidates)) {
        if (hasTerms(text, terms)) hits.push(number);
        if (hits.length < limit && clock() < end) continue;
        low = Math.max(low, number - 1);
        break;
      }
    } else {
      hits.push(...part.candidates.slice(0, limit - hits.length));
    }
    if (hits.length >= limit || low <= above) return { hits, next: undefined, lead };
    before = low + 1;
  } while (clock() < end);
  return { hits, next: before, lead };
}

/** Whether more is looked for than the messages of a lead are known to have: see {@linkcode followLead}. */
function needsTexts(lead: ListName, { prefixes, hasPhrases }: Wanted): boolean {
  return hasPhrases || prefixes.some((prefix) => !isPrefixList(lead) || lead.word !== prefix);
}

/** The next messages of a short list that have all whole words. */
function followLead(
  lists: SearchLists,
  look: IndexLook,
  { words }: Wanted,
  lead: ListName,
): Part {
  const { above } = look;
  const terms = words.map((word) => ({ words: [word], isPrefix: false }));
  if (isPrefixList(lead)) terms.push({ words: [lead.word], isPrefix: true });
  const candidates = lists.find({ ...look, terms, limit: SHORT });
  return { candidates, low: candidates.length < SHORT ? above : candidates.at(-1)! - 1 };
}

/** The next messages that have all marks; those that do not have all words are left out, as far as that is quick. */
function walkOn(lists: SearchLists, look: IndexLook, wanted: Wanted): Part {
  const { scopes, before, above } = look;
  const [first, ...others] = listsOf({ ...wanted, prefixes: [] });
  let candidates = lists.find({
    ...look,
    marks: first !== undefined && "mark" in first ? [first.mark] : [],
    terms: first !== undefined && "word" in first ? [{ words: [first.word], isPrefix: false }] : [],
    limit: PART,
  });
  let low = candidates.length < PART ? above : candidates.at(-1)! - 1;
  for (const list of others) {
    if (candidates.length === 0 || "word" in list && candidates.length <= FEW) continue;
    const last = lists.nth(scopes, list, { before, above: low }, PART_OF_OTHER);
    if (last !== undefined) {
      low = last - 1;
      candidates = candidates.filter((number) => number > low);
    }
    candidates = lists.among(candidates, scopes, list, { before, above: low });
  }
  return { candidates, low };
}

function isPrefixList(list: ListName): list is ListName & { readonly word: string } {
  return "word" in list && list.isPrefix;
}

function wantedOf(marks: readonly string[], terms: readonly Term[]): Wanted {
  const words = terms.flatMap(({ words, isPrefix }) => isPrefix ? words.slice(0, -1) : words);
  const prefixes = terms.filter(({ isPrefix }) => isPrefix).map(({ words }) => words.at(-1)!);
  const isImplied = (prefix: string): boolean =>
    words.some((word) => word.startsWith(prefix)) ||
    prefixes.some((other) => other !== prefix && other.startsWith(prefix));
  return {
    marks: marks.map((mark) => ({ mark })),
    words: [...new Set(words)],
    prefixes: [...new Set(prefixes)].filter((prefix) => !isImplied(prefix)),
    hasPhrases: terms.some(({ words }) => words.length > 1),
  };
}

/** Prefixes behind words: their lists cost more. */
function listsOf({ marks, words, prefixes }: Wanted): ListName[] {
  return [
    ...marks,
    ...words.map((word) => ({ word, isPrefix: false })),
    ...prefixes.map((word) => ({ word, isPrefix: true })),
  ];
}
