// A server that is killed while texts are deleted: what was said to be gone is gone, whatever else is whole.
import { assert, assertEquals } from "@std/assert";

import { login } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { filesOf } from "../support/files_with.ts";
import { seededRandom } from "../support/random.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const ROUNDS = 4;
const MESSAGES = 60;
/** How each text begins. */
const HEAD = /round-\d+-text-\d+-/g;

async function enter(server: ServerProcess, name: string, isNew: boolean): Promise<RawClient> {
  const client = await server.connect();
  const { response } = await client.ask(login(name, undefined, isNew ? { register: true } : {}));
  assertEquals(response, isNew ? 201 : 200);
  return client;
}

async function listed(client: RawClient): Promise<Map<number, string | undefined>> {
  const all = new Map<number, string | undefined>();
  for (let after = 0, more = true; more;) {
    const page = await client.ask({ event: "history", with: "bob", after, limit: 100 });
    for (const { seq, message } of page.messages as Frame[]) {
      all.set(after = seq as number, message as string | undefined);
    }
    more = page.more as boolean;
  }
  return all;
}

Deno.test("kill -9: a text is there and was not said to be gone, or it is gone", async () => {
  await withDatabasePath(async (db) => {
    const random = seededRandom(4242);
    /** Texts by number, and of these, which were said to be gone. */
    const texts = new Map<number, string>();
    const gone = new Set<number>();
    for (let round = 0; round <= ROUNDS; round++) {
      await using server = await ServerProcess.start(["--rate", "0"], { db, hashesCheaply: true });
      const eve = await enter(server, "eve", round === 0);
      await enter(server, "bob", round === 0);
      for (const [seq, message] of await listed(eve)) {
        assert(message === undefined || message === texts.get(seq), `${seq}`);
        assert(message === undefined || !gone.has(seq), `${seq} is back`);
      }
      if (round === ROUNDS) break;
      const fresh: number[] = [];
      for (let n = 0; n < MESSAGES; n++) {
        const message = `round-${round}-text-${n}-${"x".repeat(Math.floor(random() * 900))}`;
        const { seq } = await eve.ask({ event: "msg", to: "bob", message });
        texts.set(seq as number, message);
        fresh.push(seq as number);
      }
      let left = 1 + Math.floor(random() * MESSAGES / 2);
      const isCutOff = (error: unknown): undefined => {
        if (left > 0) throw error;
      };
      for (let n = 0; left > 0; n += 4) {
        const batch = fresh.slice(n, n + 4);
        await eve.send(...batch.map((seq) => ({ event: "delete", to: "bob", seq })))
          .catch(isCutOff);
        for (const seq of batch) {
          const answer = await eve.response().catch(isCutOff);
          if (answer === undefined) break;
          assertEquals(answer.response, 200);
          gone.add(seq);
          if (--left === 0) server.kill("SIGKILL");
        }
      }
      await eve.ended();
      // Before anybody opens the files again.
      const found = [...filesOf(db).values()].flatMap((bytes) => bytes.match(HEAD) ?? []);
      const heads = new Set([...gone].map((seq) => texts.get(seq)!.match(HEAD)![0]));
      assert(found.length > 0);
      assertEquals(found.filter((head) => heads.has(head)), []);
    }
    assert(gone.size > ROUNDS);
  });
});
