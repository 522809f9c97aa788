// tests/e2e/bots_test.ts and tests/classic/echo_bot_test.ts run the bots; this is what the page says of them.
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const BOTS = ["echo.ts", "reminder.ts", "webhook.ts"];

Deno.test("the bots have less than 30 lines, and use the package as others do", async () => {
  const { name, exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const entries = Object.keys(exports).map((entry) => name + entry.slice(1));
  for (const bot of BOTS) {
    const text = await Deno.readTextFile(new URL(`examples/bots/${bot}`, ROOT));
    assert(text.split("\n").length - 1 < 30, bot);
    const imports = [...text.matchAll(/\bfrom "([^"]+)"/g)].map(([, specifier]) => specifier!);
    assert(imports.length > 0 && imports.every((one) => entries.includes(one)), `${imports}`);
  }
});

Deno.test("docs/bots.md has each bot, each entry of the package, and the least permissions", async () => {
  const text = await Deno.readTextFile(new URL("docs/bots.md", ROOT));
  const { name, exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  for (const entry of Object.keys(exports)) assert(text.includes(`\`${name}${entry.slice(1)}\``));
  const commands = [...text.matchAll(/^deno run (.*) examples\/bots\/(\S+) /gm)];
  assertEquals(commands.map(([, , bot]) => bot), BOTS);
  for (const [, permissions] of commands) assert(/^--allow-net=\S+$/.test(permissions!));
});
