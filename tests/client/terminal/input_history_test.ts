import { assertEquals } from "@std/assert";

import { INPUT_HISTORY_LINES, InputHistory } from "../../../client/terminal/input_history.ts";

Deno.test("the input history is kept from one run to the next, for its owner's eyes", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  try {
    const history = (await InputHistory.open(dir, "Ева"))!;
    assertEquals(history.lines, []);
    for (const line of ["who", "message bob hi", "who", "exit"]) history.add(line);
    await history.flush();
    assertEquals((await InputHistory.open(dir, "ева"))?.lines, ["exit", "who", "message bob hi"]);
    const [file] = [...Deno.readDirSync(dir)];
    assertEquals(Deno.statSync(`${dir}/${file!.name}`).mode! & 0o777, 0o600);
    assertEquals((await InputHistory.open(dir, "eve"))?.lines, []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("what two clients of one name type at the same time is all kept", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  try {
    const both = [(await InputHistory.open(dir, "eve"))!, (await InputHistory.open(dir, "eve"))!];
    for (let i = 0; i < 20; i++) for (const [n, one] of both.entries()) one.add(`chat ${i} ${n}`);
    for (const one of both) await one.flush();
    const { lines } = (await InputHistory.open(dir, "eve"))!;
    assertEquals(lines.length, 40);
    for (const n of [0, 1]) {
      const own = lines.filter((line) => line.endsWith(` ${n}`));
      assertEquals(own, Array.from({ length: 20 }, (_, i) => `chat ${19 - i} ${n}`));
    }
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
    history.add("who");
    await history.flush();
    assertEquals([...Deno.readDirSync(dir)].map(({ isFile }) => isFile), [true]);
    await Deno.writeTextFile(`${dir}/file`, "");
    assertEquals(await InputHistory.open(`${dir}/file/below`, "eve"), undefined);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("an entry of several lines is one line of the file, and comes back as it was", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  try {
    const history = (await InputHistory.open(dir, "eve"))!;
    for (const entry of ["who", "one\n\n\\ two", "exit", "one\n\n\\ two"]) history.add(entry);
    await history.flush();
    assertEquals(await Deno.readTextFile(`${dir}/eve.txt`), "who\nexit\none\r\r\\ two\n");
    await Deno.writeTextFile(`${dir}/eve.txt`, "hi\rpass sesame\n", { append: true });
    assertEquals((await InputHistory.open(dir, "eve"))?.lines, ["one\n\n\\ two", "exit", "who"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
