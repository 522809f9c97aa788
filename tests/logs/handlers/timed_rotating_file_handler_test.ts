import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { LogRecord } from "@std/log/logger";
import { join, resolve } from "node:path";
import {
  TimedRotatingFileHandler,
  type TimedRotatingFileHandlerOptions,
} from "../../../logs/handlers/timed_rotating_file_handler.ts";

const HOUR = 3_600_000;
/** Long before the true birth of any file of these tests: that says nothing then. */
const START = Date.UTC(2020, 10, 23, 10);

/** A handler in a directory of its own, with a clock that the test moves. */
class Fixture implements Disposable {
  readonly dir = Deno.makeTempDirSync();
  readonly filename: string;
  readonly warnings: string[] = [];
  now = START;
  handler!: TimedRotatingFileHandler;

  constructor(options: Partial<TimedRotatingFileHandlerOptions> = {}) {
    this.filename = options.filename ?? join(this.dir, "a.log");
    this.open(options);
  }

  open(options: Partial<TimedRotatingFileHandlerOptions> = {}): void {
    this.handler = new TimedRotatingFileHandler("INFO", {
      filename: this.filename,
      utc: true,
      formatter: ({ msg }) => msg,
      now: () => this.now,
      onWarning: (message) => this.warnings.push(message),
      exitOnSigterm: false,
      ...options,
    });
    this.handler.setup();
  }

  log(msg: string, level: 20 | 40 | 50 = 20): void {
    this.handler.handle(new LogRecord({ msg, args: [], level, loggerName: "test" }));
  }

  /** What is in the file at this moment. */
  read(name = "a.log"): string {
    return Deno.readTextFileSync(join(this.dir, name));
  }

  names(): string[] {
    return [...Deno.readDirSync(this.dir)].map(({ name }) => name).sort();
  }

  /** Every file with its lines, after the end. */
  files(): Record<string, string> {
    this.handler.destroy();
    return Object.fromEntries(
      this.names().map((name) => [name, this.read(name).trimEnd().replaceAll("\n", " ")]),
    );
  }

  [Symbol.dispose](): void {
    this.handler.destroy();
    Deno.removeSync(this.dir, { recursive: true });
  }
}

/** Replaces one function of an object for a while. */
function replaced<T extends object>(target: T, name: keyof T, by: unknown): Disposable {
  const original = target[name];
  Reflect.set(target, name, by);
  return { [Symbol.dispose]: () => void Reflect.set(target, name, original) };
}

Deno.test("wrong options are a RangeError at construction", () => {
  for (
    const [options, message] of [
      [{ interval: 0 }, "'interval' must be above 0 and at most 10000 years, received 0"],
      [{ interval: -1 }, "received -1"],
      [{ interval: NaN }, "received NaN"],
      [{ interval: Infinity }, "received Infinity"],
      [{ interval: "1" as unknown as number }, "'interval' must be above 0"],
      [{ when: "X" }, "'when' must be S, M, H, D, W, W0-W6 or MIDNIGHT, received 'X'"],
      [{ when: "W7" }, "received 'W7'"],
      [{ when: "" }, "received ''"],
      [{ when: "toString" }, "received 'toString'"],
      [
        { encoding: "utf-7" },
        "'encoding' must be utf-8, utf-16le, latin1 or ascii, received 'utf-7'",
      ],
      [{ backupCount: -1 }, "'backupCount' must be an integer from 0"],
      [{ backupCount: 1.5 }, "received 1.5"],
      [{ bufferSize: -1 }, "'bufferSize'"],
      [{ maxBytes: -1 }, "'maxBytes' must be an integer from 0"],
      [{ maxBytes: 65_535 }, "'maxBytes' must be 0 or at least 65536, received 65535"],
      [{ flushInterval: NaN }, "'flushInterval'"],
      [{ atTime: { hour: 24 } }, "'atTime.hour' must be an integer from 0 to 23, received 24"],
      [{ atTime: { hour: 1, minute: 60 } }, "'atTime.minute'"],
      [{ atTime: { hour: 1, minute: 1, second: -1 } }, "'atTime.second'"],
      [{ filename: "" }, "'filename' must not be empty"],
    ] as const
  ) {
    assertThrows(
      () => new TimedRotatingFileHandler("INFO", { filename: "never-made/a.log", ...options }),
      RangeError,
      message,
    );
  }
});

