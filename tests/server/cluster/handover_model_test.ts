import { assert, assertEquals } from "@std/assert";

import { assertSame, type FakeServerNode, withNodes } from "../../support/fake_nodes.ts";
import { type Visitor } from "../../support/visitor.ts";
import type { FakeClock } from "../../support/fake_clock.ts";
import type { FakeWorld } from "../../support/fake_bus.ts";
import { seededRandom } from "../../support/random.ts";
import { settle } from "../../support/settle.ts";

const SCHEDULES = 40;
const STEPS = 40;
const KEPT = "#kept";
const PASSING = "#passing";

/** Somebody who goes from node to node. */
interface Roamer {
  readonly name: string;
  readonly isAccount: boolean;
  visitor: Visitor;
  /** What is under way. */
  moving: Promise<void> | undefined;
  isOnline: boolean;
}

/** Lets things happen, and now and then a moment pass. */
async function turn(clock: FakeClock): Promise<void> {
  await settle();
  clock.advance(50);
}

async function all(clock: FakeClock, world: FakeWorld, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  work.finally(() => isOver = true);
  while (!isOver) await turn(clock);
  await world.quiet();
}

Deno.test(`handover: by ${SCHEDULES} random schedules, everybody gets what is kept once, in order, and nobody sees anybody move`, async () => {
  const seen = { moves: 0, failures: 0, lost: 0, drops: 0, said: 0, posted: 0 };
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    await withNodes({ seed, isKept: true }, async (nodes, world, clock) => {
      const random = seededRandom(seed);
      const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
      const roamers: Roamer[] = [];
      for (const [name, isAccount] of [["ann", true], ["eve", false], ["zoe", false]] as const) {
        const node = pick(nodes);
        if (isAccount) await node.context.store.createAccount(name, name, "hash");
        const visitor = node.connect();
        assertEquals((await visitor.resume(name, isAccount)).code, 200);
        roamers.push({ name, isAccount, visitor, moving: undefined, isOnline: true });
      }
      const [first] = roamers;
      const watchers = await Promise.all(nodes.map((node, i) => node.come(`watcher${i}`)));
      await first!.visitor.join(KEPT); // an account makes it, so it lasts
      await watchers[0]!.join(PASSING);
      await world.quiet();
      for (const visitor of [...watchers, ...roamers.map(({ visitor }) => visitor)]) {
        for (const room of [KEPT, PASSING]) await visitor.join(room);
        await world.quiet();
      }
      for (const watcher of watchers) {
        watcher.read();
        watcher.memory.notices.length = 0;
      }
      const said: { by: string; text: string; seq: number }[] = [];
      /** What was answered 200 or 202, to the account. */
      const posted: string[] = [];
      const asked: Promise<unknown>[] = [];
      const post = (): void => {
        const message = `mail ${seed} ${seen.posted++}`;
        const letter = { event: "msg", to: "ann", message, store: true };
        asked.push(
          pick(watchers).ask(letter).then(({ code }) => {
            if (code < 300) posted.push(message);
          }),
        );
      };
      const say = (): void => {
        const text = `${seed} ${seen.said}`;
        const roamer = random() < 0.3
          ? pick(roamers.filter(({ isOnline }) => isOnline))
          : undefined;
        const room = random() < 0.7 ? KEPT : PASSING;
        const visitor = roamer?.visitor ?? pick(watchers);
        const by = roamer?.name ?? visitor.user.folded;
        asked.push(
          visitor.say(room, text).then(({ code, extras }) => {
            const { seq } = (extras ?? {}) as { seq?: number };
            if (code === 200 && seq !== undefined) said.push({ by, text, seq });
          }),
        );
        seen.said++;
      };
      const go = async (roamer: Roamer, node: FakeServerNode): Promise<void> => {
        roamer.visitor.read();
        const visitor = node.connect(roamer.visitor);
        const { code, extras } = await visitor.resume(roamer.name, roamer.isAccount);
        if (code !== 200) {
          assert([409, 500].includes(code), `${code}`);
          seen.failures++;
          return;
        }
        assertEquals((extras as { resumed?: true }).resumed, true, `${roamer.name} is another`);
        roamer.visitor = visitor;
        roamer.isOnline = true;
        seen.moves++;
      };
      const begin = (roamer: Roamer, node: FakeServerNode): void => {
        roamer.isOnline = false;
        roamer.moving ??= go(roamer, node).finally(() => roamer.moving = undefined);
      };
      for (let step = 0; step < STEPS; step++) {
        const chance = random();
        const roamer = pick(roamers);
        if (chance < 0.3) say();
        else if (chance < 0.45) post();
        else if (chance < 0.7) begin(roamer, pick(nodes));
        else if (chance < 0.78 && roamer.isOnline) {
          roamer.isOnline = false;
          roamer.visitor.read();
          asked.push(roamer.visitor.drop());
          seen.drops++;
        } else if (chance < 0.86 && roamer.isOnline) asked.push(roamer.visitor.confirm());
        else if (chance < 0.92) {
          world.losingAnswers.set(pick(nodes).fake, 1);
          seen.lost++;
        } else if (chance < 0.96) world.stop(pick(nodes).fake, pick(nodes).fake);
        else world.resume();
        if (random() < 0.5) await turn(clock);
      }
      world.resume();
      world.losingAnswers.clear();
      try {
        await all(clock, world, Promise.all([...asked, ...roamers.map(({ moving }) => moving)]));
        for (const roamer of roamers) {
          for (let tries = 0; !roamer.isOnline; tries++) {
            assert(tries < 20, `${roamer.name} does not come back`);
            begin(roamer, pick(nodes));
            await all(clock, world, roamer.moving!);
          }
        }
        await world.quiet();
        said.sort((a, b) => a.seq - b.seq);
        await assertSame(nodes);
        for (const { memory } of watchers) assertEquals(memory.notices, [], "nobody moves");
        for (const { name, visitor } of roamers) {
          visitor.read();
          const got = visitor.texts.filter((text) => said.some((it) => it.text === text));
          const expected = said.filter(({ by }) => by !== name).map(({ text }) => text);
          assertEquals(got, expected, `${name} gets each once, in order`);
          assertEquals(visitor.faults, []);
        }
        const mail = first!.visitor.texts.filter((text) => text.startsWith("mail"));
        assertEquals(new Set(mail).size, mail.length, "no mail comes twice");
        assertEquals(posted.filter((text) => !mail.includes(text)), [], "none is lost");
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    });
  }
  for (const [what, times] of Object.entries(seen)) assert(times > 50, `${what}: ${times}`);
});
