/**
 * `client.ts` as a process of its own in a pipe, with just the permissions that the README gives it.
 *
 * @module
 */

import { withDeadline } from "./raw_client.ts";
import type { ProcessEnd } from "./server_process.ts";

const ROOT = new URL("../../", import.meta.url);

/** The client's command line before its own arguments: no permission but the network, and no prompt. */
const DENO_ARGS = ["run", "--quiet", "--no-prompt", "--allow-net", "client.ts"];

/** How a client is started. */
export interface ClientProcessOptions {
  /** Further flags of Deno, such as `--allow-read=FILE`. */
  permissions?: readonly string[];
}

function command(
  args: readonly string[],
  { permissions = [] }: ClientProcessOptions,
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...DENO_ARGS.slice(0, -1), ...permissions, DENO_ARGS.at(-1)!, ...args],
    cwd: ROOT,
    env: { LANG: "en_GB.UTF-8", LC_ALL: "en_GB.UTF-8" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs a client that is to end by itself, when its input has ended at the latest. */
export async function runClient(
  args: readonly string[],
  input: string,
  options: ClientProcessOptions = {},
): Promise<ProcessEnd> {
  await using client = new ClientProcess(args, options);
  await client.write(input);
  await client.closeInput();
  return await client.ended();
}

/** A client that runs. Killed at the end of the test, if it has not ended before. */
export class ClientProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #outputs: Promise<void>[];
  #isOver = false;
  #news = Promise.withResolvers<void>();
  /** What it printed so far. */
  stdout = "";
  /** What else it said so far. */
  stderr = "";

  constructor(args: readonly string[], options: ClientProcessOptions = {}) {
    this.#child = command(args, options).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#outputs = [
      this.#gather(this.#child.stdout, (text) => this.stdout += text),
      this.#gather(this.#child.stderr, (text) => this.stderr += text),
    ];
    this.#child.status.then(() => {
      this.#isOver = true;
      this.#tell();
    });
  }

  /** Types. */
  async write(text: string): Promise<void> {
    try {
      await this.#input.write(new TextEncoder().encode(text));
    } catch {
      // It has ended; how, the test sees elsewhere.
    }
  }

  /** The input ends. */
  async closeInput(): Promise<void> {
    await this.#input.close().catch(() => {});
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until it has said something, on either stream. */
  async says(text: string): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!`${this.stdout}\n${this.stderr}`.includes(text)) {
        if (this.#isOver) throw new Error(`Ended without "${text}": ${this.stdout}${this.stderr}`);
        await this.#news.promise;
      }
    };
    await withDeadline(wait(), () => `"${text}", received ${this.stdout}${this.stderr}`);
  }

  /** Waits until it has ended. */
  async ended(): Promise<ProcessEnd> {
    const { code, signal } = await withDeadline(
      this.#child.status,
      () => `the end of the client, which said ${this.stdout}${this.stderr}`,
    );
    await Promise.all(this.#outputs);
    return { code, signal, stdout: this.stdout, stderr: this.stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeInput();
    if (!this.#isOver) this.#child.kill("SIGKILL");
    await this.ended();
  }

  async #gather(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      add(decoder.decode(chunk, { stream: true }));
      this.#tell();
    }
  }

  #tell(): void {
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers<void>();
    resolve();
  }
}