Deno.test("when is accepted in upper and lower case, and says what old files are called", () => {
  const at = Date.UTC(2020, 10, 23, 10, 20, 30) / 1000; // a Monday
  for (
    const [when, wait, label] of [
      ["s", 1, "2020-11-23_10-20-30"],
      ["M", 60, "2020-11-23_10-20"],
      ["h", 3600, "2020-11-23_10"],
      ["D", 86_400, "2020-11-23"],
      ["w", 7 * 86_400, "2020-11-23"],
      ["midnight", 13 * 3600 + 39 * 60 + 30, "2020-11-23"],
      ["W0", 13 * 3600 + 39 * 60 + 30, "2020-11-17"],
      ["w6", 6 * 86_400 + 13 * 3600 + 39 * 60 + 30, "2020-11-23"],
    ] as const
  ) {
    using fixture = new Fixture({ when });
    assertEquals(fixture.handler.computeRollover(at), at + wait, when);
    fixture.handler.destroy();
    fixture.now = at * 1000;
    fixture.open({ when });
    fixture.log("old");
    fixture.now += wait * 1000;
    fixture.log("new");
    assertEquals(fixture.files(), { "a.log": "new", [`a.log.${label}`]: "old" }, when);
  }
});

Deno.test("many idle intervals make one rotation", () => {
  using fixture = new Fixture();
  fixture.log("one");
  fixture.now += 100.5 * HOUR;
  fixture.log("two");
  fixture.now += 0.9 * HOUR;
  fixture.log("three");
  fixture.now += 0.1 * HOUR;
  fixture.log("four");
  assertEquals(fixture.files(), {
    "a.log": "four",
    "a.log.2020-11-23_10": "one",
    "a.log.2020-11-27_14": "two three",
  });
});

Deno.test("a destination that exists never stops rotation", () => {
  using fixture = new Fixture();
  const taken = join(fixture.dir, "a.log.2020-11-23_10");
  Deno.writeTextFileSync(taken, "of someone else");
  Deno.mkdirSync(`${taken}.1`);
  Deno.symlinkSync("nowhere", `${taken}.2`);
  fixture.log("one");
  fixture.now += HOUR;
  fixture.log("two");
  fixture.now += HOUR;
  fixture.log("three");
  fixture.handler.destroy();
  assertEquals(fixture.read("a.log.2020-11-23_10"), "of someone else");
  assertEquals(fixture.read("a.log.2020-11-23_10.3"), "one\n");
  assertEquals(fixture.read("a.log.2020-11-23_11"), "two\n");
  assertEquals(fixture.read(), "three\n");
  assertEquals(fixture.warnings, []);
});

Deno.test("a failing rename loses no record, is told once, and is tried again at the next record", () => {
  using fixture = new Fixture();
  fixture.log("one");
  fixture.now += HOUR;
  let tries = 0;
  {
    using _ = replaced(Deno, "renameSync", () => {
      tries++;
      throw new Deno.errors.PermissionDenied("Operation not permitted");
    });
    for (const msg of ["two", "three", "four"]) fixture.log(msg);
  }
  assertEquals(tries, 3);
  assertEquals(fixture.warnings.length, 1);
  assertMatch(
    fixture.warnings[0]!,
    /^Cannot rotate log file .*a\.log, will try again: Operation not permitted$/,
  );
  fixture.log("five");
  assertEquals(fixture.warnings.slice(1), [
    `Can rotate log file ${fixture.filename} again, no record is lost`,
  ]);
  assertEquals(fixture.files(), { "a.log": "five", "a.log.2020-11-23_10": "one two three four" });
});

Deno.test("a name that the system refuses loses no record", () => {
  using fixture = new Fixture();
  fixture.handler.destroy();
  // Room for the file, none for its label.
  const name = `${"x".repeat(250)}.log`;
  fixture.open({ filename: join(fixture.dir, name) });
  fixture.log("one");
  fixture.now += HOUR;
  fixture.log("two");
  fixture.log("three");
  fixture.handler.destroy();
  assertEquals(fixture.read(name), "one\ntwo\nthree\n");
  assertEquals(fixture.warnings.length, 1);
  assertMatch(fixture.warnings[0]!, /name too long/i);
});

Deno.test("a new file that cannot be made undoes the rotation", () => {
  using fixture = new Fixture();
  fixture.log("one");
  fixture.now += HOUR;
  {
    using _ = replaced(Deno, "openSync", () => {
      throw new Deno.errors.PermissionDenied("no new files");
    });
    fixture.log("two");
    fixture.handler.flush();
    assertEquals(fixture.names(), ["a.log"]);
  }
  fixture.log("three");
  assertEquals(fixture.files(), { "a.log": "three", "a.log.2020-11-23_10": "one two" });
});

