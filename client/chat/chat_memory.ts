/**
 * What a chat remembers from one run to the next.
 *
 * @module
 */

/** How much a person wants to see: everything in one stream, or one conversation at a time. */
export type ViewChoice = "one" | "all";

/** Remembers it where that is permitted, else as long as the program runs. What is set is read back at once. */
export interface ChatMemory {
  /** What the person chose last. */
  view: ViewChoice;
  /** The conversation that is open, of this name and at this server; nothing if none is. */
  open: string | undefined;
}
