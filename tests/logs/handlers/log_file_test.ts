import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";

import { encoderOf } from "../../../logs/handlers/encoding.ts";
import { LogFile, type LogFileOptions, statOf } from "../../../logs/handlers/log_file.ts";

/** Runs with a file in a directory of its own. */
function withFile(
  run: (file: LogFile, path: string, read: () => string) => void,
  options: Partial<LogFileOptions> = {},
): void {
  const dir = Deno.makeTempDirSync();
  const path = join(dir, "a.log");
  const file = new LogFile(path, { encode: encoderOf("utf-8"), bufferSize: 10, ...options });
  try {
    run(file, path, () => Deno.readTextFileSync(path));
  } finally {
    file.close();
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("LogFile gathers text until it is enough, and makes the file then", () => {
  withFile((file, path, read) => {
    file.append("one\n");
    assert(file.hasPending && !file.isOpen);
    assertEquals([statOf(path), file.pathState()], [undefined, "missing"]);
    file.append("two, more\n");
    assert(!file.hasPending && file.isOpen);
    assertEquals([read(), file.pathState()], ["one\ntwo, more\n", "regular"]);
    file.append("x");
    file.close();
    assert(file.hasPending);
    file.flush();
    assertEquals(read(), "one\ntwo, more\nx");
  });
});

Deno.test("LogFile keeps what the file refuses, says when it is too much, and counts what it drops", () => {
  const dir = Deno.makeTempDirSync();
  const full = join(dir, "full");
  Deno.symlinkSync("/dev/full", full);
  const file = new LogFile(full, { encode: encoderOf("utf-8"), bufferSize: 1, maxBacklog: 4 });
  assertThrows(() => file.append("жж"), Error, "No space left");
  assert(file.isStuck && file.isFull && file.hasPending);
  assertEquals(file.pathState(), "special");
  assertThrows(() => file.append("x"));
  assertEquals(file.discard(), 5);
  assert(!file.isStuck && !file.isFull && !file.hasPending);
  file.close();
  Deno.removeSync(dir, { recursive: true });
});

Deno.test("LogFile moves its file away and begins a new one", () => {
  withFile((file, path, read) => {
    file.append("old, enough\n");
    assert(file.moveTo(() => `${path}.1`));
    file.append("new, enough\n");
    assertEquals([Deno.readTextFileSync(`${path}.1`), read()], ["old, enough\n", "new, enough\n"]);
  });
});

Deno.test("LogFile notices that its path names another file, moves nothing then, and follows", () => {
  withFile((file, path, read) => {
    file.append("mine, enough\n");
    assert(file.isCurrent());
    Deno.renameSync(path, `${path}.1`);
    assert(!file.isCurrent());
    Deno.writeTextFileSync(path, "theirs\n");
    assert(!file.isCurrent());
    assert(!file.moveTo(() => assertNever()));
    file.reopen();
    assert(file.isCurrent());
    file.append("also mine\n");
    assertEquals(read(), "theirs\nalso mine\n");
  });
});

Deno.test("LogFile makes its file anew, but not while another process renames it, and follows to no pipe", () => {
  withFile((file, path, read) => {
    assert(!file.follow(), "it is not open");
    file.append("old, enough\n");
    assert(!file.follow());
    Deno.renameSync(path, `${path}.1`);
    {
      using other = Deno.openSync(`${path}.1`, { write: true });
      other.lockSync(true);
      assert(!file.follow());
      assertEquals(file.pathState(), "missing");
    }
    assert(file.follow());
    file.append("new, enough\n");
    assertEquals(read(), "new, enough\n");
    Deno.removeSync(path);
    Deno.symlinkSync("/dev/null", path);
    assert(file.follow());
    assert(!file.isOpen, "what is written waits");
    assertThrows(() => file.append("newer, enough\n"), Error, "no regular file");
    Deno.removeSync(path);
    file.flush();
    assertEquals(read(), "newer, enough\n");
    Deno.renameSync(path, `${path}.2`);
    Deno.mkdirSync(path);
    assert(!file.follow(), "it goes on into a file that has a name");
    file.append("newest, enough\n");
    assertEquals(Deno.readTextFileSync(`${path}.2`), "newer, enough\nnewest, enough\n");
  });
});

Deno.test("LogFile tries no third file when the disk refuses a write", () => {
  withFile((file, path, read) => {
    file.append("one, enough\n");
    const { writeSync } = Deno.FsFile.prototype;
    let writes = 0;
    Deno.FsFile.prototype.writeSync = () => {
      Deno.removeSync(path);
      if (++writes === 10) Deno.FsFile.prototype.writeSync = writeSync;
      throw new Error("No space left on device");
    };
    try {
      assertThrows(() => file.append("two, enough\n"), Error, "No space left");
    } finally {
      Deno.FsFile.prototype.writeSync = writeSync;
    }
    assertEquals(writes, 2);
    assert(file.follow());
    file.flush();
    assertEquals(read(), "two, enough\n");
  });
});

Deno.test("LogFile undoes a move if there can be no new file", () => {
  withFile((file, path, read) => {
    file.append("old, enough\n");
    assertThrows(() => file.moveTo(() => join(path, "below/a/file")));
    assert(file.isCurrent());
    file.append("goes on, enough\n");
    assertEquals(read(), "old, enough\ngoes on, enough\n");
  });
});

function assertNever(): never {
  throw new Error("no name is asked for");
}