Deno.test("a full disk loses, doubles and tears no line", () => {
  using fixture = new Fixture({ bufferSize: 0 });
  fixture.log("one");
  let room = 6;
  const write = Deno.FsFile.prototype.writeSync;
  {
    using _ = replaced(
      Deno.FsFile.prototype,
      "writeSync",
      function (this: Deno.FsFile, bytes: Uint8Array) {
        if (room === 0) throw new Error("No space left on device (os error 28)");
        const part = bytes.subarray(0, room);
        room -= part.length;
        return write.call(this, part);
      },
    );
    fixture.log("second");
    fixture.log("third", 40);
    // Its time has come, but what belongs into the old file is not there yet.
    fixture.now += HOUR;
    fixture.log("fourth");
    assertEquals(fixture.read(), "one\nsecond");
    room = 3;
    fixture.handler.flush();
    assertEquals(fixture.read(), "one\nsecond\nth");
  }
  fixture.log("fifth");
  assertEquals(fixture.warnings, [
    `Cannot write log file ${fixture.filename}, will try again: No space left on device (os error 28)`,
    `Can write log file ${fixture.filename} again, no record is lost`,
  ]);
  assertEquals(fixture.files(), {
    "a.log": "fifth",
    "a.log.2020-11-23_10": "one second third fourth",
  });
});

Deno.test("a device that is full is told once, and what it never took is counted", () => {
  using fixture = new Fixture({ filename: "/dev/full", bufferSize: 0 });
  fixture.log("one");
  fixture.log("two", 50);
  fixture.now += 2 * HOUR;
  fixture.log("three");
  fixture.handler.destroy();
  assertEquals(fixture.warnings.length, 2);
  assertMatch(fixture.warnings[0]!, /^Cannot write log file \/dev\/full, .*No space left/);
  assertEquals(fixture.warnings[1], "Log file /dev/full: 14 bytes are lost");
});

Deno.test("a link away from a full device is followed, and nothing is lost", () => {
  using fixture = new Fixture({ bufferSize: 0 });
  fixture.handler.destroy();
  Deno.removeSync(fixture.filename);
  Deno.symlinkSync("/dev/full", fixture.filename);
  fixture.open({ bufferSize: 0 });
  fixture.log("one");
  fixture.log("two");
  Deno.removeSync(fixture.filename);
  Deno.writeTextFileSync(fixture.filename, "zero\n");
  fixture.log("three");
  assertEquals(fixture.read(), "zero\none\ntwo\nthree\n");
  assertEquals(fixture.warnings.length, 2);
});

Deno.test("both changes of the clocks leave hourly and midnight rotation going on", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-read",
      "--allow-write",
      "--allow-env=TMPDIR",
      import.meta.resolve("../support/hours_of_change.ts"),
    ],
    env: { TZ: "Europe/Berlin" },
    stderr: "inherit",
  }).output();
  assert(success);
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
    // Each file is called after the hour at which it begins: 02 is missing in spring, and comes twice in autumn.
    // CPython calls the hour from 01 to 03 o'clock in spring 03 and the first one from 02 to 03 in autumn 01, finds
    // these names taken an hour later, and rotates no more in both cases.
    "spring, hourly": {
      "a.log": 6,
      "a.log.2026-03-29_00": 6,
      "a.log.2026-03-29_01": 6,
      "a.log.2026-03-29_03": 6,
      "a.log.2026-03-29_04": 6,
    },
    "autumn, hourly": {
      "a.log": 6,
      "a.log.2026-10-25_00": 6,
      "a.log.2026-10-25_01": 6,
      "a.log.2026-10-25_02": 6,
      "a.log.2026-10-25_02.1": 6,
      "a.log.2026-10-25_03": 6,
    },
    // 24, 23 and 24 hours.
    "spring, midnight": {
      "a.log": 144,
      "a.log.2026-03-28": 144,
      "a.log.2026-03-29": 138,
    },
    // 24, 25 and 24 hours.
    "autumn, midnight": {
      "a.log": 144,
      "a.log.2026-10-24": 144,
      "a.log.2026-10-25": 150,
    },
  });
});

