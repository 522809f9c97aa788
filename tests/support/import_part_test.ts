import { assertEquals } from "@std/assert";

import { filesOfPart } from "./import_part.ts";

const TESTS = new URL("../", import.meta.url);
const PARTS = new URL("parts/", TESTS);

function files(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? files(new URL(`${name}/`, folder)) : [new URL(name, folder).href]
  );
}

Deno.test("each file of tests is in one part, but those that have a task of their own", async () => {
  const parts = files(PARTS);
  const all = files(TESTS).filter((file) => file.endsWith("_test.ts"))
    .filter((file) => !/^(classic|desktop|interop|nats)\//.test(file.slice(TESTS.href.length)));
  assertEquals(parts.flatMap(filesOfPart).sort(), all.sort());
  const texts = await Promise.all(parts.map((part) => Deno.readTextFile(new URL(part))));
  const [text] = texts;
  assertEquals(texts, parts.map(() => text));
  assertEquals(text?.includes("await importPart(import.meta.url);"), true);
});
