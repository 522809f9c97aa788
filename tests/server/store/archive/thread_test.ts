import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { ArchiveThread } from "../../../../server/store/archive/thread.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { StoreError } from "../../../../server/store/store.ts";
import { withDatabasePath } from "../../../support/database_path.ts";
import { FakeClock } from "../../../support/fake_clock.ts";

/** A worker that runs this text as a module. */
const working = (text: string) => (): Worker =>
  new Worker(`data:application/javascript,${encodeURIComponent(text)}`, { type: "module" });

Deno.test("the thread starts with the first call, and leaves the file tidy at its end", () =>
  withDatabasePath(async (path) => {
    openDatabase(path).close();
    const idle = new ArchiveThread(path);
    await idle.close();
    const thread = new ArchiveThread(path);
    await thread.open();
    await thread.open();
    const page = { limit: 10 };
    assertEquals((await thread.ask("listMessages", 1, page)).value, { messages: [], more: false });
    assertEquals((await thread.ask("indexSome", 5)).value, { indexed: 0, isDone: true });
    assert(Deno.statSync(`${path}-wal`).isFile);
    await thread.close();
    await assertRejects(() => thread.ask("listMessages", 1, page), StoreError, "closed");
    assertEquals([...Deno.readDirSync(path.replace(/[^/]*$/, ""))].map(({ name }) => name), [
      "jim.db",
    ]);
  }));

Deno.test("what the engine cannot do is an error of the store; the thread goes on", () =>
  withDatabasePath(async (path) => {
    const lost: string[] = [];
    const thread = new ArchiveThread(path, { onLost: ({ message }) => lost.push(message) });
    const { message } = await assertRejects(
      () => thread.ask("listConversations", "eve", { limit: 1, now: 0, rooms: [] }),
      StoreError,
    ) as Error;
    assert(message.includes("there is no such file"), message);
    await assertRejects(() => new ArchiveThread(path).open(), StoreError, "no such file");
    openDatabase(path).close();
    assertEquals(
      (await thread.ask("listConversations", "eve", { limit: 1, now: 0, rooms: [] })).value,
      [],
    );
    {
      using other = new DatabaseSync(path);
      other.exec("BEGIN IMMEDIATE");
      await assertRejects(() => thread.ask("indexSome", 1), StoreError, "keeps it locked");
      other.exec("ROLLBACK");
    }
    assertEquals((await thread.ask("indexSome", 1)).value.isDone, true);
    await thread.close();
    assertEquals(lost, []);
  }));

Deno.test("a thread that dies is noticed, what it had begun is undone, and the next call has another", () =>
  withDatabasePath(async (path) => {
    using db = openDatabase(path, { busyTimeoutMs: 5_000 });
    db.exec("INSERT INTO names VALUES ('eve', 'Eve', 1, NULL)");
    const lost: string[] = [];
    let started = 0;
    const thread = new ArchiveThread(path, {
      onLost: ({ message }) => lost.push(message),
      start: (name) => {
        const file = started++ === 0
          ? "../../../support/dying_worker.ts"
          : "../../../../server/store/archive/worker.ts";
        return new Worker(new URL(file, import.meta.url), { type: "module", name });
      },
    });
    const why = "The archive's thread was lost: it ended by itself";
    await assertRejects(() => thread.ask("mergeSome", 1), StoreError, why);
    assertEquals(lost, [why], "and nothing of what the error said");
    db.exec("INSERT INTO names VALUES ('bob', 'Bob', 1, NULL)");
    assertEquals(db.prepare("SELECT count(*) AS n FROM names").get()?.n, 2);
    assertEquals((await thread.ask("mergeSome", 1)).value, false);
    assertEquals(started, 2);
    await thread.close();
  }));

Deno.test("a thread that hangs is given up after half a minute; one that answers never is", async () => {
  const clock = new FakeClock();
  const workers = [
    "onmessage = () => {}",
    `onmessage = ({ data }) => postMessage(data === "close" ? "closed" : { value: 7, ms: 1 })`,
  ].map(working);
  let started = 0;
  const thread = new ArchiveThread("any.db", { clock, start: () => workers[started++]!() });
  const hanging = assertRejects(
    () => thread.ask("mergeSome", 1),
    StoreError,
    "no answer for 30 s",
  );
  clock.advance(29_999);
  assertEquals(clock.pending, 1);
  clock.advance(1);
  await hanging;
  assertEquals<unknown>((await thread.ask("mergeSome", 1)).value, 7);
  clock.advance(100_000);
  assertEquals<unknown>((await thread.ask("mergeSome", 1)).value, 7);
  await thread.close();
  assertEquals([started, clock.pending], [2, 0]);
});

Deno.test("closing settles a call that is under way", async () => {
  const clock = new FakeClock();
  const thread = new ArchiveThread("any.db", { clock, start: working("onmessage = () => {}") });
  const lost = assertRejects(() => thread.ask("mergeSome", 1), StoreError, "closed");
  await thread.close();
  await lost;
  assertEquals(clock.pending, 0);
});
