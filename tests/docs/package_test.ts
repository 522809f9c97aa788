// The package that others import: what `exports` in deno.json names, and nothing else.
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

import { runProgram } from "../support/run_program.ts";

const ROOT = new URL("../../", import.meta.url);
const { name, version, exports } = JSON.parse(
  await Deno.readTextFile(new URL("deno.json", ROOT)),
) as { name: string; version: string; exports: Record<string, string> };

/** Uses every entry of the package by its name, as a program elsewhere does. */
const PROGRAM = `
import { type ClientOptions, JimClient, RefusedError } from "${name}";
import { CODE, type Delivery } from "${name}/protocol";
import { type Log, logCalls, TimedRotatingFileHandler } from "${name}/logs";

const log: Log = { debug: (text) => said.push(text), info() {}, warn() {}, error() {}, level: 10 };
const said: string[] = [];
class Bot {
  @logCalls({ log })
  answer({ message }: Pick<Delivery, "message">): string {
    return message.toUpperCase();
  }
}
const options: ClientOptions = { hostname: "127.0.0.1", port: 1, reconnect: false };
const failure = await JimClient.connect(options).catch((error) => error.name);
const handler = new TimedRotatingFileHandler("INFO", { filename: "bot.log", when: "MIDNIGHT" });
console.log(new Bot().answer({ message: "hi" }), said, failure, handler.levelName, CODE.ok);
console.log(RefusedError.name);
`;

Deno.test("deno publish would take the package, types included", async () => {
  const args = ["publish", "--dry-run", "--allow-dirty"];
  const { code, stdout, stderr } = await runProgram(Deno.execPath(), args);
  assertEquals([code, /Dry run complete/.test(stdout + stderr)], [0, true], stderr);
  const published = [...(stdout + stderr).matchAll(/^ +(file:\S+) \(/gm)]
    .map(([, url]) => url!.slice(ROOT.href.length));
  const strangers = published.filter((path) =>
    !/^(client\/library|common|logs|std)\/.*\.ts$|^(README|CHANGELOG|docs\/bots)\.md$|^(LICENSE|deno\.json)$/
      .test(path)
  );
  assertEquals(strangers, []);
  for (const entry of Object.values(exports)) {
    assertEquals(published.includes(entry.slice(2)), true, entry);
  }
});

Deno.test("what the package exports is documented and needs no type that it does not export", async () => {
  const args = ["doc", "--lock=tests/deno.lock", "--lint", ...Object.values(exports)];
  const { code, stderr } = await runProgram(Deno.execPath(), args);
  assertEquals(code, 0, stderr);
});

Deno.test("a program elsewhere imports the package by its name", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const links = ["", "std/log", "std/streams"].map((path) => fileURLToPath(new URL(path, ROOT)));
    const config = { imports: { [name]: `jsr:${name}@^${version}` }, links };
    await Deno.writeTextFile(`${dir}/deno.json`, JSON.stringify(config));
    await Deno.writeTextFile(`${dir}/bot.ts`, PROGRAM);
    const args = ["run", "--quiet", "--check", "--no-lock", "--no-prompt", "--allow-net=127.0.0.1"];
    const { code, stdout, stderr } = await runProgram(Deno.execPath(), [...args, `${dir}/bot.ts`]);
    assertEquals(
      [code, stdout],
      [0, 'HI [ "call" ] ConnectError INFO 200\nRefusedError\n'],
      stderr,
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
