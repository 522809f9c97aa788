import { assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../common/errors.ts";
import { parseCommand } from "../../common/flags.ts";
import { SERVER_COMMAND } from "../../server/flags.ts";
import { stopsWith } from "../../server/stops_with.ts";

const read = (...args: string[]): number[] => stopsWith(parseCommand(SERVER_COMMAND, args).flags);

Deno.test("--stop-with takes ids of processes, or the parent's, whatever that is", () => {
  assertEquals(read(), []);
  assertEquals(read("--stop-with=parent"), [Deno.ppid]);
  assertEquals(read("--stop-with=7,4194304"), [7, 4_194_304]);
  for (const wrong of ["0", "parent,7", "7,", "-1", "x", "1 2"]) {
    assertThrows(
      () => read(`--stop-with=${wrong}`),
      UsageError,
      "--stop-with must be 'parent' or ids of processes, parted by commas, received",
    );
  }
});
