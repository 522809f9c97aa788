import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";

import { atPlace, type ConfigSource } from "../../../common/config/at_place.ts";
import { FlagError, UsageError } from "../../../common/errors.ts";

const SOURCE: ConfigSource = {
  path: "a\n.toml",
  file: new Map([["rate", { value: 1, line: 2 }]]),
};

/** The error of a check that finds a flag wrong. */
function fault(flag: string, source: ConfigSource, ...given: string[]): UsageError {
  const check = (): never => {
    throw new FlagError(flag, (shown) => `${shown(flag)} needs ${shown("grace")}, too`);
  };
  return assertThrows(() => atPlace(new Set(given), source, check), UsageError);
}

Deno.test("what is wrong with a value of the file is said of its line and its key", () => {
  assertEquals(fault("rate", SOURCE).message, "a\\n.toml:2: rate needs grace, too");
});

Deno.test("what is wrong with a value of the command line is said of the flag, whatever the file says", () => {
  const says = "--rate needs --grace, too";
  assertEquals(fault("rate", SOURCE, "rate").message, says);
  assertEquals(fault("rate", { path: undefined, file: undefined }).message, says);
  assertEquals(fault("port", SOURCE).message, "--port needs --grace, too");
});

Deno.test("what is checked is handed back, and any other error is its own", () => {
  assertEquals(atPlace(new Set(), SOURCE, () => 7), 7);
  const error = new UsageError("no");
  const thrown = assertThrows(() =>
    atPlace(new Set(), SOURCE, () => {
      throw error;
    })
  );
  assertStrictEquals(thrown, error);
});
