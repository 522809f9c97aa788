/**
 * What is said in a chat, on disk as plain text: one file for each conversation and day.
 *
 * @module
 */

import { messageOf } from "../../common/errors.ts";
import { makePrivateDirectory, openPrivateFile } from "../../common/private_files.ts";
import { printable } from "../../common/printable.ts";
import { isGranted } from "../granted.ts";
import type { ChatRecord } from "../chat/record.ts";
import { fileNameOf } from "./file_name.ts";

/** What {@linkcode TranscriptFiles} are made of. */
export interface TranscriptFilesOptions {
  /** The folder at the moment; nothing if no transcript is wanted. */
  readonly dir: () => string | undefined;
  /** Told once why nothing can be written, until something could be again. */
  readonly warn: (dir: string, reason: string) => void;
}

/** Lines that wait for a disk, at most: what comes then is lost, since the chat must go on. */
const MAX_WAITING = 10_000;

/** A file with lines that are to be written to it. */
interface Waiting {
  readonly dir: string;
  readonly owner: string;
  readonly place: string;
  readonly day: string;
  text: string;
}

/**
 * Writes lines to `DIR/OWNER/CONVERSATION/YYYY-MM-DD.txt`, where that is permitted already.
 *
 * Guarantees:
 * 1. Lines of one conversation stand in the order in which they were given; what is there already stays.
 * 2. Only their owner may read the files. `DIR` is made at the first line, and never again: whoever has removed it, or
 *    unplugged the disk, gets no other one in its place.
 * 3. A line that cannot be written is lost, and the chat goes on; that it is is told once.
 */
export class TranscriptFiles implements ChatRecord {
  readonly #options: TranscriptFilesOptions;
  #waiting = new Map<string, Waiting>();
  #count = 0;
  #writing: Promise<void> | undefined;
  #isWarned = false;
  /** The folder that was made or found. */
  #madeDir: string | undefined;
  /** Files whose last line was not written to its end. */
  readonly #torn = new Set<string>();

  /** Touches nothing yet. */
  constructor(options: TranscriptFilesOptions) {
    this.#options = options;
  }

  /**
   * Adds a line. Returns at once.
   *
   * @param owner Whose chat it is.
   * @param name With whom the conversation is, or in which room.
   * @param at The local day of that moment is the file's.
   */
  add(owner: string, name: string, line: string, at: Date): void {
    const dir = this.#options.dir();
    if (dir === undefined || this.#count >= MAX_WAITING) return;
    const day = dayOf(at);
    const place = fileNameOf(name);
    const path = pathOf(dir, fileNameOf(owner), place, day);
    let file = this.#waiting.get(path);
    if (file === undefined) {
      file = { dir, owner: fileNameOf(owner), place, day, text: "" };
      this.#waiting.set(path, file);
    }
    file.text += `${printable(line)}\n`;
    this.#count++;
    this.#writing ??= this.#drain();
  }

  /** Resolves when all is written, or lost. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #drain(): Promise<void> {
    await undefined; // what comes in the same turn goes in one write
    while (this.#waiting.size > 0) {
      const files = this.#waiting;
      this.#waiting = new Map();
      this.#count = 0;
      for (const file of files.values()) await this.#append(file);
    }
    this.#writing = undefined;
  }

  async #append(file: Waiting): Promise<void> {
    const { dir } = file;
    try {
      if (!await isGranted("write", dir)) throw new Error("writing there is not permitted");
      this.#write(file);
      this.#isWarned = false;
    } catch (error) {
      if (this.#isWarned) return;
      this.#isWarned = true;
      this.#options.warn(dir, whyUnwritable(error));
    }
  }

  #write({ dir, owner, place, day, text }: Waiting): void {
    if (this.#madeDir !== dir) {
      makePrivateDirectory(dir);
      this.#madeDir = dir;
    }
    for (const below of [`${dir}/${owner}`, `${dir}/${owner}/${place}`]) makeOne(below);
    const path = pathOf(dir, owner, place, day);
    using file = openPrivateFile(path, { append: true });
    const bytes = new TextEncoder().encode(this.#torn.has(path) ? `\n${text}` : text);
    let written = 0;
    try {
      while (written < bytes.length) written += file.writeSync(bytes.subarray(written));
      this.#torn.delete(path);
    } catch (error) {
      if (written > 0) this.#torn.add(path);
      throw error;
    }
  }
}

function pathOf(dir: string, owner: string, place: string, day: string): string {
  return `${dir}/${owner}/${place}/${day}.txt`;
}

/** Makes a directory, but none above it. */
function makeOne(path: string): void {
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** The local day, as in `2026-11-30`. */
function dayOf(at: Date): string {
  const [year, month, day] = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

function whyUnwritable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "the folder is gone";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return messageOf(error);
}