Deno.test("restarts do not postpone rotation: the interval began with the file's birth", () => {
  using fixture = new Fixture();
  fixture.handler.destroy();
  Deno.removeSync(fixture.filename);
  // The birth of a file cannot be set: this is about the true time.
  const birth = Date.now();
  fixture.now = birth;
  for (let minutes = 0; minutes < 60; minutes += 20) {
    fixture.now = birth + minutes * 60_000;
    fixture.open();
    fixture.log(`after ${minutes}`);
    fixture.handler.destroy();
    Deno.utimeSync(fixture.filename, new Date(), new Date(fixture.now + 1000));
  }
  fixture.now = birth + 61 * 60_000;
  fixture.open();
  const keepsBirth = Deno.statSync(fixture.filename).birthtime !== null;
  fixture.log("new");
  fixture.handler.destroy();
  assertEquals(fixture.read(), keepsBirth ? "new\n" : "after 0\nafter 20\nafter 40\nnew\n");
});

Deno.test("a file that was changed before it was born began then", () => {
  using fixture = new Fixture();
  fixture.log("one");
  fixture.handler.destroy();
  // As cp -p and tar leave it.
  Deno.utimeSync(fixture.filename, new Date(START), new Date(START - 0.5 * HOUR));
  fixture.open();
  fixture.now += 0.6 * HOUR;
  fixture.log("two");
  assertEquals(fixture.files(), { "a.log": "two", "a.log.2020-11-23_09": "one" });
});

Deno.test("a file from a far future does not stop rotation until then", () => {
  using fixture = new Fixture();
  fixture.handler.destroy();
  const future = new Date(START + 1000 * 24 * HOUR);
  Deno.utimeSync(fixture.filename, future, future);
  fixture.now = Date.parse("2020-01-01T00:00:00Z"); // before the file's birth, too
  fixture.open();
  fixture.log("one");
  fixture.now += HOUR;
  fixture.log("two");
  assertEquals(fixture.files(), { "a.log": "two", "a.log.2020-01-01_00": "one" });
});

Deno.test("a clock that is set back does not rotate twice", () => {
  using fixture = new Fixture({ when: "MIDNIGHT" });
  fixture.log("Monday");
  fixture.now = Date.UTC(2020, 10, 24, 0, 0, 1);
  fixture.log("Tuesday");
  fixture.now = Date.UTC(2020, 10, 23, 23, 59, 58);
  fixture.log("still");
  fixture.now = Date.UTC(2020, 10, 24, 0, 0, 5);
  fixture.log("again");
  assertEquals(fixture.files(), {
    "a.log": "Tuesday still again",
    "a.log.2020-11-23": "Monday",
  });
});

Deno.test("a clock that is years ahead and comes back costs one rotation, and the plan is made anew", () => {
  using fixture = new Fixture({ backupCount: 2 });
  fixture.log("before");
  fixture.now = Date.UTC(2036, 0, 1, 5, 30);
  fixture.log("ahead");
  fixture.now += HOUR;
  fixture.log("still ahead");
  fixture.now = START + HOUR;
  fixture.log("back");
  fixture.now += HOUR;
  fixture.log("next");
  fixture.now += HOUR;
  fixture.log("after");
  // Of the old ones, the one with the wrong name is not the newest: it goes first.
  assertEquals(fixture.files(), {
    "a.log": "after",
    "a.log.2020-11-23_11": "still ahead back",
    "a.log.2020-11-23_12": "next",
  });
});

Deno.test("a clock that jumps ahead by years rotates once and goes on", () => {
  using fixture = new Fixture();
  fixture.log("before");
  fixture.now = Date.UTC(2036, 0, 1, 5, 30);
  fixture.log("one");
  fixture.now += HOUR / 2;
  fixture.log("two");
  fixture.now += HOUR / 2;
  fixture.log("three");
  assertEquals(fixture.files(), {
    "a.log": "three",
    "a.log.2020-11-23_10": "before",
    "a.log.2036-01-01_05": "one two",
  });
});

Deno.test("a new file has the mode and owner of the one before, the first one is its owner's alone", () => {
  using fixture = new Fixture();
  const about = (): (number | null)[] => {
    const { mode, uid, gid } = Deno.statSync(fixture.filename);
    return [mode! & 0o777, uid, gid];
  };
  const [first, uid, gid] = about();
  assertEquals(first, 0o600);
  Deno.chmodSync(fixture.filename, 0o640);
  const isRoot = Deno.uid() === 0;
  if (isRoot) Deno.chownSync(fixture.filename, 1234, 4321);
  fixture.log("one");
  for (let i = 0; i < 2; i++) {
    fixture.now += HOUR;
    fixture.log("two");
    assertEquals(about(), isRoot ? [0o640, 1234, 4321] : [0o640, uid!, gid!]);
  }
});

