import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

for (const page of ["docs/security.md", "docs/reliability.md"]) {
  Deno.test(`${page} names files and tasks that exist`, async () => {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    const files = [...new Set(text.match(/\b(?:tests|server|common|bench)\/[\w/]+\.ts\b/g))];
    assert(files.length > 0);
    for (const file of files) assert((await Deno.stat(new URL(file, ROOT))).isFile, file);
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    const named = new Set([...text.matchAll(/\bdeno task (\w+)/g)].map(([, task]) => task!));
    assertEquals([...named].filter((task) => !Object.hasOwn(tasks, task)), []);
  });
}
