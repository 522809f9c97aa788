// Whatever happens to the connection, and whenever: what is said in a room or to an account is handed out, in order,
// once. Random histories; each failure names its seed.
import { assert, assertEquals } from "@std/assert";

import type { ClientEvent } from "../../../client/library/events.ts";
import type { JimClient } from "../../../client/library/jim_client.ts";
import { isRoomAddress } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { KeepingServer } from "../../support/keeping_server.ts";
import { seededRandom } from "../../support/random.ts";
import { eventually } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";
import { connect } from "./support.ts";

const ROOMS = ["#dev", "#tea"];
const PLACES = [...ROOMS, "bob", "Тим"];
const STEPS = 80;

type Received = ClientEvent & { type: "message" };

/** Takes everything, and keeps the messages by place. */
class Reader {
  readonly places = new Map<string, Received[]>();
  readonly gaps: ClientEvent[] = [];
  readonly own: ClientEvent[] = [];
  readonly done: Promise<void>;

  constructor(client: JimClient) {
    this.done = this.#read(client.events());
  }

  /** What came from a place, by number. */
  seqs(place: string): number[] {
    return (this.places.get(place) ?? []).map(({ message }) => message.seq!);
  }

  async #read(events: AsyncIterable<ClientEvent>): Promise<void> {
    for await (const event of events) {
      if (event.type === "gap") this.gaps.push(event);
      if (event.type !== "message") continue;
      if (event.message.from === "eve") this.own.push(event);
      const { to, from } = event.message;
      const place = isRoomAddress(to) ? to : from;
      this.places.set(place, [...this.places.get(place) ?? [], event]);
    }
  }
}

async function play(seed: number): Promise<{ missed: number }> {
  const random = seededRandom(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  await using server = new KeepingServer({ random });
  const clock = new FakeClock();
  const { scripted } = server;
  await using client = await connect(scripted, {
    ...{ clock, random, maxQueued: 1_000, probeIntervalMs: 10_000_000 },
  });
  const reader = new Reader(client);
  for (const room of ROOMS) await client.join(room);
  const told = (place: string): string =>
    `seed ${seed}: ${place} has ${JSON.stringify(reader.seqs(place))}`;
  // What nobody has seen a number of is not asked for.
  for (const place of PLACES) server.say(place, isRoomAddress(place) ? "bob" : place, "first");
  for (const place of PLACES) {
    await eventually(() => reader.seqs(place).length === 1, () => told(place));
  }
  const sent: Promise<unknown>[] = [];
  const versions = new Map<object, string[]>();
  server.breaks = 0.15;
  server.lateness = 0.3;
  for (let step = 0; step < STEPS; step++) {
    const place = pick(PLACES);
    const chance = random();
    if (chance < 0.55) {
      server.say(place, isRoomAddress(place) ? pick(["bob", "Тим"]) : place, `${step} 🍵`);
    } else if (chance < 0.65) {
      sent.push(client.send(place, `mine ${step}`));
    } else if (chance < 0.72) {
      const kept = pick(server.logs.get(place)!);
      if (kept.message !== undefined && kept.from !== "eve") {
        versions.set(kept, [...versions.get(kept) ?? [], kept.message]);
        server.edit(place, kept, `changed ${step}`);
      }
    } else if (chance < 0.76) {
      server.delete(pick(server.logs.get(place)!));
    } else if (chance < 0.86) {
      server.drop(random() < 0.5);
    } else {
      clock.advance(Math.floor(random() * 1_500));
      await settle();
    }
  }
  server.breaks = 0;
  await eventually(
    () => {
      clock.advance(50);
      return client.isOnline && server.isVisited(ROOMS.length);
    },
    () => `seed ${seed}: eve is back`,
  );
  clock.advance(10_000);
  await Promise.all(sent);
  for (const place of PLACES) server.say(place, isRoomAddress(place) ? "bob" : place, "the end");
  let missed = 0;
  for (const place of PLACES) {
    const last = (): string | undefined => reader.places.get(place)?.at(-1)?.message.message;
    await eventually(() => last() === "the end", () => told(place));
    const seqs = reader.seqs(place);
    assertEquals(seqs, [...new Set(seqs)].sort((a, b) => a - b), told(place));
    const log = server.logs.get(place)!.filter(({ from }) => from !== "eve");
    const lost = log.filter(({ seq, deleted }) => !deleted && !seqs.includes(seq));
    assertEquals(lost, [], told(place));
    const known = new Map(log.map((kept) => [kept.seq, kept]));
    for (const { message, missed: isMissed } of reader.places.get(place)!) {
      const kept = known.get(message.seq!);
      assert(kept !== undefined, `seed ${seed}: ${message.seq} in ${place} is nobody's`);
      const texts = [...versions.get(kept) ?? [], kept.message];
      assert(kept.deleted || texts.includes(message.message), told(place));
      if (isMissed) missed++;
    }
  }
  assertEquals([reader.gaps, reader.own], [[], []], `seed ${seed}`);
  await client.quit();
  await reader.done;
  return { missed };
}

Deno.test("whenever the connection breaks, all is handed out in order and once", async () => {
  let missed = 0;
  for (let seed = 1; seed <= 15; seed++) missed += (await play(seed)).missed;
  assert(missed > 100, `only ${missed} messages were missed`);
});
