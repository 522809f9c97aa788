/**
 * What `ops/` says of how the server is installed and run.
 *
 * @module
 */

import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);

/** A file of `ops/` with its comments gone and its continued lines joined. */
async function readLines(name: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`ops/${name}`, ROOT));
  return text.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "").split("\n");
}

/** The values of a setting of the unit, in their order. */
export async function unitSettings(name: string): Promise<string[]> {
  const lines = await readLines("jim.service");
  return lines.filter((line) => line.startsWith(`${name}=`)).map((line) =>
    line.slice(name.length + 1)
  );
}

/** The words of the command that the unit starts. */
export async function unitCommand(): Promise<string[]> {
  const [command = ""] = await unitSettings("ExecStart");
  return command.split(/\s+/);
}

/** What follows an instruction of the Containerfile, for each time that it stands there. */
export async function instructions(name: string): Promise<string[]> {
  const lines = await readLines("Containerfile");
  return lines.filter((line) => line.startsWith(`${name} `)).map((line) =>
    line.slice(name.length + 1)
  );
}

/** A list of words in JSON, as instructions take it. */
export function wordsOf(instruction = "[]"): string[] {
  return JSON.parse(instruction.slice(instruction.indexOf("[")));
}

/** What the Containerfile copies from the project: paths and where they go, below `/opt/jim` or from the root. */
export async function copies(): Promise<(readonly [from: string, to: string])[]> {
  const own = (await instructions("COPY")).filter((words) => !words.startsWith("--from="));
  return own.flatMap((line) => {
    const words = line.split(/\s+/);
    const target = words.pop()!;
    return words.map((from) => [from, target === "./" ? `./${from}` : target] as const);
  });
}

/** A machine's directories, below a temporary one, with the program in `opt/jim` as the Containerfile puts it there. */
export class Machine implements AsyncDisposable {
  /** The directory that stands for `/`. */
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** Copies the program, and makes the directories that systemd makes or the image has. */
  static async make(): Promise<Machine> {
    const machine = new Machine(await Deno.makeTempDir({ prefix: "jim-machine-" }));
    for (const dir of ["/opt/jim", "/etc/jim/tls", "/var/lib/jim", "/var/log/jim"]) {
      await Deno.mkdir(machine.path(dir), { recursive: true, mode: 0o700 });
    }
    for (const [from, to] of await copies()) {
      const target = to.startsWith("/") ? to : `/opt/jim/${to}`;
      const isLog = (path: string): boolean => /\.log(\.|$)/.test(path);
      cpSync(fileURLToPath(new URL(from, ROOT)), machine.path(target), {
        recursive: true,
        filter: (path) => !isLog(path),
      });
    }
    return machine;
  }

  /** Where a path of the machine is. */
  path(path: string): string {
    return this.root + path;
  }

  /** A command of the machine, run here: with its paths below {@linkcode Machine.root}, and this Deno. */
  command(words: readonly string[]): string[] {
    const [program, ...rest] = words;
    const isDeno = program === "/usr/local/bin/deno" || program === "deno";
    const moved = rest.map((word) =>
      word.replaceAll(/(?<=^|[=,])\/(?=opt|etc|var)/g, `${this.root}/`)
    );
    return [isDeno ? Deno.execPath() : program!, ...moved];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}
