import { assertEquals, assertThrows } from "@std/assert";

import { DatabasePresence } from "../../../server/store/database_presence.ts";
import { StoreLostError } from "../../../server/store/store.ts";
import { withDatabasePath } from "../../support/database_path.ts";

Deno.test("a file that is gone or another one is told once each time, and checks fail until it is back", () =>
  withDatabasePath(async (path) => {
    await Deno.writeTextFile(path, "a");
    const told: StoreLostError[] = [];
    const presence = new DatabasePresence(path, (error) => told.push(error));
    await Deno.writeTextFile(path, "b", { append: true });
    presence.check();
    await Deno.rename(path, `${path}-away`);
    presence.look();
    await Deno.copyFile(`${path}-away`, path);
    assertEquals(assertThrows(() => presence.check(), StoreLostError), told[0]);
    await Deno.rename(`${path}-away`, path);
    presence.check();
    assertEquals(told.length, 1);
    await Deno.remove(path);
    presence.look();
    presence.look();
    assertEquals(told.length, 2);
  }));

Deno.test("a file whose directory was renamed or became a file is gone", () =>
  withDatabasePath(async (path) => {
    const directory = `${path}-data`;
    await Deno.mkdir(directory);
    await Deno.writeTextFile(`${directory}/jim.db`, "");
    const presence = new DatabasePresence(`${directory}/jim.db`, () => {});
    await Deno.rename(directory, `${directory}-away`);
    assertThrows(() => presence.check(), StoreLostError);
    await Deno.writeTextFile(directory, "");
    assertThrows(() => presence.check(), StoreLostError);
  }));

Deno.test("a database in memory is always there", () => {
  new DatabasePresence(":memory:", () => {}).check();
});
