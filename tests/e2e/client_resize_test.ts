import { assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { layoutInput } from "../../client/terminal/layout.ts";
import { TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";

for (const reflows of [true, false]) {
  for (const length of [70, 150, 300]) {
    const name = `a narrower terminal that ${reflows ? "breaks" : "cuts"} rows loses no message ` +
      `above a draft of ${length} columns`;
    Deno.test(name, async () => {
      await using server = new TestServer();
      const { hostname, port } = server.address;
      await using eve = startClient([hostname, String(port), "-n", "eve"], { reflows, rows: 40 });
      await eve.endsWith("eve>");
      await using bob = await JimClient.connect({ hostname, port, name: "bob" });
      for (let i = 0; i < 30; i++) await bob.send("eve", `no ${i}.`);
      await eve.shows("no 29.");
      const text = Array.from({ length }, (_, i) => i % 10).join("");
      eve.type(text);
      const state = { prompt: "eve> ", text, cursor: text.length };
      for (const columns of [80, 40, 20]) {
        if (columns < 80) eve.resize(columns, 40);
        const layout = layoutInput(state, { columns, rows: 40 });
        const input = layout.rows.join("\n");
        const screen = await eve.until((screen) => screen.endsWith(`\n${input}`), input);
        const shown = [...eve.scrollback().matchAll(/no (\d+)\./g)].map(([, i]) => Number(i));
        assertEquals(shown, Array.from({ length: 30 }, (_, i) => i));
        assertEquals(screen.split("eve>").length, 2);
        await eve.cursorAt(layout.cursorColumn, screen.split("\n").length - 1);
      }
      await bob.send("eve", "end");
      await eve.shows("bob: end");
    });
  }
}
