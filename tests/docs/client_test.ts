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
