import { assertEquals, assertMatch } from "@std/assert";

import { StartError, UsageError } from "../../common/errors.ts";
import { exitStatus } from "../../common/exit_status.ts";

async function run(main: () => number | void): Promise<[number, string[]]> {
  const lines: string[] = [];
  const status = await exitStatus(
    () => new Promise((resolve) => resolve(main())),
    (line) => lines.push(line),
  );
  return [status, lines];
}

Deno.test("exitStatus is what main gives, or 0", async () => {
  assertEquals(await run(() => 3), [3, []]);
  assertEquals(await run(() => {}), [0, []]);
});

Deno.test("exitStatus is 2 for a wrong command line and 1 for what cannot start, with one line", async () => {
  assertEquals(
    await run(() => {
      throw new UsageError("wrong flag");
    }),
    [2, ["wrong flag"]],
  );
  assertEquals(
    await run(() => {
      throw new StartError("port in use");
    }),
    [1, ["port in use"]],
  );
  assertEquals(
    await run(() => {
      throw new StartError("cannot read a\x1b[2J\nb");
    }),
    [1, ["cannot read a\\u{1b}[2J\\nb"]],
  );
});

Deno.test("exitStatus makes one harmless line of an error that nobody expected", async () => {
  const [status, lines] = await run(() => {
    throw new TypeError("a\x1b[2J\nb");
  });
  assertEquals(status, 1);
  assertEquals(lines.length, 1);
  assertMatch(
    lines[0]!,
    /^Unexpected error: TypeError: a\\u\{1b\}\[2J\\nb \(exit_status_test\.ts:\d+\)$/,
  );
  assertEquals((await run(() => JSON.parse("{")))[1].length, 1);
});
