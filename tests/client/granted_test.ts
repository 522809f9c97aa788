import { assertEquals } from "@std/assert";

import { readGranted } from "../../client/granted.ts";

Deno.test("a byte order mark at the beginning of a file is no part of its text", async () => {
  const path = await Deno.makeTempFile({ prefix: "jim-password-" });
  try {
    await Deno.writeTextFile(path, "\ufeffcorrect\ufeff horse\n");
    assertEquals(await readGranted("--password-file", path), "correct\ufeff horse\n");
  } finally {
    await Deno.remove(path);
  }
});