Deno.test("all files together stay below maxBytes, and the newest records stay", () => {
  const maxBytes = 65_536;
  using fixture = new Fixture({ when: "MIDNIGHT", maxBytes, backupCount: 50 });
  const line = (n: number): string => `${String(n).padStart(6, "0")} ${"x".repeat(92)}`;
  let last = 0;
  for (let day = 0; day < 3; day++) {
    for (const end = last + 1_500; last < end; last++) {
      fixture.log(line(last));
      if (last % 10 > 0) continue;
      const bytes = fixture.names().map((name) => Deno.statSync(join(fixture.dir, name)).size);
      assert(bytes.reduce((sum, size) => sum + size) < maxBytes, `${bytes}`);
    }
    fixture.now += 24 * HOUR;
  }
  // Numbers go on where older ones are gone: in their order the files have one unbroken end of all records.
  const files = fixture.files();
  const number = (name: string): number => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  const names = Object.keys(files).filter((name) => name !== "a.log")
    .sort((a, b) => a.slice(0, 16) < b.slice(0, 16) ? -1 : number(a) - number(b));
  const left = [...names, "a.log"].flatMap((name) =>
    files[name]!.match(/\d{6}(?= )/g)!.map(Number)
  );
  assertEquals(left, Array.from({ length: left.length }, (_, i) => last - left.length + i));
  assert(left.length * 100 > maxBytes / 2, `only ${left.length} are left`);
  assertMatch(names.at(-1)!, /^a\.log\.2020-11-25\.\d$/);
  assertEquals(fixture.warnings, []);
});

Deno.test("what is there already counts: old files over the limit go at the first record", () => {
  using fixture = new Fixture({ maxBytes: 65_536 });
  for (const hour of ["07", "08", "09"]) {
    Deno.writeTextFileSync(`${fixture.filename}.2020-11-23_${hour}`, "x".repeat(25_000));
  }
  fixture.log("one");
  assertEquals(fixture.names(), ["a.log", "a.log.2020-11-23_08", "a.log.2020-11-23_09"]);
});

Deno.test("only old files of this log are deleted, the oldest first", () => {
  using fixture = new Fixture({ backupCount: 3 });
  const strangers = [
    "a.log.2020-11-01_00.old",
    "a.log.2020-11-01",
    "a.log.2020-11-01_00x",
    "a.log.2020-11-01_00.01",
    "b.log.2020-11-01_00",
    "xa.log.2020-11-01_00",
  ];
  const old = ["a.log.2020-11-01_00", "a.log.2020-11-01_00.1", "a.log.2020-11-01_00.10"];
  for (const name of [...strangers, ...old]) Deno.writeTextFileSync(join(fixture.dir, name), name);
  Deno.mkdirSync(join(fixture.dir, "a.log.2020-10-01_00"));
  const here = (): string[] =>
    fixture.names().filter((name) => !strangers.includes(name) && name !== "a.log.2020-10-01_00");
  fixture.now += HOUR;
  fixture.log("one");
  assertEquals(here(), ["a.log", ...old.slice(1), "a.log.2020-11-23_10"]);
  fixture.now += HOUR;
  fixture.log("two");
  fixture.now += HOUR;
  fixture.log("three");
  assertEquals(here(), [
    "a.log",
    "a.log.2020-11-23_10",
    "a.log.2020-11-23_11",
    "a.log.2020-11-23_12",
  ]);
  assertEquals(fixture.names().filter((name) => strangers.includes(name)).length, strangers.length);
});

Deno.test("each encoding writes its bytes, and escapes what it lacks", () => {
  const text = "a é € 😀 \ud800";
  for (
    const [encoding, expected] of [
      ["utf-8", new TextEncoder().encode("a é € 😀 \\ud800\n")],
      [
        "UTF-16LE",
        new Uint8Array(
          new Uint16Array(
            [..."a é € 😀 \\ud800\n"].flatMap((char) =>
              char.split("").map((unit) => unit.charCodeAt(0))
            ),
          ).buffer,
        ),
      ],
      [
        "latin1",
        Uint8Array.from("a \xe9 \\u20ac \\U0001f600 \\ud800\n", (char) => char.charCodeAt(0)),
      ],
      ["ascii", new TextEncoder().encode("a \\xe9 \\u20ac \\U0001f600 \\ud800\n")],
    ] as const
  ) {
    using fixture = new Fixture({ encoding });
    fixture.log(text);
    fixture.handler.destroy();
    assertEquals(Deno.readFileSync(fixture.filename), expected, encoding);
  }
});

