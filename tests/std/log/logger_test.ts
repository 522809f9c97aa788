import { assert, assertEquals, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import {
  BaseHandler,
  ConsoleHandler,
  getLevelByName,
  getLevelName,
  type LevelName,
  Logger,
  LoggerConfig,
  type LogLevel,
  LogLevelNames,
  LogLevels,
  LogRecord,
} from "@std/log";

class Memory extends BaseHandler {
  readonly lines: string[] = [];
  readonly records: LogRecord[] = [];

  override handle(record: LogRecord): void {
    this.records.push(record);
    super.handle(record);
  }

  override log(msg: string): void {
    this.lines.push(msg);
  }
}

const METHODS = ["debug", "info", "warn", "error", "critical"] as const;
const NAMES = ["DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"] as const;

Deno.test("levels have the names and numbers of @std/log", () => {
  assertEquals(LogLevels, { NOTSET: 0, DEBUG: 10, INFO: 20, WARN: 30, ERROR: 40, CRITICAL: 50 });
  assertEquals(LogLevelNames, ["NOTSET", ...NAMES]);
  for (const name of LogLevelNames) assertEquals(getLevelName(getLevelByName(name)), name);
  assertThrows(() => getLevelByName("WARNING" as LevelName), Error, "no level named WARNING");
  assertThrows(() => getLevelName(25 as LogLevel), Error, "no name for level: 25");
});

Deno.test("a logger and a handler each let through their level and what is above", () => {
  for (const [i, level] of NAMES.entries()) {
    const byHandler = new Memory(level);
    const byLogger = new Memory("NOTSET");
    const loose = new Logger("test", "NOTSET", { handlers: [byHandler] });
    const strict = new Logger("test", level, { handlers: [byLogger] });
    for (const method of METHODS) {
      loose[method](method);
      strict[method](method);
    }
    const expected = NAMES.slice(i).map((name) => `${name} ${name.toLowerCase()}`);
    assertEquals([byHandler.lines, byLogger.lines], [expected, expected]);
    assertEquals([byHandler.level, byHandler.levelName], [LogLevels[level], level]);
    assertEquals([strict.level, strict.levelName, strict.loggerName], [
      LogLevels[level],
      level,
      "test",
    ]);
  }
});

Deno.test("levels can be changed, but not to what is none", () => {
  const handler = new Memory("INFO");
  const logger = new Logger("test", "INFO", { handlers: [handler] });
  handler.levelName = "WARN";
  assertEquals(handler.level, 30);
  handler.level = LogLevels.DEBUG;
  logger.level = LogLevels.DEBUG;
  logger.debug("one");
  logger.levelName = "ERROR";
  logger.warn("two");
  assertEquals(handler.lines, ["DEBUG one"]);
  assertThrows(() => logger.level = 7 as LogLevel, TypeError);
  assertThrows(() => logger.levelName = "LOUD" as LevelName);
  assertThrows(() => handler.level = 7 as LogLevel);
  assertEquals(logger.level, 40);
  assertThrows(() => new Logger("test", "LOUD" as LevelName));
  assertThrows(() => new Memory("LOUD" as LevelName));
});

Deno.test("a message comes back, and becomes text by its type", () => {
  const handler = new Memory("DEBUG", { formatter: ({ msg }) => msg });
  const logger = new Logger("test", "DEBUG", { handlers: [handler] });
  const symbol = Symbol("s");
  const object = { a: "x", b: 1n, c: { d: null, e: [true] } };
  const cases: [unknown, string][] = [
    ["text", "text"],
    [5, "5"],
    [5n, "5"],
    [false, "false"],
    [null, "null"],
    [undefined, "undefined"],
    [symbol, "Symbol(s)"],
    [object, '{"a":"x","b":1,"c":{"d":null,"e":{"0":true}}}'],
  ];
  for (const [value, expected] of cases) {
    assertStrictEquals(logger.info(value), value);
    assertEquals(handler.lines.pop(), expected);
  }
  const error = new RangeError("Uh-oh");
  assertStrictEquals(logger.error(error), error);
  const [first, second] = handler.lines.pop()!.split("\n");
  assertEquals(first, "RangeError: Uh-oh");
  assertMatch(second!, /^\s+at file:.*:\d+:\d+$/);
});

Deno.test("a function is called only for a record that is made", () => {
  const handler = new Memory("DEBUG");
  const logger = new Logger("test", "INFO", { handlers: [handler] });
  let calls = 0;
  const lazy = (): string => `call ${++calls}`;
  assertEquals(logger.debug(lazy, 1), undefined);
  assertEquals(calls, 0);
  assertEquals(logger.info(lazy, 1), "call 1");
  assertEquals(handler.lines, ["INFO call 1"]);
});

Deno.test("records carry what was passed, and cannot be changed", () => {
  const handler = new Memory("DEBUG");
  const before = Date.now();
  new Logger("test", "DEBUG", { handlers: [handler] }).warn("m", 1, { a: 2 });
  const record = handler.records[0]!;
  assert(record instanceof LogRecord);
  assertEquals(
    [record.msg, record.args, record.level, record.levelName, record.loggerName],
    ["m", [1, { a: 2 }], 30, "WARN", "test"],
  );
  record.args.push("no");
  record.datetime.setTime(0);
  assertEquals(record.args.length, 2);
  assert(record.datetime.getTime() >= before && record.datetime.getTime() <= Date.now());
});

Deno.test("a formatter has all of the record", () => {
  const handler = new Memory("DEBUG", {
    formatter: ({ loggerName, levelName, msg, args }) =>
      `[${loggerName}] ${levelName} ${msg} ${args}`,
  });
  const logger = new Logger("test", "DEBUG", { handlers: [handler] });
  logger.debug("", 1, 2);
  handler.formatter = () => "other";
  logger.debug("x");
  assertEquals(handler.lines, ["[test] DEBUG  1,2", "other"]);
});

Deno.test("handlers are disposed of by using", () => {
  let ended = 0;
  class Ending extends Memory {
    override destroy(): void {
      ended++;
    }
  }
  {
    using _ = new Ending("DEBUG");
  }
  assertEquals(ended, 1);
});

Deno.test("what is private in @std/log is private here, and a logger's configuration is a class", () => {
  const config = new LoggerConfig();
  config.level = "WARN";
  config.handlers = ["default"];
  assertEquals({ ...config }, { level: "WARN", handlers: ["default"] });
  const logger = new Logger("test", "INFO");
  // @ts-expect-error -- upstream has no such method
  assertEquals(logger.asString, undefined);
  // @ts-expect-error -- nor this one
  assertEquals(new ConsoleHandler("INFO").applyColors, undefined);
  const record = new LogRecord({ msg: "m", args: [], level: 20, loggerName: "test" });
  const { level, levelName }: { level: number; levelName: string } = record;
  assertEquals([level, levelName], [20, "INFO"]);
  // @ts-expect-error -- upstream says `number`
  const strict: LogLevel = record.level;
  assertEquals(strict, 20);
});
