import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** Entry scripts whose `--help` stands in the README, by the name of their task. */
const SCRIPTS = { server: "server.ts", client: "client.ts", launch: "launcher.ts" } as const;

for (const [task, script] of Object.entries(SCRIPTS)) {
  Deno.test(`README.md shows the help of deno task ${task}`, async () => {
    const { stdout, code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", script, "--help"],
      cwd: ROOT,
    }).output();
    assertEquals(code, 0);
    const readme = await Deno.readTextFile(new URL("README.md", ROOT));
    const shown = new RegExp(`<!-- help ${task} -->\n+\`\`\`text\n([^]*?)\`\`\``).exec(readme)?.[1];
    assertEquals(shown, new TextDecoder().decode(stdout));
  });
}

Deno.test("README.md links to files that exist, and so do the other pages", async () => {
  const pages = [
    "README.md",
    "README.ru.md",
    "CHANGELOG.md",
    ...[...Deno.readDirSync(new URL("docs/", ROOT))]
      .filter(({ name }) => name.endsWith(".md")).map(({ name }) => `docs/${name}`),
  ];
  const dead: string[] = [];
  for (const page of pages) {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      try {
        await Deno.stat(new URL(target!, new URL(page, ROOT)));
      } catch {
        dead.push(`${page}: ${target}`);
      }
    }
  }
  assertEquals(dead, []);
});
