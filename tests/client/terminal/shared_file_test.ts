import { assertEquals, assertRejects } from "@std/assert";

import { updateSharedFile } from "../../../client/terminal/shared_file.ts";

Deno.test("changes that are made at the same time are all made, and a shorter text leaves no rest", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-shared-" });
  try {
    const path = `${dir}/file`;
    const update = (change: (text: string) => string, create = true): Promise<string> =>
      updateSharedFile(path, change, { create });
    await assertRejects(() => update((text) => text, false), Deno.errors.NotFound);
    await Promise.all(Array.from({ length: 30 }, () => update((text) => text + "я")));
    assertEquals(await Deno.readTextFile(path), "я".repeat(30));
    assertEquals([await update(() => "one"), await Deno.readTextFile(path)], ["one", "one"]);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
