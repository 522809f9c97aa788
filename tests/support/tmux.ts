/**
 * A terminal for end-to-end tests: a window of a tmux server of its own.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);
/** A screen that does not come to show something within this time fails the test. */
const DEADLINE_MS = 15_000;
/** How often the screen is looked at. */
const POLL_MS = 15;

const CONFIG = `set -g history-limit 20000
set -g status off
set -sg escape-time 0
set -g default-terminal tmux-256color
`;

/** Runs its arguments and keeps the terminal afterwards. tmux itself misses the end of a child now and then. */
const WRAPPER = '"$@"; echo "[exit status $?]"; ' +
  'case " $(stty -a) " in *" -echo "*) echo "[echo is off]";; esac; exec sleep 1000';

/** How a terminal is made. */
export interface TmuxOptions {
  /** @default {80} */
  columns?: number;
  /** @default {24} */
  rows?: number;
  /** Variables of the program's environment. */
  env?: Readonly<Record<string, string>>;
}

/** A program that runs in a terminal. Ended, with its terminal, at the end of the test. */
export class TmuxTerminal implements AsyncDisposable {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Starts a program.
   *
   * @throws {Error} If there is no tmux: says how to install it.
   */
  static async start(
    command: readonly string[],
    { columns = 80, rows = 24, env = {} }: TmuxOptions = {},
  ): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal(await Deno.makeTempDir({ prefix: "jim-tmux-" }));
    await Deno.writeTextFile(`${terminal.#dir}/tmux.conf`, CONFIG);
    const variables = { LANG: "C.UTF-8", LC_ALL: "C.UTF-8", ...env };
    try {
      await terminal.#tmux([
        "new-session",
        "-d",
        ...["-x", String(columns), "-y", String(rows)],
        ...["-c", ROOT.pathname],
        ...["sh", "-c", WRAPPER, "sh"],
        ...["env", "-u", "NO_COLOR"],
        ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
        ...command,
      ]);
    } catch (error) {
      await Deno.remove(terminal.#dir, { recursive: true });
      throw error;
    }
    return terminal;
  }

  /** Types text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux(["send-keys", "-l", "--", text]);
  }

  /** Presses keys by tmux's names: `Enter`, `C-c`, `Left`, `BSpace`, `Tab`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux(["send-keys", ...keys]);
  }

  /** Types a line and Enter. */
  async enter(line: string): Promise<void> {
    await this.type(line);
    await this.press("Enter");
  }

  /** Pastes as from a clipboard: with the marks of bracketed paste, if the program asked for them. */
  async paste(text: string): Promise<void> {
    const path = `${this.#dir}/clipboard`;
    await Deno.writeTextFile(path, text);
    await this.#tmux(["load-buffer", path]);
    await this.#tmux(["paste-buffer", "-p", "-r"]);
  }

  /** Changes the size. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(["resize-window", "-x", String(columns), "-y", String(rows)]);
  }

  /** The rows that are seen, without the spaces at their ends and empty rows below. */
  async screen(): Promise<string> {
    return (await this.#tmux(["capture-pane", "-p"])).trimEnd();
  }

  /** All rows since the start; rows that the terminal broke are joined again. */
  async scrollback(): Promise<string> {
    return (await this.#tmux(["capture-pane", "-p", "-J", "-S", "-"])).trimEnd();
  }

  /** The screen with its colours as escape sequences. */
  async colours(): Promise<string> {
    return await this.#tmux(["capture-pane", "-p", "-e"]);
  }

  /** Resolves when the cursor is there, from 0. */
  async cursorAt(column: number, row: number): Promise<void> {
    const look = async (): Promise<string> => {
      const cursor = await this.cursor();
      return `${cursor.column} ${cursor.row}`;
    };
    await this.#poll(look, (text) => text === `${column} ${row}`, `a cursor at ${column} ${row}`);
  }

  /** Where the cursor is, from 0. */
  async cursor(): Promise<{ column: number; row: number }> {
    const text = await this.#tmux(["display-message", "-p", "#{cursor_x} #{cursor_y}"]);
    const [column = -1, row = -1] = text.split(" ").map(Number);
    return { column, row };
  }

  /** Resolves with the screen as soon as the test is met. */
  until(isMet: (screen: string) => boolean, what: string): Promise<string> {
    return this.#poll(() => this.screen(), isMet, what);
  }

  /** Resolves with the screen as soon as a text is seen, also one that is broken over rows. */
  shows(text: string): Promise<string> {
    const joined = (): Promise<string> => this.#tmux(["capture-pane", "-p", "-J"]);
    return this.#poll(joined, (screen) => screen.includes(text), `'${text}'`);
  }

  /** Resolves with the screen as soon as its last row is this. */
  endsWith(text: string): Promise<string> {
    return this.until((screen) => screen.split("\n").at(-1) === text, `'${text}' at the end`);
  }

  async #poll(
    look: () => Promise<string>,
    isMet: (screen: string) => boolean,
    what: string,
  ): Promise<string> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const screen = await look();
      if (isMet(screen)) return screen;
      if (performance.now() > deadline) {
        throw new Error(`Waited in vain: ${what}; there is\n${screen}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Sends a signal to the program. */
  async kill(signal: Deno.Signal): Promise<void> {
    const shell = (await this.#tmux(["display-message", "-p", "#{pane_pid}"])).trim();
    const children = await Deno.readTextFile(`/proc/${shell}/task/${shell}/children`);
    Deno.kill(Number(children.trim()), signal);
  }

  /** Waits for the program's end; its exit status. The terminal must be as it was before. */
  async ended(): Promise<number> {
    const screen = await this.shows("[exit status ");
    if (screen.includes("[echo is off]")) throw new Error("The terminal was left without echo");
    return Number(/\[exit status (\d+)\]/.exec(screen)![1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux(["kill-server"]).catch(() => {});
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #tmux(args: readonly string[]): Promise<string> {
    const own = ["-u", "-S", `${this.#dir}/socket`, "-f", `${this.#dir}/tmux.conf`];
    let output: Deno.CommandOutput;
    try {
      output = await new Deno.Command("tmux", { args: [...own, ...args], stdin: "null" }).output();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new Error("This test needs tmux: apt-get install tmux");
    }
    const decoder = new TextDecoder();
    if (!output.success) {
      throw new Error(`tmux ${args[0]}: ${decoder.decode(output.stderr).trim()}`);
    }
    return decoder.decode(output.stdout);
  }
}

/** `client.ts` in a terminal, with the network as its only permission, unless more are given. */
export function startClient(
  args: readonly string[],
  options: TmuxOptions & { permissions?: readonly string[] } = {},
): Promise<TmuxTerminal> {
  const { permissions = [] } = options;
  return TmuxTerminal.start(
    [Deno.execPath(), "run", "--quiet", "--allow-net", ...permissions, "client.ts", ...args],
    options,
  );
}
