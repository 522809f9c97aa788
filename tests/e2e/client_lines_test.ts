// Messages of several lines, typed.
import { assert, assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { layoutInput } from "../../client/terminal/layout.ts";
import { TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";
import type { Terminal } from "../support/terminal.ts";

/** Bob, who gets messages, and eve, who writes to him in a narrow terminal. */
async function meet(
  server: TestServer,
  { columns = 40, permissions = [] as string[], flags = [] as string[] } = {},
): Promise<{ bob: JimClient; next: () => Promise<string | undefined>; eve: Terminal }> {
  const { hostname, port } = server.address;
  const bob = await JimClient.connect({ hostname, port, name: "bob" });
  const messages = bob.messages();
  const eve = startClient([hostname, String(port), "-n", "eve", ...flags], {
    columns,
    permissions,
  });
  await eve.endsWith("eve>");
  eve.enter("chat bob");
  await eve.endsWith("eve → bob>");
  return { bob, next: async () => (await messages.next()).value?.message, eve };
}

Deno.test("every key that begins a line does; Enter sends all as one message, and ↑ brings it back", async () => {
  await using server = new TestServer();
  const { bob, next, eve } = await meet(server);
  await using _bob = bob;
  await using _eve = eve;
  eve.type("раз");
  eve.press("altEnter");
  eve.type("два 🚀");
  eve.press("ctrlJ");
  eve.type("日本");
  for (const shiftEnter of ["\x1b[13;2u", "\x1b[27;2;13~"]) eve.type(`${shiftEnter}x`);
  const rows = "eve → bob> раз\n… два 🚀\n… 日本\n… x\n… x";
  await eve.until((screen) => screen.endsWith(rows), rows);
  await eve.cursorAt(3, eve.screen().split("\n").length - 1);
  eve.press("enter");
  assertEquals(await next(), "раз\nдва 🚀\n日本\nx\nx");
  await eve.shows("│ x · sent");
  await eve.endsWith("eve → bob>");
  eve.press("up");
  await eve.until((screen) => screen.endsWith(rows), rows);
});

Deno.test("in several rows the keys move by rows and by lines, at the right edge and over wide characters", async () => {
  await using server = new TestServer();
  const { bob, next, eve } = await meet(server);
  await using _bob = bob;
  await using _eve = eve;
  const long = "слова и 日本語 которые не входят в одну строку";
  eve.type(long);
  eve.press("ctrlJ");
  eve.type("end");
  await eve.endsWith("… end");
  const bottom = eve.screen().split("\n").length - 1;
  eve.press("up", "end", "home");
  // The line goes over two rows, and begins behind the prompt.
  await eve.cursorAt(11, bottom - 2);
  eve.type("A");
  eve.press("end");
  eve.type("Z");
  await eve.shows("строкуZ");
  eve.press("up", "home", "up");
  await eve.endsWith("eve → bob> chat bob");
  eve.press("down");
  await eve.endsWith("… end");
  eve.press("down", "down", "ctrlE", "ctrlU", "ctrlU");
  eve.type("!");
  await eve.shows("строкуZ!");
  eve.press("enter");
  assertEquals(await next(), `A${long}Z!`);
});

Deno.test("a text of many rows stays whole while messages come and the window changes", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const { bob, next, eve } = await meet(server);
  await using _bob = bob;
  await using _eve = eve;
  const lines = Array.from(
    { length: 5 },
    (_, i) => `строка ${i} with words that fill rows ${i} 日本`,
  );
  for (const [i, line] of lines.entries()) {
    if (i > 0) eve.press("ctrlJ");
    eve.type(line);
  }
  await eve.until((screen) => screen.replace(/\s/g, "").endsWith("rows4日本"), "the end");
  // Each width breaks the rows elsewhere, so that it is seen when the client has painted for it: what it writes to a
  // terminal that has another width already would be left behind. So would what a terminal pushes out of a low window.
  await Promise.all(Array.from({ length: 200 }, (_, i) => bob.send("eve", `news ${i}`)));
  await eve.shows("news 199");
  const isWhole = (screen: string): boolean => screen.replace(/\s/g, "").endsWith("rows4日本");
  for (const [columns, rows] of [[23, 40], [48, 30], [100, 30], [40, 40]] as const) {
    eve.resize(columns, rows);
    const layout = layoutInput(
      { prompt: "eve → bob> ", text: lines.join("\n"), cursor: 0, more: "… " },
      { columns, rows },
    );
    const expected = layout.rows.map((row) => row.trimEnd()).join("\n");
    await eve.until((screen) => isWhole(screen) && screen.endsWith(expected), expected);
  }
  const dense = eve.scrollback().replace(/\s/g, "");
  assertEquals(dense.split("bob>строка0").length, 2, "no piece of the input is left behind");
  for (let i = 0; i < 200; i++) assert(dense.includes(`bob:news${i}`), `news ${i}`);
  eve.press("enter");
  assertEquals(await next(), lines.join("\n"));
});

Deno.test("what is typed before the client has the terminal is Enter as ever, LF and all", async () => {
  await using server = new TestServer();
  const { hostname, port } = server.address;
  await using bob = await JimClient.connect({ hostname, port, name: "bob" });
  const messages = bob.messages();
  await using eve = startClient([hostname, String(port), "-n", "eve"], { columns: 40 });
  eve.type("message bob early\rmessage bob bird\r");
  for (const text of ["early", "bird"]) {
    assertEquals((await messages.next()).value?.message, text);
  }
  await eve.endsWith("eve>");
  eve.type("message bob played\n");
  assertEquals((await messages.next()).value?.message, "played", "a script may send LF only");
});

Deno.test("an entry of several lines is in the input history of the next run; its folder is made unasked", async () => {
  await using server = new TestServer();
  const dir = await Deno.makeTempDir({ prefix: "jim-history-" });
  const history = `${dir}/data/history`;
  const permissions = [`--allow-read=${history}`, `--allow-write=${history}`];
  const flags = ["--history-dir", history];
  try {
    for (const round of [1, 2]) {
      const { bob, next, eve } = await meet(server, { permissions, flags });
      await using _bob = bob;
      await using _eve = eve;
      if (round === 1) {
        eve.type("one");
        eve.press("altEnter");
        eve.type("два");
      } else {
        eve.press("up", "up", "up");
      }
      await eve.until((screen) => screen.endsWith("> one\n… два"), "both lines");
      eve.press("enter");
      assertEquals(await next(), "one\nдва");
      await eve.shows("· sent");
      await eve.endsWith("eve → bob>");
      await bob.quit();
      eve.enter("/close"); // else the next run would go on there
      await eve.endsWith("eve>");
      eve.press("ctrlD");
      assertEquals(await eve.ended(), 0);
    }
    for (const folder of [`${dir}/data`, history]) {
      assertEquals(Deno.statSync(folder).mode! & 0o777, 0o700);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
