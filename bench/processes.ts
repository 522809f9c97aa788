/**
 * The processes that the benchmark starts: each is ended by the benchmark, however it ends itself.
 *
 * @module
 */

import { StartError } from "../common/errors.ts";

/** How long a process has to end by itself after SIGTERM. */
const GRACE_MS = 3_000;

/** What to start. */
export interface StartOptions {
  /** Its working directory. */
  cwd?: string;
  /** Whether the benchmark writes to its standard input. */
  stdin?: boolean;
  /** What to say if there is no such program: the command that installs it. */
  install?: string;
}

/** Starts processes and ends all that are left when it is disposed of. */
export class Processes implements AsyncDisposable {
  readonly #running = new Set<Deno.ChildProcess>();

  /**
   * Starts a program with standard output and standard error piped.
   *
   * @param program A path, or a name to look for in the directories of programs.
   * @throws {StartError} If there is no such program.
   */
  start(program: string, args: readonly string[], options: StartOptions = {}): Deno.ChildProcess {
    // Debian installs servers where only root's PATH leads.
    const candidates = program.includes("/") ? [program] : [program, `/usr/sbin/${program}`];
    for (const candidate of candidates) {
      try {
        const child = new Deno.Command(candidate, {
          args: [...args],
          stdin: options.stdin ? "piped" : "null",
          stdout: "piped",
          stderr: "piped",
          ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        }).spawn();
        this.#running.add(child);
        child.status.then(() => this.#running.delete(child));
        return child;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    const advice = options.install === undefined ? "" : `; install it with: ${options.install}`;
    throw new StartError(`Cannot find the program ${program}${advice}`);
  }

  /** Runs a program to its end. */
  async run(
    program: string,
    args: readonly string[],
    options: StartOptions = {},
  ): Promise<{ success: boolean; stdout: string; stderr: string }> {
    const child = this.start(program, args, options);
    const [{ success }, stdout, stderr] = await Promise.all([
      child.status,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { success, stdout, stderr };
  }

  /** Asks a process to end, and after a while makes it. */
  async end(child: Deno.ChildProcess): Promise<void> {
    if (!this.#running.has(child)) return;
    kill(child, "SIGTERM");
    const timer = setTimeout(() => kill(child, "SIGKILL"), GRACE_MS);
    await child.status;
    clearTimeout(timer);
  }

  /** Ends all that are left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((child) => this.end(child)));
  }
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended meanwhile.
  }
}
