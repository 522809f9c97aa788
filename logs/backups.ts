/**
 * The old files of a rotated log: their names, and which of them go.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";

/** One old file. */
interface Backup {
  readonly path: string;
  readonly label: string;
  /** 0, or the number after the label of a file whose name was taken. */
  readonly number: number;
}

/** The old files beside one log file, named `FILE.LABEL` or `FILE.LABEL.N`. */
export class Backups {
  readonly #path: string;
  readonly #keep: number;
  readonly #isLabel: (text: string) => boolean;

  /**
   * Looks at no file yet.
   *
   * @param path The log file's path.
   * @param keep How many old files stay; 0 keeps all.
   * @param isLabel Whether a text is a label of this log: all other files are left alone.
   */
  constructor(path: string, keep: number, isLabel: (text: string) => boolean) {
    this.#path = path;
    this.#keep = keep;
    this.#isLabel = isLabel;
  }

  /** The path for an old file: with a number after the label if there is such a file already. */
  freeName(label: string): string {
    const path = `${this.#path}.${label}`;
    if (!isTaken(path)) return path;
    for (let number = 1;; number++) {
      if (!isTaken(`${path}.${number}`)) return `${path}.${number}`;
    }
  }

  /**
   * Deletes the oldest files, by label, until the right number is left.
   *
   * @throws If one cannot be deleted; the others are gone then.
   */
  deleteOld(): void {
    if (this.#keep === 0) return;
    let failure: unknown;
    const backups = this.#list();
    for (const { path } of backups.slice(0, Math.max(0, backups.length - this.#keep))) {
      try {
        Deno.removeSync(path);
      } catch (error) {
        // Another process of the same program may have been faster.
        if (!(error instanceof Deno.errors.NotFound)) failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** The old files, oldest first. */
  #list(): Backup[] {
    const directory = dirname(this.#path);
    const prefix = `${basename(this.#path)}.`;
    const backups: Backup[] = [];
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      if (isDirectory || !name.startsWith(prefix)) continue;
      const [, label, number = "0"] =
        /^([^.]*)(?:\.([1-9]\d*))?$/.exec(name.slice(prefix.length)) ?? [];
      if (label === undefined || !this.#isLabel(label)) continue;
      backups.push({ path: join(directory, name), label, number: Number(number) });
    }
    return backups.sort((a, b) =>
      a.label === b.label ? a.number - b.number : a.label < b.label ? -1 : 1
    );
  }
}

function isTaken(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
