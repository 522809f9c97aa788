import { assertEquals, assertThrows } from "@std/assert";
import { dirname, join } from "node:path";

import { Backups } from "../../../logs/handlers/backups.ts";

const isDay = (label: string): boolean => /^\d{4}-\d\d-\d\d$/.test(label);

/** Runs with a directory that holds those empty files. */
function withFiles(
  names: readonly string[],
  run: (path: string, left: () => string[]) => void,
): void {
  const dir = Deno.makeTempDirSync();
  try {
    for (const name of names) Deno.writeTextFileSync(join(dir, name), "");
    run(join(dir, "a.log"), () => [...Deno.readDirSync(dir)].map(({ name }) => name).sort());
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("a free name has a number above all others, also above those that are gone", () => {
  withFiles(["a.log.2026-01-01", "a.log.2026-01-01.1", "a.log.2026-01-01.3"], (path) => {
    const backups = new Backups(path, 0, isDay);
    assertEquals(backups.freeName("2026-01-02"), `${path}.2026-01-02`);
    assertEquals(backups.freeName("2026-01-01"), `${path}.2026-01-01.4`);
  });
});

Deno.test("the oldest go by label and then by number, ten behind nine", () => {
  const names = [
    "a.log.2026-01-02",
    "a.log.2026-01-01.10",
    "a.log.2026-01-01.9",
    "a.log.2026-01-01",
  ];
  withFiles(["a.log", ...names], (path, left) => {
    new Backups(path, 2, isDay).deleteOld();
    assertEquals(left(), ["a.log", "a.log.2026-01-01.10", "a.log.2026-01-02"]);
  });
});

Deno.test("nothing else is touched: other labels, other logs, directories", () => {
  const others = [
    "a.log.2026-01",
    "a.log.2026-01-01.01",
    "a.log.2026-01-01.gz",
    "b.log.2026-01-01",
    "a.log2026-01-01",
  ];
  withFiles(["a.log.2026-01-02", "a.log.2026-01-03", ...others], (path, left) => {
    Deno.mkdirSync(`${path}.2026-01-01`);
    new Backups(path, 1, isDay).deleteOld();
    assertEquals(left(), ["a.log.2026-01-01", "a.log.2026-01-03", ...others].sort());
  });
});

Deno.test("the oldest go until there are no more bytes than allowed", () => {
  const names = ["a.log.2026-01-01", "a.log.2026-01-01.2", "a.log.2026-01-02"];
  withFiles([...names, "a.log", "b.log.2026-01-01"], (path, left) => {
    for (const name of left()) Deno.writeTextFileSync(join(dirname(path), name), "x".repeat(100));
    const backups = new Backups(path, 0, isDay);
    assertEquals(backups.deleteOld({ maxBytes: 300 }), 300);
    assertEquals(backups.deleteOld({ maxBytes: 199 }), 100);
    assertEquals(left(), ["a.log", "a.log.2026-01-02", "b.log.2026-01-01"]);
    assertEquals(backups.freeName("2026-01-01"), `${path}.2026-01-01`);
    assertEquals(backups.deleteOld({ maxBytes: -1 }), 0);
    assertEquals(left(), ["a.log", "b.log.2026-01-01"]);
  });
});

Deno.test("bytes of files that were rotated by another unit count, too, but not as to their number", () => {
  const names = [
    "a.log.2026-01-01_10",
    "a.log.2026-01-01_11",
    "a.log.2026-01-02",
    "a.log.2026-01-03",
  ];
  withFiles(names, (path, left) => {
    for (const name of left()) Deno.writeTextFileSync(join(dirname(path), name), "x".repeat(100));
    new Backups(path, 1, isDay).deleteOld();
    assertEquals(left(), ["a.log.2026-01-01_10", "a.log.2026-01-01_11", "a.log.2026-01-03"]);
    assertEquals(new Backups(path, 1, isDay).deleteOld({ maxBytes: 200 }), 200);
    assertEquals(left(), ["a.log.2026-01-01_11", "a.log.2026-01-03"]);
  });
});

Deno.test("files of a time that has not come count as the oldest", () => {
  const names = ["a.log.2026-01-01", "a.log.2026-01-02", "a.log.2036-01-01", "a.log.2036-01-02"];
  withFiles(names, (path, left) => {
    const backups = new Backups(path, 3, isDay);
    backups.deleteOld({ newest: "2026-01-03" });
    assertEquals(left(), ["a.log.2026-01-01", "a.log.2026-01-02", "a.log.2036-01-02"]);
    new Backups(path, 1, isDay).deleteOld({ newest: "2026-01-03" });
    assertEquals(left(), ["a.log.2026-01-02"]);
  });
});

Deno.test("0 keeps all", () => {
  withFiles(["a.log.2026-01-01", "a.log.2026-01-02"], (path, left) => {
    new Backups(path, 0, isDay).deleteOld();
    assertEquals(left().length, 2);
  });
});

Deno.test("a directory that cannot be read is an error", () => {
  assertThrows(
    () => new Backups("/nowhere/at/all/a.log", 1, isDay).deleteOld(),
    Deno.errors.NotFound,
  );
});
