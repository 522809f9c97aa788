/**
 * Another commit of this project, to be measured beside what is in its directory.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { quoted } from "../../common/flags.ts";
import { serverRun } from "../../common/server_run.ts";
import type { Processes } from "../processes.ts";

/** A commit in a git worktree of its own, which is removed with it. */
export class Checkout implements AsyncDisposable {
  /** The commit, abbreviated. */
  readonly commit: string;
  /** Where it is. */
  readonly directory: string;
  readonly #processes: Processes;
  readonly #project: string;

  private constructor(processes: Processes, project: string, commit: string, directory: string) {
    this.#processes = processes;
    this.#project = project;
    this.commit = commit;
    this.directory = directory;
  }

  /**
   * Checks a commit out.
   *
   * @param processes Runs git.
   * @param project A directory of the repository.
   * @param ref Names the commit: a branch, a tag, `HEAD~3` …
   * @param directory Where to put it; must not exist yet.
   * @throws {StartError} If there is no such commit, or git cannot be run here.
   */
  static async of(
    processes: Processes,
    { project, ref, directory }: { project: string; ref: string; directory: string },
  ): Promise<Checkout> {
    const git = (...args: string[]): Promise<string> => runGit(processes, project, args);
    const name = ["rev-parse", "--short", "--verify", "--end-of-options", `${ref}^{commit}`];
    const commit = await git(...name).catch((error) => {
      throw error instanceof StartError
        ? new StartError(`--against must name a commit, received ${quoted(ref)}: ${error.message}`)
        : error;
    });
    await using stack = new AsyncDisposableStack();
    const checkout = stack.use(new Checkout(processes, project, commit, directory));
    await git("worktree", "add", "--quiet", "--detach", directory, commit);
    stack.move();
    return checkout;
  }

  /** How its own task starts the server, with all files allowed. */
  async serverCommand(): Promise<string[]> {
    const config = JSON.parse(await Deno.readTextFile(`${this.directory}/deno.json`));
    return serverRun("all", config);
  }

  /** Removes the worktree, whatever has been changed there. */
  async [Symbol.asyncDispose](): Promise<void> {
    const remove = ["worktree", "remove", "--force", "--force", this.directory];
    // If it was never made there is nothing to remove, and whatever stopped that has been said.
    await runGit(this.#processes, this.#project, remove).catch(() => {});
  }
}

/** What git prints. */
async function runGit(
  processes: Processes,
  project: string,
  args: readonly string[],
): Promise<string> {
  const options = { cwd: project, install: "apt-get install git" };
  const { success, stdout, stderr } = await processes.run("git", args, options);
  if (!success) throw new StartError(`git says ${stderr.trim().split("\n")[0]}`);
  return stdout.trim();
}
