// What was answered with a number is on disk, and no number comes twice, however often the server is killed.
import { assert, assertEquals } from "@std/assert";

import { login } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { seededRandom } from "../support/random.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const ROUNDS = 5;
const PIPELINED = 16;

async function enter(server: ServerProcess, name: string, isNew: boolean): Promise<RawClient> {
  const client = await server.connect();
  const { response } = await client.ask(login(name, undefined, isNew ? { register: true } : {}));
  assertEquals(response, isNew ? 201 : 200);
  return client;
}

async function historyOf(client: RawClient): Promise<Map<number, string>> {
  const kept = new Map<number, string>();
  for (let after = 0, more = true; more;) {
    const page = await client.ask({ event: "history", with: "bob", after, limit: 100 });
    for (const { seq, message } of page.messages as Frame[]) {
      assert(seq as number > after, "rising");
      after = seq as number;
      kept.set(after, message as string);
    }
    more = page.more as boolean;
  }
  return kept;
}

Deno.test("kill -9: an answer with seq means kept, and no seq is given to two messages", async () => {
  await withDatabasePath(async (db) => {
    const random = seededRandom(7777);
    /** By number: what was answered or seen, by anybody, ever. */
    const given = new Map<number, string>();
    const answered = new Map<number, string>();
    const note = (into: Map<number, string>, seq: number, text: string): void => {
      const known = into.get(seq) ?? given.get(seq);
      assert(known === undefined || known === text, `${seq} is ${known} and ${text}`);
      into.set(seq, text);
      given.set(seq, text);
    };
    for (let round = 0; round <= ROUNDS; round++) {
      await using server = await ServerProcess.start(["--rate", "0"], { db, hashesCheaply: true });
      const eve = await enter(server, "eve", round === 0);
      if (round > 0) {
        const kept = await historyOf(eve);
        for (const [seq, text] of answered) {
          assertEquals(kept.get(seq), text, `round ${round}: ${seq}`);
        }
        for (const [seq, text] of kept) note(given, seq, text);
      }
      if (round === ROUNDS) break;
      const bob = await enter(server, "bob", round === 0);
      let left = 20 + Math.floor(random() * 200);
      const isCutOff = (error: unknown): undefined => {
        if (left > 0) throw error;
      };
      for (let n = 0; left > 0;) {
        const batch = Array.from({ length: PIPELINED }, () => `${round} ${n++}`);
        await eve.send(...batch.map((message) => ({ event: "msg", to: "bob", message }))).catch(
          isCutOff,
        );
        for (const text of batch) {
          const frame = left > 0 ? await eve.response().catch(isCutOff) : undefined;
          if (frame === undefined) break;
          assertEquals(frame.response, 200);
          note(answered, frame.seq as number, text);
          if (--left === 0) server.kill("SIGKILL");
        }
      }
      for (const frame of (await bob.ended()).frames) {
        if (frame.event === "msg") note(given, frame.seq as number, frame.message as string);
      }
    }
    assert(answered.size >= ROUNDS * 20);
  });
});
