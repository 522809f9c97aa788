// Log files go to logs/, where sources are as well: whoever may write the ones must not write the others, which programs
// with more permissions import.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { cpSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

import { LOG_SOURCES } from "../../common/server_permissions.ts";
import { serverRun } from "../../common/server_run.ts";
import config from "../../deno.json" with { type: "json" };
import { serverCommand } from "../../launcher/commands.ts";

const ROOT = new URL("../../", import.meta.url);
const DENY = `--deny-write=${LOG_SOURCES.join(",")}`;

/** The files below a folder, by their paths from the folder's own. */
function* filesBelow(folder: string, root: URL): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(`${folder}/`, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path, root);
    else yield path;
  }
}

const isLogFile = (path: string): boolean => /^logs\/[^/]*\.log(\.[^/]*)?$/.test(path);
const sources = [...filesBelow("logs", ROOT)].filter((path) => !isLogFile(path));

/** A checkout with nothing but what is in logs/, a log file that is two days old, and an empty folder for data. */
class Checkout implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "jim-checkout-" });

  constructor() {
    Deno.mkdirSync(`${this.path}/data`);
    cpSync(fileURLToPath(new URL("logs", ROOT)), `${this.path}/logs`, {
      recursive: true,
      filter: (path) => !/\.log(\.|$)/.test(path),
    });
    Deno.writeTextFileSync(`${this.path}/logs/server.log`, "old\n");
    const old = new Date(Date.now() - 2 * 24 * 3_600_000);
    Deno.utimeSync(`${this.path}/logs/server.log`, old, old);
  }

  /** Runs a script of the tests here. */
  run(
    permissions: readonly string[],
    script: string,
    ...args: string[]
  ): { printed: string; logged: string } {
    const { stdout, stderr } = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", ...permissions],
        ...[fileURLToPath(import.meta.resolve(script)), ...args],
      ],
      cwd: this.path,
      env: { NO_COLOR: "1" },
    }).outputSync();
    const [printed, logged] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { printed: printed!, logged: logged! };
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** What of a command's words is about files. */
function filePermissions(words: readonly string[]): string[] {
  return words.filter((word) => /^--(allow|deny)-(read|write)=/.test(word));
}

Deno.test("every source in logs/ is one of those that are taken out of the permissions", () => {
  const isCovered = (path: string): boolean =>
    LOG_SOURCES.some((source) => path === source || path.startsWith(`${source}/`));
  assert(sources.length > 20);
  assertEquals(sources.filter((path) => !isCovered(path)), []);
});

Deno.test("wherever a command is given that may write logs/, the sources are taken out", async () => {
  const docs = [...filesBelow("docs", ROOT)].filter((path) => path.endsWith(".md"));
  const commands: string[] = [];
  for (const page of ["deno.json", "README.md", "README.ru.md", ...docs]) {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    commands.push(...text.match(/--allow-write=(\S+,)?logs(?![\w/]).*/g) ?? []);
  }
  assert(commands.length >= 7, commands.join("\n"));
  assertEquals(commands.filter((command) => !command.split(/[ `]/).includes(DENY)), []);
});

Deno.test("the tasks, and the servers that they start, write log files and no sources", async (t) => {
  const paths = { read: ["data", "logs"], write: ["data", "logs"] };
  const root = (path: string): string => `${pathToFileURL(path)}/`;
  const started: Record<string, (path: string) => readonly string[]> = {
    "server": () => config.tasks.server.split(" "),
    "launch": () => config.tasks.launch.split(" "),
    "the line that a server prints": () => serverRun(paths),
    "the server of a launch": (path) => serverCommand({ deno: "deno", root: root(path) }, []).args,
  };
  for (const [name, words] of Object.entries(started)) {
    await t.step(name, () => {
      using checkout = new Checkout();
      const permissions = filePermissions(words(checkout.path));
      const tried = sources.flatMap((path) => [path, `${checkout.path}/${path}`]);
      const overwrite = "../support/overwrite.ts";
      const { printed, logged } = checkout.run(permissions, overwrite, "logs/own.log", ...tried);
      assertEquals([printed, logged], ["[]\n", ""]);

      const log = checkout.run(permissions, "../logs/support/log_one.ts", "logs");
      assertMatch(log.logged, /^\S+ INFO server {2}hello\n$/);
      const files = [...Deno.readDirSync(`${checkout.path}/logs`)].map((entry) => entry.name);
      const [file, backup, ...others] = files.filter((file) => file.startsWith("server.")).sort();
      assertMatch(backup!, /^server\.log\.\d{4}-\d\d-\d\d$/);
      assertEquals([file, ...others], ["server.log"]);
      const text = (name: string): string => Deno.readTextFileSync(`${checkout.path}/logs/${name}`);
      assertMatch(text(file!), /INFO server {2}hello\n$/);
      assertEquals(text(backup!), "old\n");
    });
  }
});