Deno.test("delay makes the file with the first record", () => {
  using fixture = new Fixture({ delay: true });
  assertEquals(fixture.names(), []);
  fixture.handler.flush();
  assertEquals(fixture.names(), []);
  fixture.now += 5 * HOUR; // nothing to rotate yet
  fixture.log("one");
  assertEquals(fixture.files(), { "a.log": "one" });
});

Deno.test("huge records come through whole", () => {
  using fixture = new Fixture();
  const huge = "é".repeat(3_000_000);
  fixture.log("before");
  fixture.log(huge);
  fixture.log("after");
  fixture.handler.destroy();
  assertEquals(fixture.read() === `before\n${huge}\nafter\n`, true);
});

Deno.test("records are gathered, and written at once from ERROR on", () => {
  using fixture = new Fixture({ flushInterval: 600_000 });
  fixture.log("one");
  fixture.handler.handle(new LogRecord({ msg: "no", args: [], level: 10, loggerName: "test" }));
  assertEquals(fixture.read(), "");
  fixture.log("two", 40);
  assertEquals(fixture.read(), "one\ntwo\n");
  fixture.log("three");
  assertEquals(fixture.read(), "one\ntwo\n");
  fixture.handler.flush();
  assertEquals(fixture.read(), "one\ntwo\nthree\n");
  fixture.log("x".repeat(5000)); // more than the buffer
  assertEquals(fixture.read().length, 14 + 5001);
});

Deno.test("gathered records are written after flushInterval", async () => {
  using fixture = new Fixture({ flushInterval: 2 });
  fixture.log("one");
  while (fixture.read() === "") await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(fixture.read(), "one\n");
  fixture.log("two");
  while (fixture.read() === "one\n") await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(fixture.read(), "one\ntwo\n");
});

Deno.test("a record after the end is written all the same", () => {
  using fixture = new Fixture();
  fixture.handler.destroy();
  fixture.handler.destroy();
  fixture.log("late");
  assertEquals(fixture.read(), "late\n");
});

Deno.test("two that write to one file rotate it once, and lose nothing", () => {
  using fixture = new Fixture({ flushInterval: 0 });
  const other = new TimedRotatingFileHandler("INFO", {
    filename: fixture.filename,
    utc: true,
    flushInterval: 0,
    now: () => fixture.now,
    exitOnSigterm: false,
    onWarning: (message) => fixture.warnings.push(message),
  });
  other.setup();
  for (let hour = 0; hour < 3; hour++) {
    for (let i = 0; i < 3; i++) {
      fixture.log(`a${hour}${i}`);
      other.log(`b${hour}${i}`);
    }
    fixture.now += HOUR;
  }
  other.destroy();
  assertEquals(fixture.warnings, []);
  assertEquals(fixture.files(), {
    "a.log": "a20 b20 a21 b21 a22 b22",
    "a.log.2020-11-23_10": "a00 b00 a01 b01 a02 b02",
    "a.log.2020-11-23_11": "a10 b10 a11 b11 a12 b12",
  });
});

Deno.test("a log file that was removed is made again", () => {
  using fixture = new Fixture();
  Deno.removeSync(fixture.filename);
  fixture.now += HOUR;
  fixture.log("one");
  assertEquals(fixture.files(), { "a.log": "one" });
});

Deno.test("a file that was deleted or renamed meanwhile is noticed within a second, and a new one begun", () => {
  using fixture = new Fixture({ when: "MIDNIGHT" });
  fixture.log("one", 40);
  Deno.chmodSync(fixture.filename, 0o640);
  Deno.renameSync(fixture.filename, `${fixture.filename}.away`);
  fixture.log("two", 40); // looked at in this second
  fixture.now += 1_000;
  fixture.log("three", 40);
  assertEquals(fixture.read(), "three\n");
  assertEquals(Deno.statSync(fixture.filename).mode! & 0o777, 0o640);
  Deno.removeSync(fixture.filename);
  fixture.now += 1_000;
  fixture.log("four");
  assertEquals(fixture.read(), "", "gathered");
  Deno.removeSync(fixture.filename);
  fixture.now += 1_000;
  fixture.handler.flush();
  assertEquals(fixture.read(), "four\n");
  // A file that somebody else put there is written to, a clock that is set back does not stop the looks.
  Deno.removeSync(fixture.filename);
  Deno.writeTextFileSync(fixture.filename, "theirs\n");
  fixture.now -= 2_000;
  fixture.log("five", 40);
  assertEquals(fixture.warnings, []);
  assertEquals(fixture.files(), { "a.log": "theirs five", "a.log.away": "one two" });
});

