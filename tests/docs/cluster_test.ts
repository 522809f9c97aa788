import { assert, assertEquals } from "@std/assert";

import { CLIENT_FLAGS } from "../../client/flags.ts";
import { commandsHelp } from "../../server/admin/commands.ts";
import { NODES_COMMAND } from "../../server/admin/nodes.ts";
import { USERS_FLAGS } from "../../server/admin/flags.ts";
import { parseConfig } from "../../common/config/config_file.ts";
import { SERVER_CONFIG, SERVER_FLAGS } from "../../server/flags.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = await Deno.readTextFile(new URL("docs/cluster.md", ROOT));

/** The first cells of the rows of a table, by its head. */
function rowsOf(head: RegExp): string[][] {
  const lines = PAGE.split("\n");
  const start = lines.findIndex((line) => head.test(line));
  assert(start >= 0, `${head}`);
  const rest = lines.slice(start + 2);
  return rest.slice(0, rest.findIndex((line) => !line.startsWith("|")))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** The text of all modules of a folder. */
async function source(folder: string): Promise<string> {
  let text = "";
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    text += isDirectory
      ? await source(`${folder}${name}/`)
      : await Deno.readTextFile(new URL(folder + name, ROOT));
  }
  return text;
}

Deno.test("docs/cluster.md says of each command of deno task users what it does among several nodes, once", () => {
  const told = rowsOf(/^\| command +\| among several nodes/)
    .flatMap(([commands = ""]) => [...commands.matchAll(/`([a-z ]+)`/g)].map(([, name]) => name!));
  const all = commandsHelp().filter((line) => line.startsWith("  "))
    .map((line) => /^ {2}([a-z]+(?: [a-z]+)?)/.exec(line)![1]!);
  assertEquals(told.sort(), all.sort());
});

Deno.test("docs/cluster.md has the alerts of several nodes", async () => {
  const rules = await Deno.readTextFile(new URL("ops/alerts.yml", ROOT));
  const blocks = rules.split("- alert: ").slice(1);
  const ofNodes = blocks.filter((text) =>
    /jim_(nodes|log_\w+_position|operations\w*)\b/.test(text)
  );
  assertEquals(
    rowsOf(/^\| alert/).map(([name]) => name),
    ofNodes.map((text) => `\`${text.split("\n")[0]}\``),
  );
});

Deno.test("docs/cluster.md has each record of nodes from INFO on, and no other", async () => {
  const code = await source("server/cluster/") +
    await Deno.readTextFile(new URL("server.ts", ROOT)) +
    await Deno.readTextFile(new URL("server/chat_server.ts", ROOT));
  const told = rowsOf(/^\| level/).flatMap(([, records = ""]) => records.split("; "));
  for (const record of told.filter((text) => !text.includes("…"))) {
    assert(code.includes(`"${record}`), record);
  }
  const ofCluster = await source("server/cluster/");
  const logged = [...ofCluster.matchAll(/\blog\.(?:info|warn|error)\(\s*"([^"]+)"/g)]
    .map(([, record]) => record!);
  assert(logged.length > 15);
  const isTold = (record: string): boolean =>
    told.some((text) => record.startsWith(text)) || record.endsWith("has failed");
  assertEquals(logged.filter((record) => !isTold(record)), []);
});

Deno.test("docs/cluster.md names flags and settings that there are", () => {
  const known = { ...SERVER_FLAGS, ...USERS_FLAGS, ...CLIENT_FLAGS, ...NODES_COMMAND.flags };
  const words = PAGE.matchAll(/(?<=[\s`(])--[a-z][a-z0-9-]*[a-z0-9]/g);
  const ofOthers = ["--replicas", "--version", "--help"];
  const unknown = [...words].map(([flag]) => flag)
    .filter((flag) => !ofOthers.includes(flag) && !(flag.slice(2) in known));
  assertEquals(unknown, []);
  const [, settings = ""] = /^```toml\n([^]*?)^```$/m.exec(PAGE) ?? [];
  assertEquals([...parseConfig(settings, "jim.toml", SERVER_CONFIG).keys()], [
    ...["addr", "node", "nats", "nats-ca", "metrics"],
  ]);
});
