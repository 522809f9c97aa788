import { assertEquals } from "@std/assert";

import { InputHistory } from "../../../client/terminal/input_history.ts";

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
