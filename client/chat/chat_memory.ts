/**
 * What a chat remembers from one run to the next.
 *
 * @module
 */

/** How much a person may want to see: one conversation at a time, or everything in one stream. */
export const VIEWS = ["one", "all"] as const;

/** One of {@linkcode VIEWS}. */
export type ViewChoice = typeof VIEWS[number];

/** Remembers it where that is permitted, else as long as the program runs. What is set is read back at once. */
export interface ChatMemory {
  /** What the person chose last. */
  view: ViewChoice;
  /** The conversation that is open, of this name and at this server; nothing if none is. */
  open: string | undefined;
}
