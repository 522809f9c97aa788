import { assertEquals, assertThrows } from "@std/assert";

import { StartError } from "../../common/errors.ts";
import { permissionList, serverPermissions } from "../../common/server_permissions.ts";

Deno.test("a database takes its folder, or, without one, its files", () => {
  const write = (db: string): readonly string[] => serverPermissions({ db }).write;
  assertEquals(write("data/jim.db"), ["data"]);
  assertEquals(write("/jim.db"), ["/"]);
  assertEquals(write(String.raw`C:\chat\x.db`), ["C:\\chat"]);
  assertEquals(write("x.db"), ["x.db", "x.db-wal", "x.db-shm", "x.db-journal", "x.db.lock"]);
  assertEquals(write(":memory:"), []);
});

Deno.test("what is only read is not written", () => {
  const paths = { db: "d/x", logDir: "l", tlsCert: "c.pem", tlsKey: "k.pem", config: "j.toml" };
  assertEquals(serverPermissions(paths), {
    read: ["d", "l", "c.pem", "k.pem", "j.toml"],
    write: ["d", "l"],
  });
});

Deno.test("a path with a comma cannot be allowed, and the line says so", () => {
  assertEquals(permissionList(["a", "c"]), "a,c");
  assertThrows(
    () => permissionList(["a", "b,\n"]),
    StartError,
    "Deno cannot be allowed a path with a comma, such as b,\\n; choose another one",
  );
});
