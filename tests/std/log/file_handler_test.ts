import { assertEquals, assertThrows } from "@std/assert";
import { FileHandler, type LogMode } from "@std/log/file-handler";
import { RotatingFileHandler } from "@std/log/rotating-file-handler";
import { type LogLevel, LogRecord } from "@std/log";
import { join } from "node:path";

function record(msg: string, level: LogLevel = 30): LogRecord {
  return new LogRecord({ msg, args: [], level, loggerName: "test" });
}

/** Gives a test the path of a log file in a directory of its own. */
function withFile(body: (filename: string) => void): () => void {
  return () => {
    const dir = Deno.makeTempDirSync();
    try {
      body(join(dir, "a.log"));
    } finally {
      Deno.removeSync(dir, { recursive: true });
    }
  };
}

const read = (path: string): string => Deno.readTextFileSync(path);

/** All files of a log by the end of their names. */
function files(filename: string): Record<string, string> {
  return Object.fromEntries(
    [...Deno.readDirSync(join(filename, ".."))].map(({ name }) => name).sort()
      .map((name) => [name.slice(5), read(join(filename, "..", name))]),
  );
}

Deno.test(
  "FileHandler gathers whole lines and writes them above ERROR, when full, and at the end",
  withFile((filename) => {
    const handler = new FileHandler("WARN", { filename, bufferSize: 30 });
    handler.setup();
    handler.handle(record("below", 20));
    handler.handle(record("AAA", 40));
    assertEquals(read(filename), "");
    handler.handle(record("AAA", 50));
    assertEquals(read(filename), "ERROR AAA\nCRITICAL AAA\n");
    for (let i = 0; i < 3; i++) handler.handle(record("0123456"));
    assertEquals(read(filename).length, 23 + 26, "two lines of 13 bytes fit, a third does not");
    handler.log("x".repeat(100)); // larger than the buffer, in its turn
    assertEquals(read(filename).slice(-115), `\nWARN 0123456\n${"x".repeat(100)}\n`);
    handler.log("last");
    handler.flush();
    handler.log("é");
    handler.destroy();
    handler.destroy();
    assertEquals(read(filename).slice(-7), "last\né\n");
  }),
);

Deno.test(
  "FileHandler writes what is left at the event unload",
  withFile((filename) => {
    const handler = new FileHandler("WARN", { filename });
    handler.setup();
    handler.handle(record("AAA"));
    dispatchEvent(new Event("unload"));
    dispatchEvent(new Event("unload"));
    assertEquals(read(filename), "WARN AAA\n");
  }),
);

Deno.test(
  "FileHandler appends, empties or refuses, by its mode",
  withFile((filename) => {
    const write = (mode?: LogMode): void => {
      using handler = new FileHandler("WARN", { filename, ...(mode && { mode }) });
      handler.setup();
      handler.handle(record(mode ?? "default"));
    };
    write("x");
    write();
    write("a");
    assertEquals(read(filename), "WARN x\nWARN default\nWARN a\n");
    assertThrows(() => write("x"), Deno.errors.AlreadyExists);
    write("w");
    assertEquals(read(filename), "WARN w\n");
  }),
);

Deno.test(
  "FileHandler can be set up again",
  withFile((filename) => {
    const handler = new FileHandler("WARN", { filename });
    for (const msg of ["one", "two"]) {
      handler.setup();
      handler.handle(record(msg));
      handler.destroy();
    }
    assertEquals(read(filename), "WARN one\nWARN two\n");
  }),
);

Deno.test(
  "RotatingFileHandler shifts its files when a line does not fit",
  withFile((filename) => {
    using handler = new RotatingFileHandler("WARN", { filename, maxBytes: 16, maxBackupCount: 2 });
    handler.setup();
    for (const msg of ["1", "2", "3", "4", "5", "6", "7"]) handler.handle(record(msg));
    handler.flush();
    assertEquals(files(filename), {
      "": "WARN 7\n",
      ".1": "WARN 5\nWARN 6\n",
      ".2": "WARN 3\nWARN 4\n",
    });
  }),
);

Deno.test(
  "RotatingFileHandler counts bytes, and what the file has already",
  withFile((filename) => {
    Deno.writeTextFileSync(filename, "12345\n");
    using handler = new RotatingFileHandler("WARN", { filename, maxBytes: 10, maxBackupCount: 1 });
    handler.setup();
    handler.log("。"); // 4 bytes with the end of the line
    handler.flush();
    assertEquals(files(filename), { "": "12345\n。\n" });
    handler.log("。");
    handler.log("much too long for any file");
    handler.log("x");
    handler.flush();
    assertEquals(files(filename), { "": "x\n", ".1": "much too long for any file\n" });
  }),
);

Deno.test(
  "RotatingFileHandler clears or refuses old files, by its mode",
  withFile((filename) => {
    const open = (mode: LogMode, more = {}): void => {
      using handler = new RotatingFileHandler("WARN", {
        filename,
        maxBytes: 50,
        maxBackupCount: 3,
        mode,
        ...more,
      });
      handler.setup();
    };
    const fill = (): void => {
      for (const end of ["", ".1", ".3", ".4"]) Deno.writeTextFileSync(filename + end, "old");
    };
    fill();
    open("a");
    assertEquals(files(filename), { "": "old", ".1": "old", ".3": "old", ".4": "old" });
    open("w");
    assertEquals(files(filename), { "": "", ".4": "old" });
    fill();
    Deno.removeSync(filename);
    Deno.removeSync(`${filename}.1`);
    assertThrows(
      () => open("x"),
      Deno.errors.AlreadyExists,
      `Backup log file ${filename}.3 already exists`,
    );
    assertThrows(() => open("a", { maxBytes: 0 }), Error, '"maxBytes" must be >= 1: received 0');
    assertThrows(
      () => open("a", { maxBackupCount: 0 }),
      Error,
      '"maxBackupCount" must be >= 1: received 0',
    );
  }),
);
