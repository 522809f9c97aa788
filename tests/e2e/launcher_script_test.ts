import { assertEquals, assertMatch } from "@std/assert";

import { Family, Launch, ROOT, SERVER } from "../support/launch.ts";

/** Lines without what differs from time to time: the clock, the port, and who of several is first to print. */
function stable(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.replace(/\[\d\d:\d\d:\d\d\]/, "[time]").replace(/:\d+(?=\.?$)/, ":port")
  ).toSorted();
}

Deno.test("the example plays through, and its chat is the one that docs/launcher.md shows", async () => {
  using family = new Family();
  const script = ["--script", "examples/demo.jim-script", "--lang", "en"];
  const launch = new Launch(family, [...script, "-p", "0", ...SERVER]);
  assertEquals(await launch.ended, 0, launch.lines.join("\n"));
  const page = await Deno.readTextFile(new URL("docs/launcher.md", ROOT));
  const shown = /<!-- demo -->\n+```text\n\$ .*\n([^]*?)\n```/.exec(page)![1]!.split("\n");
  const log = /^server \| \d\d:/; // on standard error
  assertEquals(stable(launch.lines.filter((line) => !log.test(line))), stable(shown));
  await family.gone();
});

Deno.test("a script that does not work out names its line, and the status is 1", async () => {
  using family = new Family();
  const launch = new Launch(family, ["--script", "-", "-p", "0", ...SERVER]);
  await launch.type("# it fails", "eve> message bob hi", "wait bob /eve.*hi/", "wait bob /ho/ 0.1");
  assertEquals(await launch.endInput(), 1);
  assertMatch(
    launch.lines.at(-1)!,
    /^standard input:4: wait bob \/ho\/ 0\.1: bob printed no such line within 0\.1 s/,
  );
  await family.gone();
});

Deno.test("a script that cannot be read starts nothing, and the status says why", async () => {
  using family = new Family();
  const wrong = new Launch(family, ["--script", "-"]);
  await wrong.type("eve> hi", "eve says hi");
  assertEquals(await wrong.endInput(), 2);
  assertEquals(wrong.lines, [
    "standard input:2: a line is 'NAME> what is typed', 'wait NAME /pattern/', 'pause SECONDS' " +
    "or '# comment', received 'eve says hi'",
  ]);
  const missing = new Launch(family, ["--script", "examples/missing"]);
  assertEquals(await missing.ended, 1);
  assertEquals(missing.lines, ["Cannot read script 'examples/missing': there is no such file"]);
  const outside = new Launch(family, ["--script", "/etc/hostname"]);
  assertEquals(await outside.ended, 1);
  assertEquals(outside.lines, [
    "Cannot read script '/etc/hostname': it is outside this folder; '--script - < FILE' plays it",
  ]);
  await family.gone();
});
