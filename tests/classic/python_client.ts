/**
 * A client in Python, as a process.
 *
 * @module
 */

import { withDeadline } from "../support/raw_client.ts";

const HERE = new URL(".", import.meta.url);

/** How it ended, and what it printed. */
export interface PythonEnd {
  readonly code: number;
  readonly stderr: string;
  readonly lines: string[];
}

/** A client that runs. Killed at the end of the test, if it has not ended before. */
export class PythonClient implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #printed: Promise<void>;
  readonly #stderr: Promise<string>;
  #text = "";
  #isOver = false;
  #news = Promise.withResolvers<void>();

  /**
   * Starts it.
   *
   * @param script The program, from this folder.
   */
  constructor(script: string, args: readonly string[]) {
    this.#child = new Deno.Command("python3", {
      args: ["-u", new URL(script, HERE).pathname, ...args],
      env: { PYTHONIOENCODING: "utf-8" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#printed = this.#gather();
    this.#stderr = new Response(this.#child.stderr).text();
  }

  /** The lines that it has printed. */
  get lines(): string[] {
    return this.#text.split("\n").slice(0, -1);
  }

  /** Types. */
  async writes(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  /** Types lines, and then no more. */
  async types(lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.writes(`${line}\n`);
    await this.#input.close();
  }

  /** Waits until it has printed so many lines in all, as long as the next one comes in time. */
  async printsLines(count: number): Promise<void> {
    while (this.lines.length < count) {
      if (this.#isOver) throw new Error(`Ended: ${this.#text}${await this.#stderr}`);
      const { promise } = this.#news;
      await withDeadline(promise, () => `line ${count}, received ${this.#text}`);
    }
  }

  /** Waits until it has ended; there is no more input by then. */
  async ended(): Promise<PythonEnd> {
    await this.#input.close().catch(() => {});
    const { code } = await withDeadline(
      this.#child.status,
      () => `the end, received ${this.#text}`,
    );
    await this.#printed;
    return { code, stderr: await this.#stderr, lines: this.lines };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#child.kill("SIGKILL");
    await this.ended();
  }

  async #gather(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) {
      this.#text += decoder.decode(chunk, { stream: true });
      this.#tell();
    }
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers<void>();
    resolve();
  }
}
