import { assertEquals, assertStringIncludes } from "@std/assert";

import { insertTables, PAGES } from "../../docs/tables.ts";

const ROOT = new URL("../../", import.meta.url);

for (const page of PAGES) {
  Deno.test(`the tables in ${page} are those of the code; 'deno task docs' writes them`, async () => {
    const text = await Deno.readTextFile(new URL(page, ROOT));
    assertEquals(insertTables(text), text);
  });
}

Deno.test("docs/client.md has the tables", async () => {
  const text = await Deno.readTextFile(new URL("docs/client.md", ROOT));
  assertStringIncludes(text, "`message [WHO [TEXT]]`");
  assertStringIncludes(text, "`--no-reconnect`");
});

Deno.test("README.ru.md has the headings, the code, the links and the pictures of README.md", async () => {
  const [english, russian] = await Promise.all(
    ["README.md", "README.ru.md"].map(async (page) => {
      const text = await Deno.readTextFile(new URL(page, ROOT));
      const code = [...text.matchAll(/^```\w*\n[^]*?^```$/gm)].map(([block]) => block);
      const prose = text.replace(/^```\w*\n[^]*?^```$/gm, "");
      const links = [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
      return {
        code,
        headings: [...prose.matchAll(/^#+/gm)].map(([level]) => level),
        links: links.filter((target) => !target.startsWith("README")).sort(),
        items: prose.match(/^- /gm)?.length,
      };
    }),
  );
  assertEquals(russian, english);
});
