import { assertEquals } from "@std/assert";

import { INPUT_HISTORY_LINES, InputHistory } from "../../../client/terminal/input_history.ts";

Deno.test("the input history is kept from one run to the next, for its owner's eyes", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  try {
    const history = (await InputHistory.open(dir, "Ева"))!;
    assertEquals(history.lines, []);
    history.save(["who", "message bob hi"]);
    history.save(["exit", "who", "message bob hi"]);
    await history.flush();
    assertEquals((await InputHistory.open(dir, "ева"))?.lines, ["exit", "who", "message bob hi"]);
    const [file] = [...Deno.readDirSync(dir)];
    assertEquals(Deno.statSync(`${dir}/${file!.name}`).mode! & 0o777, 0o600);
    assertEquals((await InputHistory.open(dir, "eve"))?.lines, []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("of a file that others wrote, 500 lines are taken, newest first, and no passwords", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  try {
    const lines = Array.from({ length: 600 }, (_, i) => `message bob ${i}`);
    await Deno.writeTextFile(`${dir}/eve.txt`, [...lines, "", "/login secret"].join("\n") + "\n");
    const history = (await InputHistory.open(dir, "eve"))!;
    assertEquals(history.lines, lines.toReversed().slice(0, INPUT_HISTORY_LINES));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a name is no path, and a folder that cannot be made is no history", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  try {
    const history = (await InputHistory.open(dir, "../eve"))!;
    history.save(["who"]);
    await history.flush();
    assertEquals([...Deno.readDirSync(dir)].map(({ isFile }) => isFile), [true]);
    await Deno.writeTextFile(`${dir}/file`, "");
    assertEquals(await InputHistory.open(`${dir}/file/below`, "eve"), undefined);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
