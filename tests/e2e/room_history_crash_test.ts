// A room after kill -9: what was answered with a number is kept, no number comes twice, and who was in still is listed.
import { assert, assertEquals } from "@std/assert";

import { login, presence } from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { seededRandom } from "../support/random.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const ROUNDS = 4;
const PIPELINED = 16;

/** What is known of a room's numbers: each is one message's, for ever. */
class Numbers {
  readonly #texts = new Map<number, string>();
  readonly #answered = new Set<number>();

  note(seq: number, text: string, isAnswered = false): void {
    const known = this.#texts.get(seq);
    assert(known === undefined || known === text, `${seq} is "${known}" and "${text}"`);
    this.#texts.set(seq, text);
    if (isAnswered) this.#answered.add(seq);
  }

  /** All that was answered must be in what is kept. */
  check(kept: ReadonlyMap<number, string>): void {
    for (const [seq, text] of kept) this.note(seq, text);
    for (const seq of this.#answered) assertEquals(kept.get(seq), this.#texts.get(seq), `${seq}`);
  }

  get count(): number {
    return this.#answered.size;
  }
}

async function online(server: ServerProcess, name: string, round: number): Promise<RawClient> {
  const client = await server.connect();
  const more = round === 0 ? { register: true } : {};
  const request = name === "guest" ? presence(name) : login(name, undefined, more);
  assert(((await client.ask(request)).response ?? 0) < 300, name);
  return client;
}

/** All that is kept of #dev, by joining it and paging; the answer to `join`, too. */
async function enter(client: RawClient): Promise<{ kept: Map<number, string>; joined: Frame }> {
  const kept = new Map<number, string>();
  const joined = await client.ask({ event: "join", room: "#dev", after: 0 });
  let page = joined;
  for (let after = 0;;) {
    for (const { seq, message } of page.messages as Frame[]) {
      assert(seq as number > after, "rising");
      after = seq as number;
      kept.set(after, message as string);
    }
    if (page.more === false) return { kept, joined };
    page = await client.ask({ event: "history", with: "#dev", after, limit: 100 });
  }
}

Deno.test("kill -9: what was answered in a room is kept under its number, and who was in has it listed", async () => {
  await withDatabasePath(async (db) => {
    const random = seededRandom(4_711);
    const numbers = new Numbers();
    for (let round = 0; round <= ROUNDS; round++) {
      await using server = await ServerProcess.start(["--rate", "0"], { db, hashesCheaply: true });
      const names = ["eve", "bob", "guest"] as const;
      const [eve, bob, guest] = await Promise.all(names.map((name) => online(server, name, round)));
      if (round > 0) {
        const { conversations } = await bob!.ask({ event: "conversations" });
        assertEquals((conversations as Frame[]).map((one) => one.with), ["#dev"]);
      }
      const { kept, joined } = await enter(eve!);
      assertEquals(joined.last, Math.max(0, ...kept.keys()), "last is the newest that is kept");
      numbers.check(kept);
      if (round === ROUNDS) break;
      for (const client of [bob!, guest!]) await enter(client);
      let left = 20 + Math.floor(random() * 200);
      const isCutOff = (error: unknown): undefined => {
        if (left > 0) throw error;
      };
      const speak = async (client: RawClient, name: string): Promise<void> => {
        for (let n = 0; left > 0;) {
          const batch = Array.from({ length: PIPELINED }, () => `${name} ${round} ${n++}`);
          const said = batch.map((message) => ({ event: "msg", to: "#dev", message }));
          await client.send(...said).catch(isCutOff);
          for (const text of batch) {
            const answer = left > 0 ? await client.response().catch(isCutOff) : undefined;
            if (answer === undefined) return;
            assertEquals(answer.response, 200);
            numbers.note(answer.seq as number, text, true);
            if (--left === 0) server.kill("SIGKILL");
          }
        }
      };
      await Promise.all([speak(eve!, "eve"), speak(guest!, "guest")]);
      for (const frame of (await bob!.ended()).frames) {
        if (frame.event === "msg") numbers.note(frame.seq as number, frame.message as string);
      }
    }
    assert(numbers.count >= ROUNDS * 20);
  });
});
