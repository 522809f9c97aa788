// Where std/log is better than @std/log 0.224.14 on purpose (std/README.md). The imports name the files, so that this
// is about the stand-in also when `links` is deleted.
import { assertEquals, assertThrows } from "@std/assert";

import { BaseHandler } from "../../../std/log/base_handler.ts";
import { FileHandler } from "../../../std/log/file_handler.ts";
import { getLevelByName, type LevelName, type LogLevel } from "../../../std/log/levels.ts";
import { Logger } from "../../../std/log/logger.ts";

class Memory extends BaseHandler {
  readonly lines: string[] = [];
  override log(msg: string): void {
    this.lines.push(msg);
  }
}

Deno.test("a level that is refused is not set", () => {
  const handler = new Memory("DEBUG");
  assertThrows(() => handler.level = 7 as LogLevel, Error, "no name for level: 7");
  assertThrows(() => handler.levelName = "LOUD" as LevelName, Error, "no level named LOUD");
  assertEquals([handler.level, handler.levelName], [10, "DEBUG"]);
});

Deno.test("what every object has is no level", () => {
  assertThrows(() => getLevelByName("toString" as LevelName), Error, "no level named toString");
});

Deno.test("an object that holds itself is logged", () => {
  const handler = new Memory("DEBUG");
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  new Logger("test", "DEBUG", { handlers: [handler] }).info(cyclic);
  assertEquals(handler.lines, ['INFO {"self":"[Circular]"}']);
});

Deno.test("a handler that is not set up says so", () => {
  const handler = new FileHandler("DEBUG", { filename: "nowhere.log", bufferSize: 1 });
  assertThrows(() => handler.log("x"), Error, "setup() was not called");
});
