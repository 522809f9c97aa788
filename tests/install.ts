/**
 * Brings the programs that a task's tests are about, with Debian's package manager.
 *
 * Usage: deno run --allow-run --allow-read --allow-env=PATH tests/install.ts PROGRAM=PACKAGE …
 * In place of a program there may be the path of a file that the package has.
 * Exit status: 2 if some are missing and cannot be installed; then it has printed the command that does it.
 *
 * @module
 */

import { StartError, UsageError } from "../common/errors.ts";
import { exitStatus } from "../common/exit_status.ts";

function isInstalled(program: string): boolean {
  const paths = program.startsWith("/")
    ? [program]
    : (Deno.env.get("PATH") ?? "").split(":").map((folder) => `${folder}/${program}`);
  return paths.some((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

async function aptGet(...args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command("apt-get", {
    args: ["-qq", ...args],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
    stdout: "null",
  }).spawn().status;
  return success;
}

async function mustAptGet(...args: string[]): Promise<void> {
  if (!await aptGet(...args)) throw new StartError(`apt-get ${args.join(" ")} failed`);
}

async function main(): Promise<void> {
  const missing = Deno.args.map((pair) => pair.split("=") as [string, string])
    .filter(([program]) => !isInstalled(program))
    .map(([, packageName]) => packageName);
  if (missing.length === 0) return;
  if (Deno.uid() !== 0 || !isInstalled("apt-get")) {
    throw new UsageError(`These tests need more: sudo apt-get install ${missing.join(" ")}`);
  }
  const install = ["install", "--yes", "--no-install-recommends", ...missing];
  // What the lists say may do: getting them anew takes longer than most packages.
  if (await aptGet(...install)) return;
  await mustAptGet("update");
  await mustAptGet(...install);
}

if (import.meta.main) Deno.exit(await exitStatus(main));