Deno.test("the path is looked at once a second, however much is written", () => {
  using fixture = new Fixture({ bufferSize: 0 });
  fixture.log("one");
  let looks = 0;
  const stat = Deno.statSync;
  using _ = replaced(Deno, "statSync", (path: string) => {
    looks++;
    return stat(path);
  });
  for (let n = 0; n < 100; n++) fixture.log("more", 40);
  assertEquals(looks, 0);
  fixture.now += 1_000;
  for (let n = 0; n < 100; n++) fixture.log("more", 40);
  assertEquals(looks, 1);
});

Deno.test("when the whole directory is deleted, records wait for it", () => {
  using fixture = new Fixture();
  fixture.log("one", 40);
  Deno.removeSync(fixture.dir, { recursive: true });
  fixture.now += 1_000;
  fixture.log("two", 40);
  fixture.log("three", 40);
  assertEquals(fixture.warnings.length, 1);
  assertMatch(fixture.warnings[0]!, /^Cannot write log file .*: No such file or directory/);
  Deno.mkdirSync(fixture.dir);
  fixture.log("four", 40);
  assertEquals(
    fixture.warnings[1],
    `Can write log file ${fixture.filename} again, no record is lost`,
  );
  assertEquals(fixture.files(), { "a.log": "two three four" });
});

Deno.test("a log replaced by what is no regular file takes nothing until there is one again, and says so", async (t) => {
  const replacements: Record<string, (path: string) => unknown> = {
    "a directory": (path) => Deno.mkdirSync(path),
    "a link to a device": (path) => Deno.symlinkSync("/dev/null", path),
    "a pipe": (path) => new Deno.Command("mkfifo", { args: [path] }).outputSync(),
  };
  for (const [what, replace] of Object.entries(replacements)) {
    await t.step(what, () => {
      using fixture = new Fixture({ when: "MIDNIGHT" });
      fixture.log("one", 40);
      Deno.removeSync(fixture.filename);
      replace(fixture.filename);
      fixture.now += 1_000;
      fixture.log("two", 40);
      fixture.log("three");
      fixture.now += 1_000;
      fixture.log("four", 40);
      assertEquals(fixture.warnings, [
        `Cannot write log file ${fixture.filename}, will try again: in its place is no regular file`,
      ]);
      Deno.removeSync(fixture.filename);
      fixture.log("five", 40);
      assertEquals(
        fixture.warnings[1],
        `Can write log file ${fixture.filename} again, no record is lost`,
      );
      assertEquals(fixture.files(), { "a.log": "two three four five" });
      assertEquals(fixture.warnings.length, 2);
    });
  }
});

Deno.test("a log that may not be looked at any more fails no caller, asks nobody, and loses nothing", async (t) => {
  const { FsFile } = Deno;
  await t.step("its disk has an error", () => {
    using fixture = new Fixture({ when: "MIDNIGHT" });
    fixture.log("one", 40);
    {
      using _ = replaced(FsFile.prototype, "statSync", () => {
        throw new Error("Input/output error (os error 5)");
      });
      fixture.log("two", 40);
      assertEquals(fixture.read(), "one\ntwo\n");
      assertEquals(fixture.warnings, [], "it was written");
      fixture.now += 1_000;
      fixture.log("three");
      fixture.now += 1_000;
      fixture.log("four", 40);
      fixture.handler.flush();
    }
    fixture.log("five", 40);
    assertEquals(fixture.warnings, [
      `Cannot write log file ${fixture.filename}, will try again: Input/output error (os error 5)`,
      `Can write log file ${fixture.filename} again, no record is lost`,
    ]);
    assertEquals(fixture.files(), { "a.log": "one two three four five" });
  });

  for (
    const [target, reason] of [
      ["/dev/full", "in its place is no regular file"],
      ["/dev/null", "in its place is no regular file"],
      ["elsewhere", "no permission to read what it leads to"],
    ] as const
  ) {
    await t.step(`a link leads to ${target}, where the program may not go`, async () => {
      const dir = Deno.makeTempDirSync();
      const logs = join(dir, "logs");
      Deno.mkdirSync(logs);
      Deno.writeTextFileSync(join(dir, "elsewhere"), "");
      const filename = join(logs, "a.log");
      await using child = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "--no-prompt",
          `--allow-read=${logs}`,
          `--allow-write=${logs}`,
          import.meta.resolve("../support/log_lines.ts"),
          filename,
        ],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const stderr = new Response(child.stderr).text();
      const input = child.stdin.getWriter();
      const output = child.stdout.getReader();
      const log = async (line: string): Promise<void> => {
        await input.write(new TextEncoder().encode(`${line}\n`));
        assert(!(await output.read()).done, `"${line}" was not logged`);
      };
      await log("one");
      Deno.removeSync(filename);
      Deno.symlinkSync(resolve(dir, target), filename);
      await log("two");
      await log("three");
      Deno.removeSync(filename);
      await log("four");
      await input.close();
      assertEquals((await child.status).code, 0);
      assertEquals((await stderr).trimEnd().split("\n"), [
        `Cannot write log file ${filename}, will try again: ${reason}`,
        `Can write log file ${filename} again, no record is lost`,
      ]);
      assertEquals(Deno.readTextFileSync(filename), "two\nthree\nfour\n");
      assertEquals(Deno.readTextFileSync(join(dir, "elsewhere")), "");
      Deno.removeSync(dir, { recursive: true });
    });
  }
});

