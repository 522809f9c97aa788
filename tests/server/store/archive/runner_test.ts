import { assert, assertEquals, assertRejects } from "@std/assert";
import { setImmediate } from "node:timers";

import { InlineRunner } from "../../../../server/store/archive/runner.ts";
import { openSqliteStore } from "../../../../server/store/sqlite.ts";
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

Deno.test("a store on one connection changes messages while others look for repeats", async () => {
  await using store = openSqliteStore(":memory:");
  for (const name of ["ann", "bob"]) await store.createAccount(name, name, "hash");
  const conversation = (await store.openDirect("ann", "bob"))!;
  const time = 1_800_000_000;
  await store.storeLetter({ folded: "bob", to: "bob", from: "ann", message: "0", id: 1, time });
  const edit = { conversation, seq: 1, by: { account: "ann", session: "" }, time, since: 0 };
  for (let n = 1; n <= 10; n++) {
    let isOver = false;
    const edited = store.editMessage({ ...edit, message: `${n}` }).finally(() => isOver = true);
    while (!isOver) {
      store.findEarlier(conversation, "none", 0);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    assertEquals(await edited, { to: "bob", from: "ann" });
  }
  const { messages } = await store.listMessages(conversation, { limit: 10 });
  assertEquals(messages.map(({ message }) => message), ["10"]);
});
