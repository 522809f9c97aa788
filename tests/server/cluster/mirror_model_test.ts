import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { assertSame, type FakeServerNode, withNodes } from "../../support/fake_nodes.ts";
import { seededRandom } from "../../support/random.ts";
import { settle } from "../../support/settle.ts";
import type { Visitor } from "../../support/visitor.ts";

const NAMES = ["eve", "bob", "zoe"];
const ACCOUNT = "ann";
const SCHEDULES = 200;
const STEPS = 25;

Deno.test(`several nodes: by ${SCHEDULES} random schedules, each name is online once, and all know the same`, async () => {
  const clock = new FakeClock();
  await using store = openSqliteStore(":memory:", { clock, historyDays: 0 });
  await store.createAccount(ACCOUNT, ACCOUNT, "hash");
  const seen = { deaths: 0, fences: 0, losses: 0, refusals: 0, arrivals: 0, texts: 0 };
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    await withNodes({ seed, store }, async (nodes, world) => {
      const random = seededRandom(seed);
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
      const rooms = [`#a${seed}`, `#b${seed}`];
      const sent: string[] = [];
      const asked: Promise<unknown>[] = [];
      const visitors = (): Visitor[] =>
        nodes.flatMap((node) => node.visitors.filter(({ isOnline }) => isOnline));
      const living = (): FakeServerNode[] => nodes.filter(({ fake }) => fake.isThere);
      const come = async (node: FakeServerNode): Promise<void> => {
        const visitor = node.connect();
        const answer = random() < 0.25 ? visitor.logIn(ACCOUNT) : visitor.goOnline(pick(NAMES));
        const { code } = await answer;
        if (code === 200) seen.arrivals++;
        else seen.refusals++;
        assert([200, 409, 500].includes(code), `${code}`);
      };
      for (let step = 0; step < STEPS; step++) {
        const somebody = pick(visitors());
        const chance = random();
        if (somebody === undefined || chance < 0.22) asked.push(come(pick(living())));
        else if (chance < 0.52) asked.push(somebody.join(pick(rooms)));
        else if (chance < 0.6) asked.push(somebody.leave(pick(rooms)));
        else if (chance < 0.8) {
          sent.push(`${seed} ${step}`);
          asked.push(somebody.say(pick([...somebody.known.keys(), rooms[0]!]), sent.at(-1)!));
        } else if (chance < 0.86) asked.push(somebody.quit());
        else if (chance < 0.93) {
          world.lose(pick(nodes).fake, pick(nodes).fake);
          seen.losses++;
        } else if (chance < 0.96 && living().length > 1) {
          const node = pick(living());
          node.fake.fence();
          seen.fences++;
          asked.push(settle().then(() => node.fake.restore()));
        } else if (living().length > 2) {
          pick(living()).fake.die();
          seen.deaths++;
        }
        if (random() < 0.5) await settle();
      }
      await Promise.all(asked);
      await world.quiet();
      try {
        await assertSame(nodes);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      for (const visitor of nodes.flatMap((node) => node.visitors)) {
        visitor.read();
        assertEquals(new Set(visitor.texts).size, visitor.texts.length, "nothing comes twice");
        seen.texts += visitor.texts.length;
      }
    });
  }
  for (const [what, times] of Object.entries(seen)) assert(times > 50, `${what}: ${times}`);
});
