// Wherever links break, whether the server keeps sessions or not: each message once, in order, in both directions.
// Random cuts; each failure names its seed.
import { assert, assertEquals } from "@std/assert";

import { JimClient } from "../../../client/library/jim_client.ts";
import { isRoomAddress } from "../../../common/wire/protocol.ts";
import { CuttingProxy } from "../../support/cutting_proxy.ts";
import { seededRandom } from "../../support/random.ts";
import { PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { withDeadline } from "../../support/raw_client.ts";

const MESSAGES = 60;
const QUICK = { firstMs: 1, maxMs: 4 };

interface Case {
  /** Seconds for which the server keeps a session. */
  readonly grace: number;
  /** Whether eve has an account; bob has one always, so that the room lasts. */
  readonly isAccount: boolean;
}

/** Takes messages until as many have come from each place. */
async function hear(
  client: JimClient,
  places: number,
  heard: Map<string, string[]>,
): Promise<Map<string, string[]>> {
  let total = 0;
  for await (const { to, from, message } of client.messages()) {
    const place = isRoomAddress(to) ? to : from;
    heard.set(place, [...heard.get(place) ?? [], message]);
    if (++total === places * MESSAGES) break;
  }
  return heard;
}

async function play(seed: number, { grace, isAccount }: Case): Promise<number> {
  const random = seededRandom(seed);
  await using server = new TestServer({ settings: { rate: 0, grace } });
  await using proxy = new CuttingProxy(
    server.address,
    // A page of what was missed has to fit into what a link carries.
    () => (grace === 0 ? 4_000 : 500) + Math.floor(random() * (grace === 0 ? 12_000 : 4_000)),
  );
  await using bob = await JimClient.connect({ ...server.address, ...QUICK });
  await bob.login("bob", { password: PASSWORD, register: true });
  await bob.join("#dev");
  if (isAccount) {
    await using maker = await JimClient.connect({ ...server.address });
    await maker.login("eve", { password: PASSWORD, register: true });
  }
  const who = isAccount ? { name: "eve", password: PASSWORD } : { name: "eve" };
  // The first login has nothing to go on with: its link must hold until then.
  const first = await JimClient.connect({ ...proxy.address, ...QUICK, ...who }).catch(() =>
    JimClient.connect({ ...server.address, ...QUICK, ...who })
  );
  await using eve = first;
  let online = 0;
  (async () => {
    for await (const { type } of eve.events()) if (type === "online") online++;
  })();
  await eve.join("#dev");
  const texts = Array.from({ length: MESSAGES }, (_, i) => `${i} 🍵`);
  const places = isAccount ? 2 : 1;
  const [atEve, atBob] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const hearing = Promise.all([hear(eve, places, atEve), hear(bob, 1, atBob)]);
  const speaking = (async () => {
    for (const text of texts) {
      assertEquals((await bob.send("#dev", text)).state, "sent");
      if (isAccount) assert((await bob.send("eve", text)).state !== "refused");
    }
  })();
  // No more at once than a link carries before it breaks.
  const answering = (async () => {
    for (const text of texts) assertEquals((await eve.send("bob", text)).state, "sent", text);
  })();
  const [[toEve, toBob]] = await withDeadline(
    Promise.all([hearing, answering, speaking]),
    () =>
      `seed ${seed}, grace ${grace}, account ${isAccount}: all, received ${
        JSON.stringify([...atEve, ...atBob].map(([place, texts]) => [place, texts.length]))
      } in ${online} connections, ${proxy.visits} visits, now ${eve.isOnline}; the server: ${
        server.log.records.slice(-20).map(({ message }) => message)
      }`,
    30_000,
  );
  for (const [place, heard] of [...toEve, ...toBob]) {
    assertEquals(heard, texts, `seed ${seed}: ${place}`);
  }
  return online;
}

Deno.test("wherever a link breaks, a client goes on: each message once, in order, both ways", async () => {
  let online = 0;
  for (let seed = 1; seed <= 4; seed++) {
    online += await play(seed, { grace: 30, isAccount: true });
    online += await play(seed, { grace: 30, isAccount: false });
    online += await play(seed, { grace: 0, isAccount: true });
  }
  assert(online > 60, `only ${online} comebacks`);
});
