/**
 * The old files of a rotated log: their names, and which of them go.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { isLabelOfAnyPlan } from "./rollover.ts";

/** One old file. */
interface Backup {
  readonly path: string;
  readonly label: string;
  /** 0, or the number after the label of a file whose name was taken. */
  readonly number: number;
  readonly isDirectory: boolean;
}

/** The old files beside one log file, named `FILE.LABEL` or `FILE.LABEL.N`. All others are left alone. */
export class Backups {
  readonly #path: string;
  readonly #keep: number;
  readonly #isLabel: (text: string) => boolean;

  /**
   * Looks at no file yet.
   *
   * @param path The log file's path.
   * @param keep How many old files stay; 0 keeps all.
   * @param isLabel Whether a text is a label of this log as it is rotated now.
   */
  constructor(path: string, keep: number, isLabel: (text: string) => boolean) {
    this.#path = path;
    this.#keep = keep;
    this.#isLabel = isLabel;
  }

  /**
   * The path for an old file. If there is one with this label already, it gets a number behind the label, one above
   * the highest there is: so the numbers are in the order of age, also when the oldest are gone.
   */
  freeName(label: string): string {
    const path = `${this.#path}.${label}`;
    const numbers = this.#names().filter((name) => name.label === label).map(({ number }) =>
      number
    );
    return numbers.length === 0 ? path : `${path}.${Math.max(...numbers) + 1}`;
  }

  /**
   * Deletes the oldest files, by label, until there are no more than `keep` and no more bytes than allowed. Files that
   * this log left when it was rotated by another unit do not count towards `keep`; their bytes count.
   *
   * @param limits `newest` is the last label that can be right: files with a later one are from a clock that was
   * wrong, and count as the oldest. `maxBytes` is for the old files alone.
   * @returns How many bytes the old files have that are left.
   * @throws If one cannot be deleted; the others are gone then.
   */
  deleteOld({ newest, maxBytes = Infinity }: { newest?: string; maxBytes?: number } = {}): number {
    if (this.#keep === 0 && maxBytes === Infinity) return 0;
    const isWrong = ({ label }: Backup): number => newest !== undefined && label > newest ? 1 : 0;
    const backups = this.#names().filter(({ isDirectory }) => !isDirectory)
      .sort((a, b) => isWrong(b) - isWrong(a));
    const sizes = backups.map(({ path }) => maxBytes === Infinity ? 0 : sizeOf(path));
    const own = backups.filter(({ label }) => this.#isLabel(label)).length;
    let tooMany = this.#keep === 0 ? 0 : own - this.#keep;
    let bytes = sizes.reduce((sum, size) => sum + size, 0);
    let failure: unknown;
    for (const [i, { path, label }] of backups.entries()) {
      const isOwn = this.#isLabel(label);
      if (bytes <= maxBytes && !(isOwn && tooMany > 0)) continue;
      try {
        Deno.removeSync(path);
      } catch (error) {
        // Another process of the same program may have been faster.
        if (!(error instanceof Deno.errors.NotFound)) failure ??= error;
      }
      if (isOwn) tooMany--;
      bytes -= sizes[i]!;
    }
    if (failure !== undefined) throw failure;
    return bytes;
  }

  /** What has the name of an old file, oldest first. */
  #names(): Backup[] {
    const directory = dirname(this.#path);
    const prefix = `${basename(this.#path)}.`;
    const backups: Backup[] = [];
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      if (!name.startsWith(prefix)) continue;
      const [, label, number = "0"] =
        /^([^.]*)(?:\.([1-9]\d*))?$/.exec(name.slice(prefix.length)) ?? [];
      if (label === undefined || !isLabelOfAnyPlan(label) && !this.#isLabel(label)) continue;
      backups.push({ path: join(directory, name), label, number: Number(number), isDirectory });
    }
    return backups.sort((a, b) =>
      a.label === b.label ? a.number - b.number : a.label < b.label ? -1 : 1
    );
  }
}

/** The size of a file or link; 0 if it is gone. */
function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return 0;
  }
}
