import { TextLineStream } from "@std/streams/text-line-stream";

import { DEADLINE_MS } from "./raw_client.ts";
import { Terminal } from "./terminal.ts";

const POLL_MS = 20;

/** The project's folder. */
export const ROOT = new URL("../../", import.meta.url);

/** Flags of a server that leaves no files behind. */
export const SERVER = ["--", "--db", ":memory:", "--no-log-file"];

/** Waits until the check holds: for what other processes do, which tell nobody when they have done it. */
export async function until<T>(what: string, check: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * All processes that descend from one launch, found by a variable in their environment (Linux): whoever their
 * parents are by now.
 */
export class Family {
  readonly #mark = `JIM_TEST_FAMILY=${crypto.randomUUID()}`;

  /** The variables that mark a process as one of the family. */
  get env(): Record<string, string> {
    const [name, value] = this.#mark.split("=") as [string, string];
    return { [name]: value };
  }

  /** Command lines by process id. */
  members(): Map<number, string> {
    const members = new Map<number, string>();
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const environment = Deno.readTextFileSync(`/proc/${name}/environ`).split("\0");
        if (!environment.includes(this.#mark)) continue;
        const args = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
        members.set(Number(name), args.join(" ").trim());
      } catch {
        // It has ended meanwhile.
      }
    }
    return members;
  }

  /** The process id of the one member whose command line matches. */
  pid(pattern: RegExp): number {
    const found = [...this.members()].filter(([, command]) => pattern.test(command));
    if (found.length === 1) return found[0]![0];
    throw new Error(`${found.length} processes match ${pattern}: ${found.join("\n")}`);
  }

  /** Resolves when none is left. */
  async gone(): Promise<void> {
    await until("all processes are gone", () => {
      const left = this.members();
      return Promise.resolve(left.size === 0 ? true : undefined);
    }).catch((error: Error) => {
      throw new Error(`${error.message}; left: ${[...this.members().values()].join("\n")}`);
    });
  }

  /** Kills who is left, after a test that failed. */
  [Symbol.dispose](): void {
    for (const pid of this.members().keys()) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

/** `deno task launch …`, or another task, in pipes, as in continuous integration. */
export class Launch {
  /** Both streams, in the order in which lines came. */
  readonly lines: string[] = [];
  /** The exit status, once all lines have come. */
  readonly ended: Promise<number>;
  readonly pid: number;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #waiting: { pattern: RegExp; found: (line: string) => void }[] = [];

  /**
   * @param family Who the processes belong to.
   * @param args What follows `deno task launch`.
   * @param env More variables.
   * @param task Instead of `launch`.
   */
  constructor(
    family: Family,
    args: readonly string[],
    env: Record<string, string> = {},
    task: string = "launch",
  ) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", task, ...args],
      cwd: ROOT,
      env: { ...family.env, NO_COLOR: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = child.pid;
    this.#input = child.stdin.getWriter();
    const heard = [child.stdout, child.stderr].map((stream) => this.#hear(stream));
    this.ended = Promise.all([child.status, ...heard]).then(([{ code }]) => code);
  }

  async #hear(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
    for await (const line of lines) {
      this.lines.push(line);
      this.#waiting = this.#waiting.filter(({ pattern, found }) => {
        if (!pattern.test(line)) return true;
        found(line);
        return false;
      });
    }
  }

  /** Resolves with the first line that matches. */
  async line(pattern: RegExp): Promise<string> {
    const said = this.lines.find((line) => pattern.test(line));
    if (said !== undefined) return said;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.push({ pattern, found: resolve });
    const early = this.ended.then((status) => {
      throw new Error(`Ended with ${status} without ${pattern}:\n${this.lines.join("\n")}`);
    });
    return await Promise.race([promise, early]);
  }

  /** The lines that somebody said, without the prefix. */
  saidBy(speaker: string): string[] {
    return this.lines.filter((line) => line.startsWith(`${speaker} `))
      .map((line) => line.slice(line.indexOf("|") + 2));
  }

  /** Types lines. */
  async type(...lines: string[]): Promise<void> {
    await this.#input.write(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  }

  /** Ends the input and resolves with the exit status. */
  async endInput(): Promise<number> {
    await this.#input.close();
    return await this.ended;
  }
}

/** A shell in a terminal of 120 columns and 40 rows; all in it belong to the family. */
export function openShell(family: Family): Terminal {
  const env = { ...family.env, PS1: "$ " };
  return Terminal.start(["/bin/sh"], { columns: 120, rows: 40, env });
}

/** What is typed into a shell to start the launcher, and to see its exit status in the end: `status=0`. */
export function launchCommand(args: string): string {
  return `cd '${ROOT.pathname}'; ${Deno.execPath()} task --quiet launch ${args}; echo "status=$?"`;
}
