import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as log from "@std/log";
import { ConsoleHandler } from "@std/log/console-handler";
import { critical } from "@std/log/critical";
import { debug } from "@std/log/debug";
import { error } from "@std/log/error";
import { formatters, jsonFormatter } from "@std/log/formatters";
import { getLogger } from "@std/log/get-logger";
import { info } from "@std/log/info";
import { setup } from "@std/log/setup";
import { warn } from "@std/log/warn";

class Memory extends log.BaseHandler {
  readonly lines: string[] = [];
  readonly events: string[] = [];

  override log(msg: string): void {
    this.lines.push(msg);
  }

  override setup(): void {
    this.events.push("setup");
  }

  override destroy(): void {
    this.events.push("destroy");
  }
}

// Before any setup().
const first = getLogger();

Deno.test("there is a default logger from the start", () => {
  assert(first instanceof log.Logger);
  assertEquals([first.levelName, first.loggerName, first.handlers.length], ["INFO", "default", 1]);
  assert(first.handlers[0] instanceof ConsoleHandler);
});

Deno.test("debug() to critical() log with the default logger", () => {
  const handler = new Memory("NOTSET");
  setup({
    handlers: { default: handler },
    loggers: { default: { level: "INFO", handlers: ["default"] } },
  });
  assertEquals([debug("a"), info("b", 1), warn(5), error(null), critical("e")], [
    "a",
    "b",
    5,
    null,
    "e",
  ]);
  assertEquals([debug(() => "f"), info(() => "g")], [undefined, "g"]);
  assertEquals(handler.lines, ["INFO b", "WARN 5", "ERROR null", "CRITICAL e", "INFO g"]);
  assertStrictEquals(log.info, info);
});

Deno.test("setup() makes loggers by name and swaps all handlers", () => {
  const a = new Memory("DEBUG");
  const b = new Memory("DEBUG");
  setup({
    handlers: { a, b },
    loggers: {
      default: { level: "DEBUG", handlers: ["a"] },
      tasks: { level: "ERROR", handlers: ["a", "b", "unknown"] },
      quiet: {},
    },
  });
  getLogger().debug("hello");
  getLogger("tasks").warn("below");
  getLogger("tasks").error("world");
  assertEquals([a.lines, b.lines], [["DEBUG hello", "ERROR world"], ["ERROR world"]]);
  assertEquals([getLogger("quiet").levelName, getLogger("quiet").handlers], ["INFO", []]);
  assertEquals([getLogger("other").levelName, getLogger("other").handlers], ["NOTSET", []]);
  assertStrictEquals(getLogger("other"), getLogger("other"));
  getLogger("tasks").handlers = [b];
  getLogger("tasks").critical("b only");
  assertEquals([a.lines.length, b.lines.length], [2, 2]);

  setup({ handlers: {}, loggers: {} });
  assertEquals([a.events, b.events], [["setup", "destroy"], ["setup", "destroy"]]);
  assertEquals(getLogger().handlers.length, 1);
});

Deno.test("ConsoleHandler colours by level, unless told not to", () => {
  const colours = new ConsoleHandler("DEBUG");
  const plain = new ConsoleHandler("DEBUG", { useColors: false });
  const of = (handler: log.ConsoleHandler, level: log.LogLevel): string =>
    handler.format(new log.LogRecord({ msg: "m", args: [], level, loggerName: "test" }));
  const expected = Deno.noColor ? ["DEBUG m", "INFO m", "WARN m", "ERROR m", "CRITICAL m"] : [
    "DEBUG m",
    "\x1b[34mINFO m\x1b[39m",
    "\x1b[33mWARN m\x1b[39m",
    "\x1b[31mERROR m\x1b[39m",
    "\x1b[1m\x1b[31mCRITICAL m\x1b[39m\x1b[22m",
  ];
  assertEquals(([10, 20, 30, 40, 50] as const).map((level) => of(colours, level)), expected);
  assertEquals(of(plain, 50), "CRITICAL m");
});

Deno.test("jsonFormatter writes one object a record", () => {
  const of = (...args: unknown[]): string =>
    jsonFormatter(new log.LogRecord({ msg: "m", args, level: 20, loggerName: "test" }))
      .replace(/"datetime":\d{13},/, "");
  assertEquals(of(), '{"level":"INFO","message":"m"}');
  assertEquals(of({ a: 1 }), '{"level":"INFO","message":"m","args":{"a":1}}');
  assertEquals(of(1, null, []), '{"level":"INFO","message":"m","args":[1,null,[]]}');
  assertStrictEquals(formatters.jsonFormatter, jsonFormatter);
});
