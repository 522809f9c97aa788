import { assertEquals, assertNotEquals } from "@std/assert";

import { databaseIdentity } from "../../../server/store/database_identity.ts";
import { withDatabasePath } from "../../support/database_path.ts";

Deno.test("a database is the same whatever is written to it, and its copy is another one, also in its place", () =>
  withDatabasePath(async (path) => {
    await Deno.writeTextFile(path, "a");
    const before = databaseIdentity(path);
    await Deno.writeTextFile(path, "ab", { append: true });
    assertEquals(databaseIdentity(path), before);
    const copy = `${path}-copy`;
    await Deno.copyFile(path, copy);
    await Deno.rename(copy, path);
    assertNotEquals(databaseIdentity(path), before);
    await Deno.remove(path);
  }));

Deno.test("databases in memory have no name", () => {
  assertEquals(databaseIdentity(":memory:"), undefined);
});
