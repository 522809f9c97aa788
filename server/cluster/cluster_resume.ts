import type { ResumeStore, RightToken, SessionEnd } from "../store/resume_store.ts";
import type { Replication } from "./replication.ts";

/** {@linkcode ResumeStore} of all nodes: a token that one of them gave out is right on each. */
export class ClusterResume implements ResumeStore {
  readonly #replication: Replication;

  /** Reads from the copy, and writes to the log. */
  constructor(replication: Replication) {
    this.#replication = replication;
  }

  /** See {@linkcode ResumeStore.save}. */
  async save(folded: string, passwordHash: string, hash: string): Promise<boolean> {
    const args = [folded, passwordHash, hash];
    return await this.#replication.perform({ do: "call", method: "resume.save", args }) as boolean;
  }

  /** See {@linkcode ResumeStore.use}: who guesses writes nothing. */
  async use(folded: string, hash: string, nextHash: string): Promise<RightToken | undefined> {
    const { knows } = this.#replication.copy;
    await this.#replication.fresh();
    if (!knows.hasToken(folded, hash)) return undefined;
    const args = [folded, hash, nextHash, knows.tokensSince()];
    return await this.#replication
      .perform({ do: "call", method: "resume.use", args }) as RightToken | undefined;
  }

  /** See {@linkcode ResumeStore.settle}. */
  async settle(folded: string, hash: string): Promise<void> {
    await this.#replication.perform({ do: "call", method: "resume.settle", args: [folded, hash] });
  }

  /** See {@linkcode ResumeStore.end}. */
  async end(folded: string, end: SessionEnd): Promise<void> {
    await this.#replication.perform({ do: "call", method: "resume.end", args: [folded, end] });
  }

  /** See {@linkcode ResumeStore.forget}. */
  async forget(folded: string): Promise<void> {
    await this.#replication.fresh();
    if (!this.#replication.copy.knows.hasToken(folded)) return;
    await this.#replication.perform({ do: "call", method: "resume.forget", args: [folded] });
  }
}
