/**
 * The file handler that begins a new file when the old one is full.
 *
 * @module
 */
import { FileHandler, type FileHandlerOptions, type LogMode } from "./file_handler.ts";
import type { LevelName } from "./levels.ts";

export type { FileHandlerOptions, LevelName };

/** Options of {@linkcode RotatingFileHandler}. */
export interface RotatingFileHandlerOptions extends FileHandlerOptions {
  /** How many bytes a file may hold, at least 1. */
  maxBytes: number;
  /** How many old files are kept, at least 1. */
  maxBackupCount: number;
}

/**
 * Rotates by size: when a line would make the file larger than `maxBytes`, `log.txt` becomes
 * `log.txt.1`, a former `log.txt.1` becomes `log.txt.2` and so on up to `maxBackupCount`; the oldest is
 * lost. A line larger than `maxBytes` has a file of its own.
 *
 * With mode `w` the old files are removed at {@linkcode RotatingFileHandler.setup}; with mode `x` none
 * of them may exist.
 *
 * Needs `--allow-read` and `--allow-write` for the files.
 *
 * @example
 * ```ts
 * import { RotatingFileHandler } from "@std/log/rotating-file-handler";
 *
 * const dir = Deno.makeTempDirSync();
 * const handler = new RotatingFileHandler("INFO", {
 *   filename: `${dir}/app.log`,
 *   maxBytes: 1_000_000,
 *   maxBackupCount: 5,
 * });
 * handler.setup();
 * handler.log("hello");
 * handler.destroy();
 * Deno.removeSync(dir, { recursive: true });
 * ```
 */
export class RotatingFileHandler extends FileHandler {
  readonly #filename: string;
  readonly #mode: LogMode;
  readonly #maxBytes: number;
  readonly #maxBackupCount: number;
  readonly #encoder = new TextEncoder();
  #size = 0;

  /**
   * Makes a handler for records of that level and above; `setup()` opens the file.
   *
   * @throws {Error} If `levelName` is no level.
   */
  constructor(levelName: LevelName, options: RotatingFileHandlerOptions) {
    super(levelName, options);
    this.#filename = options.filename;
    this.#mode = options.mode ?? "a";
    this.#maxBytes = options.maxBytes;
    this.#maxBackupCount = options.maxBackupCount;
  }

  /**
   * Opens the file.
   *
   * @throws {Error} If `maxBytes` or `maxBackupCount` is below 1.
   * @throws {Deno.errors.AlreadyExists} With mode `x`, if the file or an old file exists.
   */
  override setup(): void {
    for (
      const [option, value] of [
        ["maxBytes", this.#maxBytes],
        ["maxBackupCount", this.#maxBackupCount],
      ] as const
    ) {
      if (!(value >= 1)) {
        this.destroy();
        throw new Error(`"${option}" must be >= 1: received ${value}`);
      }
    }
    super.setup();
    this.#size = 0;
    switch (this.#mode) {
      case "a":
        this.#size = Deno.statSync(this.#filename).size;
        break;
      case "w":
        for (const path of this.#backups()) {
          if (exists(path)) Deno.removeSync(path);
        }
        break;
      case "x": {
        const taken = this.#backups().find(exists);
        if (taken !== undefined) {
          this.destroy();
          throw new Deno.errors.AlreadyExists(
            `Backup log file ${taken} already exists`,
          );
        }
      }
    }
  }

  /** Puts one line in the buffer, after a rotation where it would not fit in the file. */
  override log(msg: string): void {
    const length = this.#encoder.encode(msg).length + 1;
    if (this.#size + length > this.#maxBytes) {
      this.rotateLogFiles();
      this.#size = 0;
    }
    super.log(msg);
    this.#size += length;
  }

  /** Gives every file the next number and begins a new one. */
  rotateLogFiles(): void {
    super.destroy();
    const paths = [this.#filename, ...this.#backups()];
    for (let i = paths.length - 1; i > 0; i--) {
      if (exists(paths[i - 1]!)) Deno.renameSync(paths[i - 1]!, paths[i]!);
    }
    super.setup();
  }

  #backups(): string[] {
    return Array.from(
      { length: this.#maxBackupCount },
      (_, i) => `${this.#filename}.${i + 1}`,
    );
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
