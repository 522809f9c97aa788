import { assert, assertEquals, assertRejects } from "@std/assert";
import { setImmediate } from "node:timers";

import { InlineRunner } from "../../../../server/store/archive/runner.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { StoreError } from "../../../../server/store/store.ts";

Deno.test("an archive in the process answers, in a turn of its own", async () => {
  using db = openDatabase(":memory:");
  const runner = new InlineRunner(db);
  const order: string[] = [];
  setImmediate(() => order.push("others"));
  const { value, ms } = await runner.ask("listMessages", 1, { limit: 10 });
  order.push("answer");
  assertEquals(value, { messages: [], more: false });
  assert(ms >= 0);
  assertEquals(order, ["others", "answer"]);
});

Deno.test("its errors are the store's, and closed is closed", async () => {
  using db = openDatabase(":memory:");
  const runner = new InlineRunner(db);
  db.exec("ALTER TABLE search_state RENAME TO gone");
  const { message } = await assertRejects(() => runner.ask("indexSome", 10), StoreError) as Error;
  assert(message.startsWith("Database failed: "), message);
  assert(!db.isTransaction);
  await runner.close();
  await assertRejects(() => runner.ask("mergeSome", 1), StoreError, "closed");
});
