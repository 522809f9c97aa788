/**
 * What Tab completes. Pure.
 *
 * @module
 */

import { foldName } from "../../common/names.ts";
import { isCommandPlace, isFirstWord } from "../chat/input.ts";

/** What may be meant. */
export interface CompletionSources {
  /** Words that name a command. */
  readonly commands: readonly string[];
  /** Names of users. */
  readonly names: readonly string[];
  /** Rooms that the person is in. */
  readonly rooms: readonly string[];
  /** Whether a line without `/` is a message. */
  readonly inConversation: boolean;
  /**
   * Who is meant most likely, first: of what fits, they go before all others.
   *
   * @default {[]}
   */
  readonly likely?: readonly string[];
  /**
   * What may stand behind a text that begins with a command; nothing where it is names and rooms.
   *
   * @param before The line up to the word that is completed.
   */
  readonly expected?: (before: string) => readonly string[] | undefined;
}

/** What fits. */
export interface Completion {
  /** How many UTF-16 units before the cursor are replaced. */
  readonly replaced: number;
  /** What comes in their place: as much as all hits have in common. */
  readonly text: string;
  /** All that fits: first who is meant most likely, then the others, sorted. */
  readonly hits: readonly string[];
}

/** The end of a text that may be the beginning of a name or a room. */
const NAME_AT_END = /#?[\p{L}\p{M}\p{Nd}_.\-]*$/u;

/**
 * Completes the word before the cursor: a command where one may stand, else a name or a room, also behind punctuation. A
 * single hit gets a space behind it, if there is none yet; a name that begins a message, `: `.
 *
 * @param before The line up to the cursor.
 * @param behind The line from the cursor on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const sources = { commands: ["message"], names: ["bob"], rooms: [], inConversation: false };
 * assertEquals(complete("mess", sources).text, "message ");
 * assertEquals(complete("message b", sources).text, "bob ");
 * assertEquals(complete("message bob @b", sources), { replaced: 1, text: "bob ", hits: ["bob"] });
 * ```
 */
export function complete(before: string, sources: CompletionSources, behind = ""): Completion {
  const [typed = ""] = /\S*$/.exec(before) ?? [];
  const head = before.slice(0, before.length - typed.length);
  const { commands, names, rooms, inConversation, expected } = sources;
  const isCommand = isCommandPlace(head, typed, inConversation);
  const word = isCommand ? typed : NAME_AT_END.exec(typed)![0];
  const isAlone = word === typed;
  if (word === "" && !isAlone) return { replaced: 0, text: "", hits: [] };
  const slash = isCommand && word.startsWith("/") ? "/" : "";
  const candidates = isCommand
    ? commands.map((command) => slash + command)
    : expected?.(head) ?? [...names, ...rooms];
  const folded = foldName(word);
  const hits = inOrder(
    candidates.filter((candidate) => foldName(candidate).startsWith(folded)),
    isCommand ? [] : sources.likely,
  );
  const [only] = hits;
  if (only === undefined) return { replaced: 0, text: "", hits };
  if (hits.length > 1) {
    const shared = sharedStart(hits);
    const isLonger = [...shared].length >= [...word].length;
    return { replaced: word.length, text: isLonger ? shared : word, hits };
  }
  const isGreeting = isFirstWord(head) && isAlone && !isCommand && !only.startsWith("#");
  const end = isGreeting ? ": " : " ";
  return {
    replaced: word.length,
    text: only + (/^\s/.test(behind) ? end.trimEnd() : end),
    hits,
  };
}

/** Each once. */
function inOrder(hits: readonly string[], likely: readonly string[] = []): string[] {
  const ranks = new Map(likely.map((name, rank) => [foldName(name), rank]));
  const rankOf = (hit: string): number => ranks.get(foldName(hit)) ?? likely.length;
  return [...new Set(hits)].sort().sort((one, other) => rankOf(one) - rankOf(other));
}

/** The longest beginning of all words but for case, in the spelling of the first. */
function sharedStart(words: readonly string[]): string {
  let shared = "";
  for (const char of words[0]!) {
    const longer = shared + char;
    if (!words.every((word) => foldName(word).startsWith(foldName(longer)))) break;
    shared = longer;
  }
  return shared;
}