Deno.test("while there can be no new file, records go on into the renamed one", () => {
  using fixture = new Fixture();
  fixture.log("one", 40);
  Deno.renameSync(fixture.filename, `${fixture.filename}.away`);
  fixture.now += 1_000;
  {
    using _ = replaced(Deno, "openSync", () => {
      throw new Deno.errors.PermissionDenied("no new files");
    });
    fixture.log("two", 40);
  }
  fixture.now += 1_000;
  {
    using _ = replaced(Deno, "statSync", () => {
      throw new Deno.errors.PermissionDenied("no looks");
    });
    fixture.log("three", 40);
  }
  fixture.now += 1_000;
  fixture.log("four", 40);
  assertEquals(fixture.warnings, []);
  assertEquals(fixture.files(), { "a.log": "four", "a.log.away": "one two three" });
});

Deno.test("what was gathered before another process rotated is in the file of its time", () => {
  using fixture = new Fixture();
  using other = new Fixture({ filename: fixture.filename });
  fixture.log("one");
  fixture.now = other.now = START + HOUR;
  other.log("two", 40);
  fixture.log("three", 40);
  assertEquals(fixture.files(), { "a.log": "two three", "a.log.2020-11-23_10": "one" });
});

Deno.test("setup throws where the file cannot be opened", () => {
  const handler = new TimedRotatingFileHandler("INFO", { filename: "/nowhere/at/all/a.log" });
  assertThrows(() => handler.setup(), Deno.errors.NotFound);
  handler.destroy();
});

Deno.test("gathered records are written however the process ends", async (t) => {
  const script = import.meta.resolve("../support/log_until_end.ts");
  const dir = Deno.makeTempDirSync();
  const run = async (how: string): Promise<{ status: Deno.CommandStatus; text: string }> => {
    const filename = join(dir, `${how}.log`);
    await using child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        `--allow-read=${dir}`,
        `--allow-write=${dir}`,
        "--allow-run",
        script,
        filename,
        how,
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const output = child.stdout.getReader();
    // It says so once it waits for the signal.
    if (how === "wait" && !(await output.read()).done) child.kill("SIGTERM");
    while (!(await output.read()).done);
    const status = await child.status;
    return { status, text: Deno.readTextFileSync(filename) };
  };
  const hows = ["exit", "throw", "reject", "wait", "kill"] as const;
  const results = await Promise.all(hows.map(run));
  const endings = Object.fromEntries(hows.map((how, i) => [how, results[i]!]));
  Deno.removeSync(dir, { recursive: true });

  await t.step("Deno.exit", () => {
    assertEquals([endings.exit!.status.code, endings.exit!.text], [3, "INFO first\n"]);
  });
  await t.step("uncaught error", () => {
    assertEquals([endings.throw!.status.code, endings.throw!.text], [1, "INFO first\n"]);
  });
  await t.step("unhandled rejection", () => {
    assertEquals([endings.reject!.status.code, endings.reject!.text], [1, "INFO first\n"]);
  });
  await t.step("SIGTERM", () => {
    const { status, text } = endings.wait!;
    assertEquals([status.signal, text], ["SIGTERM", "INFO first\n"]);
  });
  await t.step("kill -9 costs at most the last interval, and nothing from ERROR on", () => {
    const { status, text } = endings.kill!;
    assertEquals([status.signal, text], ["SIGKILL", "INFO first\nERROR second\n"]);
  });
});
