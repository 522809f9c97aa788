/**
 * tmux for the tests of the launcher's tmux mode: servers of their own, far from the one of whoever runs the tests.
 *
 * @module
 */

import { Family, launchCommand, until } from "../support/launch.ts";

/** Processes of a launch whose tmux is a server of their own. */
export class TmuxFamily extends Family {
  /** Where tmux puts its socket. */
  readonly tmuxDir = Deno.makeTempDirSync({ prefix: "jim-tmux-" });

  /** The variables that mark a process as one of the family; it is outside of any tmux. */
  override get env(): Record<string, string> {
    return { ...super.env, TMUX_TMPDIR: this.tmuxDir };
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    Deno.removeSync(this.tmuxDir, { recursive: true });
  }
}

/** A shell in a terminal that is a window of tmux, so that it can be asked of a program inside. */
export class TmuxTerminal {
  readonly #family: TmuxFamily;
  readonly #socket: string;

  /** @param family Who the shell and all in it belong to. */
  private constructor(family: TmuxFamily) {
    this.#family = family;
    this.#socket = `${family.tmuxDir}/terminal`;
  }

  /**
   * Opens it: 120 columns, 40 lines.
   *
   * @param isTmux Whether programs in it may know that it is a tmux.
   */
  static async open(family: TmuxFamily, isTmux = false): Promise<TmuxTerminal> {
    const terminal = new TmuxTerminal(family);
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
    await this.type(launchCommand(args));
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
export async function tmux(args: readonly string[], family: TmuxFamily): Promise<string> {
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
