/**
 * A bot of `examples/bots/` as a process, with the permissions that its page gives it.
 *
 * @module
 */

import { withDeadline } from "./raw_client.ts";

const ROOT = new URL("../../", import.meta.url);

/** A bot that runs. Killed at the end of the test, if it has not ended before. */
export class BotProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;

  /**
   * Starts it.
   *
   * @param program What to run, in the project's directory.
   */
  constructor(program: string, args: readonly string[]) {
    this.#child = new Deno.Command(program, {
      args: [...args],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#stderr = new Response(this.#child.stderr).text();
  }

  /** Ends it as Ctrl-C does; how it ended, and what it had to say. */
  async interrupted(): Promise<{ code: number; signal: Deno.Signal | null; stderr: string }> {
    this.#child.kill("SIGINT");
    const { code, signal } = await withDeadline(this.#child.status, () => "the end of the bot");
    return { code, signal, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#stderr;
  }
}
