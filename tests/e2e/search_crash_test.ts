// What was answered with a number is found, however often the server is killed between keeping and indexing.
import { assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { login } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { seededRandom } from "../support/random.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const ROUNDS = 4;
const MESSAGES = 300;

async function enter(server: ServerProcess, isNew: boolean): Promise<RawClient> {
  const client = await server.connect();
  const { response } = await client.ask(login("eve", undefined, isNew ? { register: true } : {}));
  assertEquals(response, isNew ? 201 : 200);
  return client;
}

const search = (text: string, more: object = {}): object => ({ event: "search", text, ...more });

async function countOf(client: RawClient, text: string): Promise<number> {
  let count = 0;
  let cursor: unknown;
  do {
    const more = { limit: 100, ...(cursor !== undefined && { cursor }) };
    const page = await client.ask(search(text, more));
    assertEquals(page.response, 200, `${page.error}`);
    count += (page.messages as Frame[]).length;
    cursor = page.next;
  } while (cursor !== undefined);
  return count;
}

Deno.test("kill -9: each message that was kept is found once, and the index is whole", async () => {
  await withDatabasePath(async (db) => {
    const random = seededRandom(4_711);
    let kept = 0;
    for (let round = 0; round <= ROUNDS; round++) {
      await using server = await ServerProcess.start(["--rate", "0"], { db, hashesCheaply: true });
      const eve = await enter(server, round === 0);
      // To oneself: nobody else is needed.
      const [missing, found] = [kept, await countOf(eve, "apple")];
      assertEquals(found, missing, `round ${round}`);
      if (round === ROUNDS) break;
      const messages = Array.from(
        { length: MESSAGES },
        (_, n) => ({ event: "msg", to: "eve", message: `apple ${round} ${n}` }),
      );
      await eve.send(...messages);
      for (let n = 0; n < MESSAGES; n++) assertEquals((await eve.response()).response, 200);
      kept += MESSAGES;
      // It dies while the search is indexing, or before, or behind it.
      await eve.send(...Array.from({ length: 3 }, () => search("apple", { limit: 1 })));
      for (let turns = Math.floor(random() * 4); turns > 0; turns--) await eve.response();
      server.kill("SIGKILL");
      await eve.ended();
    }
    using file = new DatabaseSync(db);
    file.exec("INSERT INTO search_index (search_index) VALUES ('integrity-check')");
  });
});
