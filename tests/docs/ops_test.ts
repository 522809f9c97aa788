// The unit, the image and the task start one server with one list of permissions.
import { assert, assertEquals, assertMatch } from "@std/assert";

import { parseCommand } from "../../common/flags.ts";
import config from "../../deno.json" with { type: "json" };
import { parseConfig } from "../../common/config/config_file.ts";
import { LOG_SOURCES } from "../../common/server_permissions.ts";
import { SERVER_COMMAND, SERVER_CONFIG } from "../../server/flags.ts";
import { runProgram } from "../support/run_program.ts";
import { copies, instructions, unitCommand, unitSettings, wordsOf } from "../support/shipped.ts";

const ROOT = new URL("../../", import.meta.url);

/** Where the project's files are on a machine. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/\/var\/lib\/jim(?=,|$)/g, "data"],
  [/\/var\/log\/jim(?=,|$)/g, "logs"],
  [/\/etc\/jim\//g, ""],
  [/\/opt\/jim\//g, ""],
];

/** The permissions of a command, named as in the project's directory. */
function permissionsOf(words: readonly string[]): string[] {
  const named = words.filter((word) => /^--(allow|deny)-/.test(word)).map((word) =>
    PLACES.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), word)
  );
  return named.sort();
}

Deno.test("unit, image and task grant the same", async () => {
  const [own = ""] = config.tasks.server.split(" server.ts");
  // The task alone ends with npx, and sees that it does by reading priorities; see common/follow_processes.ts.
  const task = permissionsOf(own.split(" "));
  assertEquals(task, [
    "--allow-net",
    "--allow-read=data,logs,tls,jim.toml,common,server",
    "--allow-sys=getPriority",
    "--allow-write=data,logs",
    `--deny-write=${LOG_SOURCES.join(",")}`,
  ]);
  // Nor is there a checkout where an installed server writes its logs.
  const shared = task.filter((word) => !/^--(allow-sys|deny-write)=/.test(word));
  assertEquals(permissionsOf(await unitCommand()), shared);
  const [entry] = await instructions("ENTRYPOINT");
  assertEquals(wordsOf(entry), await unitCommand());
  const ofV8 = /--v8-flags=\S+/.exec(own)?.[0];
  assert((await unitCommand()).includes(ofV8!), `${ofV8} is missing`);
});

Deno.test("the unit's command is one that the server takes, and its files are where the permissions are", async () => {
  const words = await unitCommand();
  const args = words.slice(words.findIndex((word) => word.endsWith("/server.ts")) + 1);
  const { flags } = parseCommand(SERVER_COMMAND, args);
  const [state] = await unitSettings("StateDirectory");
  const [logs] = await unitSettings("LogsDirectory");
  assertEquals([flags.db, flags["log-dir"]], [`/var/lib/${state}/jim.db`, `/var/log/${logs}`]);
});

Deno.test("ops/jim.toml is one that the server takes, also with what is commented out", async () => {
  const text = await Deno.readTextFile(new URL("ops/jim.toml", ROOT));
  const keys = (toml: string): string[] => [...parseConfig(toml, "jim.toml", SERVER_CONFIG).keys()];
  assertEquals(keys(text), ["metrics"]);
  assert(keys(text.replaceAll(/^# (?=[\w-]+ = )/gm, "")).length > 4);
});

Deno.test("the image is built from pinned releases and from files that there are", async () => {
  for (const image of await instructions("FROM")) assertMatch(image, /^[a-z]+:[\w.-]*\d[\w.-]*/);
  for (const [from] of await copies()) assert(await Deno.stat(new URL(from, ROOT)), from);
  const text = await Deno.readTextFile(new URL("ops/Containerfile", ROOT));
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const versions = (page: string): Set<string> =>
    new Set([...page.matchAll(/\bdeno[@-](\d[\d.]*\d)/g)].map(([, version]) => version!));
  assertEquals(versions(text), versions(readme));
});

Deno.test("in the image the server is nobody's root, and its data outlives it", async () => {
  const [user = ""] = await instructions("USER");
  assertMatch(user, /^[1-9]\d*:[1-9]\d*$/);
  const [volume] = await instructions("VOLUME");
  const write = (await unitCommand()).find((word) => word.startsWith("--allow-write="));
  assertEquals(`--allow-write=${wordsOf(volume).join(",")}`, write);
  const ignored = await Deno.readTextFile(new URL(".dockerignore", ROOT));
  for (const own of ["data", "tls", "logs/*.log"]) assert(ignored.split("\n").includes(own), own);
});

Deno.test("a health check of what is no port is wrong use", async () => {
  for (const port of ["x", "0", "65536", "99999"]) {
    const args = ["run", "--quiet", "--no-prompt", "ops/healthcheck.ts", port];
    const { code, stderr } = await runProgram(Deno.execPath(), args);
    assertEquals([code, stderr], [2, "PORT must be the number of --metrics, from 1 to 65535\n"]);
  }
});

Deno.test("docs/operating.md shows the line of a server that may not use its database", async () => {
  const page = await Deno.readTextFile(new URL("docs/operating.md", ROOT));
  const [, line] = /^```text\n(This server may not use .+\n)```$/m.exec(page) ?? [];
  const args = ["task", "--quiet", "server", "--db", "/srv/jim/jim.db"];
  const { code, stderr } = await runProgram(Deno.execPath(), args);
  assertEquals([code, stderr], [1, line]);
});

Deno.test("docs/operating.md shows the command of the task", async () => {
  const page = await Deno.readTextFile(new URL("docs/operating.md", ROOT));
  const [, command = ""] = /^(deno run .+ server\.ts)$/m.exec(page) ?? [];
  const [task = ""] = config.tasks.server.split(" --stop-with");
  const [bare] = [task].map((text) => text.replace(" --quiet", "").replace(/ --allow-sys=\S+/, ""));
  assertEquals(command, bare);
});
