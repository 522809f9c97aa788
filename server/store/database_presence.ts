import { printable } from "../../common/printable.ts";
import { databaseIdentity } from "./database_identity.ts";
import { StoreLostError } from "./store.ts";

/**
 * Knows whether a database's path still names the file that was opened. SQLite does not look: it goes on with a file
 * that was deleted, and what it writes there ends with the process.
 */
export class DatabasePresence {
  readonly #path: string;
  readonly #opened: string | undefined;
  readonly #onLost: (error: StoreLostError) => void;
  /** Why it is lost; the same error as long as it is. */
  #lost: StoreLostError | undefined;

  /**
   * Looks which file it is.
   *
   * @param path Of a database that is open, or `:memory:`, which is always there.
   * @param onLost Told once each time that the file is gone.
   * @throws {Error} If the path cannot be looked at.
   */
  constructor(path: string, onLost: (error: StoreLostError) => void) {
    this.#path = path;
    this.#opened = databaseIdentity(path);
    this.#onLost = onLost;
  }

  /** Looks, with one system call, and tells if the file is lost. */
  look(): void {
    if (this.#isThere()) this.#lost = undefined;
    else if (this.#lost === undefined) {
      this.#lost = new StoreLostError(
        `Database file '${printable(this.#path)}' is gone or another one: ` +
          "nothing is stored until the one that was opened is back in its place",
      );
      this.#onLost(this.#lost);
    }
  }

  /**
   * Looks, too.
   *
   * @throws {StoreLostError} If the file is lost.
   */
  check(): void {
    this.look();
    if (this.#lost !== undefined) throw this.#lost;
  }

  #isThere(): boolean {
    try {
      return databaseIdentity(this.#path) === this.#opened;
    } catch (error) {
      // Whoever may not look for a moment knows nothing of the file, which is open.
      return !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory);
    }
  }
}
