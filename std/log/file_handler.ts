/**
 * The handler that writes to a file.
 *
 * @module
 */
import { BaseHandler, type BaseHandlerOptions } from "./base_handler.ts";
import { type LevelName, LogLevels } from "./levels.ts";
import type { LogRecord } from "./logger.ts";

export type { BaseHandlerOptions, LevelName, LogRecord };

/** How the file is opened: `a` appends, `w` empties it, `x` fails if it exists. */
export type LogMode = "a" | "w" | "x";

/** Options of {@linkcode FileHandler}. */
export interface FileHandlerOptions extends BaseHandlerOptions {
  /** The path of the log file. */
  filename: string;
  /**
   * How the file is opened.
   *
   * @default {"a"}
   */
  mode?: LogMode;
  /**
   * How many bytes are gathered before they are written.
   *
   * @default {4096}
   */
  bufferSize?: number;
}

/**
 * Appends one line a record to a file, through a buffer.
 *
 * The buffer is written when the next line does not fit, after a record above ERROR, at
 * {@linkcode FileHandler.flush}, at {@linkcode FileHandler.destroy}, and at the `unload` event.
 * A line is never split between two writes unless it is larger than the buffer.
 *
 * Needs `--allow-write` for the file.
 *
 * @example
 * ```ts
 * import { FileHandler } from "@std/log/file-handler";
 *
 * const filename = Deno.makeTempFileSync();
 * const handler = new FileHandler("INFO", { filename });
 * handler.setup();
 * handler.log("hello");
 * handler.destroy();
 * Deno.removeSync(filename);
 * ```
 */
export class FileHandler extends BaseHandler {
  readonly #filename: string;
  readonly #openOptions: Deno.OpenOptions;
  readonly #buffer: Uint8Array;
  readonly #encoder = new TextEncoder();
  readonly #onUnload = (): void => this.destroy();
  #file: Deno.FsFile | undefined;
  #used = 0;

  /**
   * Makes a handler for records of that level and above; `setup()` opens the file.
   *
   * @throws {Error} If `levelName` is no level.
   */
  constructor(levelName: LevelName, options: FileHandlerOptions) {
    super(levelName, options);
    const mode = options.mode ?? "a";
    this.#filename = options.filename;
    this.#openOptions = {
      write: true,
      append: mode === "a",
      truncate: mode !== "a",
      create: mode !== "x",
      createNew: mode === "x",
    };
    this.#buffer = new Uint8Array(options.bufferSize ?? 4096);
  }

  /**
   * Opens the file.
   *
   * @throws {Deno.errors.AlreadyExists} With mode `x`, if the file exists.
   */
  override setup(): void {
    this.#file = Deno.openSync(this.#filename, this.#openOptions);
    this.#used = 0;
    addEventListener("unload", this.#onUnload);
  }

  /** Writes a record; one above ERROR is on its way to the disk when this returns. */
  override handle(logRecord: LogRecord): void {
    super.handle(logRecord);
    if (logRecord.level > LogLevels.ERROR) this.flush();
  }

  /** Puts one line in the buffer. */
  override log(msg: string): void {
    const bytes = this.#encoder.encode(msg + "\n");
    if (bytes.length > this.#buffer.length - this.#used) this.flush();
    if (bytes.length > this.#buffer.length - this.#used) {
      if (this.#file === undefined) {
        throw new Error(
          `Cannot write to log file ${this.#filename}: setup() was not called`,
        );
      }
      writeAll(this.#file, bytes);
    } else {
      this.#buffer.set(bytes, this.#used);
      this.#used += bytes.length;
    }
  }

  /** Writes what is in the buffer. */
  flush(): void {
    if (this.#file === undefined || this.#used === 0) return;
    writeAll(this.#file, this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  /** Writes what is in the buffer and closes the file; may be called more than once. */
  override destroy(): void {
    this.flush();
    this.#file?.close();
    this.#file = undefined;
    removeEventListener("unload", this.#onUnload);
  }
}

/** Writes all bytes: one `writeSync` may take only a part of them. */
function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    written += file.writeSync(bytes.subarray(written));
  }
}
