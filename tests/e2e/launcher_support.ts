import { TextLineStream } from "@std/streams/text-line-stream";

/** Everything here must happen within this time, however slow the machine. */
const DEADLINE_MS = 30_000;
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
  /** Where tmux puts its socket: a server of our own. */
  readonly tmuxDir = Deno.makeTempDirSync({ prefix: "jim-tmux-" });

  /** The variables that mark a process as one of the family; it is outside of any tmux. */
  get env(): Record<string, string> {
    const [name, value] = this.#mark.split("=") as [string, string];
    return { [name]: value, TMUX_TMPDIR: this.tmuxDir };
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
    Deno.removeSync(this.tmuxDir, { recursive: true });
  }
}

/** `deno task launch …` in pipes, as in continuous integration. */
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
   */
  constructor(family: Family, args: readonly string[], env: Record<string, string> = {}) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "launch", ...args],
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

/** A terminal with a shell in it: tmux is used as a terminal emulator that can be read. */
export class Terminal {
  readonly #family: Family;
  readonly #socket: string;

  /** @param family Who the shell and all in it belong to. */
  private constructor(family: Family) {
    this.#family = family;
    this.#socket = `${family.tmuxDir}/terminal`;
  }

  /**
   * Opens it: 120 columns, 40 lines.
   *
   * @param isTmux Whether programs in it may know that it is a tmux.
   */
  static async open(family: Family, isTmux = false): Promise<Terminal> {
    const terminal = new Terminal(family);
    const size = ["-x", "120", "-y", "40"];
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", "-s", "outer", ...size, "sh");
    await terminal.type(`${isTmux ? "" : "unset TMUX; "}PS1='$ '; clear`);
    return terminal;
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#tmux("send-keys", "-t", "outer", "-l", line);
    await this.keys("Enter");
  }

  /** Presses keys, named as tmux names them. */
  async keys(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", "-t", "outer", ...keys);
  }

  /** Starts the launcher. */
  async launch(args: string): Promise<void> {
    const command = `${Deno.execPath()} task --quiet launch ${args}`;
    await this.type(`cd '${ROOT.pathname}'; ${command}; echo "status=$?"`);
  }

  /** What is on the screen. */
  async screen(): Promise<string> {
    return await this.#tmux("capture-pane", "-p", "-t", "outer");
  }

  /** Resolves when the screen shows that. */
  async shows(pattern: RegExp): Promise<string> {
    return await until(`the screen shows ${pattern}`, async () => {
      const screen = await this.screen();
      return pattern.test(screen) ? screen : undefined;
    }).catch(async (error: Error) => {
      throw new Error(`${error.message}; it shows:\n${await this.screen()}`);
    });
  }

  /** Closes the window: all in it lose their terminal. */
  async close(): Promise<void> {
    await this.#tmux("kill-server");
  }

  /** Asks the tmux behind the terminal. */
  async ask(...args: string[]): Promise<string> {
    return await this.#tmux(...args);
  }

  async #tmux(...args: string[]): Promise<string> {
    return await tmux(["-S", this.#socket, ...args], this.#family);
  }
}

/** Runs tmux: by default the family's own server, as the launcher does. */
export async function tmux(args: readonly string[], family: Family): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    const env = { ...family.env, TMUX: "" };
    output = await new Deno.Command("tmux", { args: [...args], env, stdin: "null" }).output();
  } catch (cause) {
    throw new Error("tmux is missing: apt-get install -y tmux", { cause });
  }
  const decoder = new TextDecoder();
  if (!output.success) throw new Error(`tmux ${args[0]}: ${decoder.decode(output.stderr)}`);
  return decoder.decode(output.stdout);
}
