import { assert, assertEquals, assertRejects } from "@std/assert";

import { Checkout } from "../../../bench/against/checkout.ts";
import { Processes } from "../../../bench/processes.ts";
import { StartError } from "../../../common/errors.ts";

/** A repository with two commits, whose tasks start the server with 1 and 2. */
async function inRepository(
  test: (processes: Processes, project: string, directory: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  const project = `${root}/project`;
  try {
    await using processes = new Processes();
    const git = async (...args: string[]): Promise<void> => {
      const as = ["-c", "user.name=Bob", "-c", "user.email=bob@example.com"];
      const { success, stderr } = await processes.run("git", [...as, ...args], { cwd: project });
      assert(success, stderr);
    };
    await Deno.mkdir(project);
    await git("init", "--quiet");
    for (const size of [1, 2]) {
      const server = `deno run --v8-flags=--size=${size} --allow-read=data server.ts --x`;
      await Deno.writeTextFile(`${project}/deno.json`, JSON.stringify({ tasks: { server } }));
      await git("add", ".");
      await git("commit", "--quiet", "--message", `${size}`);
    }
    await test(processes, project, `${root}/before`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function worktrees(processes: Processes, project: string): Promise<number> {
  const list = ["worktree", "list", "--porcelain"];
  const { stdout } = await processes.run("git", list, { cwd: project });
  return stdout.match(/^worktree /gm)!.length;
}

Deno.test("a commit is there with its own task until it is disposed of, and nothing is left", async () => {
  await inRepository(async (processes, project, directory) => {
    {
      await using checkout = await Checkout.of(processes, { project, ref: "HEAD~1", directory });
      assertEquals(await checkout.serverCommand(), [
        ...["deno", "run", "--v8-flags=--size=1", "--allow-read", "server.ts"],
      ]);
      assert(/^[0-9a-f]{4,}$/.test(checkout.commit), checkout.commit);
      assertEquals(await worktrees(processes, project), 2);
      await Deno.writeTextFile(`${directory}/left-behind`, "");
    }
    assertEquals(await worktrees(processes, project), 1);
    await assertRejects(() => Deno.stat(directory), Deno.errors.NotFound);
  });
});

Deno.test("what is no commit is refused, with what was given", async () => {
  await inRepository(async (processes, project, directory) => {
    for (const ref of ["nothing", "--help", ""]) {
      await assertRejects(
        () => Checkout.of(processes, { project, ref, directory }),
        StartError,
        `--against must name a commit, received '${ref}'`,
      );
    }
    // The directory is taken: no worktree is left half-made.
    await Deno.mkdir(`${directory}/taken`, { recursive: true });
    await assertRejects(
      () => Checkout.of(processes, { project, ref: "HEAD", directory }),
      StartError,
      "already exists",
    );
    assertEquals(await worktrees(processes, project), 1);
  });
});
