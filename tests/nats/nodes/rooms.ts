import { assert, assertEquals } from "@std/assert";

import {
  account,
  back,
  code,
  guest,
  type NodeTests,
  quit,
  soon,
  upTo,
} from "../../support/node_group.ts";
import type { Frame, RawClient } from "../../support/raw_client.ts";

const join = (room: string, more: object = {}): object => ({ event: "join", room, ...more });
const say = (room: string, message: string, more: object = {}): object => ({
  event: "msg",
  to: room,
  message,
  ...more,
});

/** Waits until a peer's node lists so many in a room. */
function countIs(client: RawClient, room: string, count: number): Promise<Frame> {
  return soon(client, { event: "who", room }, ({ total }) => total === count);
}

const joinedOrLeft = ({ joined, left }: Frame): unknown =>
  joined === undefined ? left && `-${left}` : `+${joined}`;

/** Rooms, of guests and such that last. */
export const ROOMS: NodeTests = {
  "a guests' room is one on both nodes, and passes away with its last member": async ({ a, b }) => {
    const [here, there] = [await guest(a, "ga"), await guest(b, "gb")];
    const made = await here.ask(join("#Plain"));
    assertEquals([made.response, made.lasting, made.users], [201, false, ["ga"]]);
    await soon(
      there,
      { event: "rooms" },
      ({ rooms }) => (rooms as Frame[]).some(({ room, users }) => room === "#Plain" && users === 1),
    );
    const joined = await there.ask(join("#plain"));
    assertEquals([joined.response, joined.room, joined.users], [200, "#Plain", ["ga", "gb"]]);
    assertEquals(joinedOrLeft(await here.frame()), "+gb");
    const said = await there.ask(say("#plain", "привет", { id: "x" }));
    assertEquals([said.response, said.delivered, said.seq], [200, 1, undefined]);
    const { to, from, message, id } = await here.frame();
    assertEquals([to, from, message, id], ["#Plain", "gb", "привет", "x"]);
    assertEquals(await code(there, { event: "leave", room: "#PLAIN" }), 200);
    assertEquals(joinedOrLeft(await here.frame()), "-gb");
    assertEquals(await code(there, say("#plain", "x")), 403);
    await quit(here);
    await soon(
      there,
      { event: "rooms" },
      ({ rooms }) => !(rooms as Frame[]).some(({ room }) => room === "#Plain"),
    );
    assertEquals(await code(there, say("#plain", "x")), 404);
    assertEquals((await there.ask(join("#plain"))).response, 201);
  },
  "a lasting room numbers what is said on both nodes, all members see one order": async (
    { a, b },
  ) => {
    const [anna, bert] = [await account(a, "r-anna"), await account(b, "r-bert")];
    const watcher = await guest(b, "r-watcher");
    const made = await anna.ask(join("#order"));
    assertEquals([made.response, made.lasting, made.role, made.last], [201, true, "owner", 0]);
    for (const client of [bert, watcher]) assertEquals(await code(client, join("#order")), 200);
    await countIs(anna, "#order", 3);
    await countIs(bert, "#order", 3);
    for (const client of [anna, bert, watcher]) await client.pending();
    const texts = Array.from({ length: 40 }, (_, index) => `${index}`);
    await Promise.all([
      anna.send(...texts.map((text) => say("#order", `a${text}`, { id: `a${text}` }))),
      bert.send(...texts.map((text) => say("#order", `b${text}`, { id: `b${text}` }))),
    ]);
    const seqs = new Map<unknown, unknown>();
    for (const [client, name] of [[anna, "a"], [bert, "b"]] as const) {
      for (const text of texts) {
        const { response, delivered, seq } = await client.response();
        assertEquals([response, delivered], [200, 2]);
        seqs.set(`${name}${text}`, seq);
      }
    }
    const all = await watcher.frames(80);
    assertEquals(all.map(({ seq }) => seq), all.map(({ message }) => seqs.get(message)));
    assert(all.every(({ seq }, index) => index === 0 || seq! > all[index - 1]!.seq!));
    for (const [client, others] of [[anna, "b"], [bert, "a"]] as const) {
      const got = await client.frames(40);
      assertEquals(
        got.map(({ seq }) => seq),
        all.filter(({ message }) => `${message}`.startsWith(others)).map(({ seq }) => seq),
      );
    }
    const read = async (client: RawClient) =>
      (await client.ask({ event: "history", with: "#order", limit: 100 })).messages as Frame[];
    const kept = await read(anna);
    assertEquals(kept.map(({ seq }) => seq), all.map(({ seq }) => seq));
    assertEquals(kept, await read(bert));
    // Under the same id on the other node: answered as before, put out to nobody.
    const moved = await back(b, "r-anna", { takeover: true });
    await moved.ask(join("#order"));
    await watcher.pending();
    const repeat = await moved.ask(say("#order", "a7", { id: "a7" }));
    assertEquals([repeat.response, repeat.seq], [200, seqs.get("a7")]);
    assertEquals((await watcher.pending()).map(({ message }) => message), []);
    const reply = await moved.ask(say("#order", "re", { reply: seqs.get("b3") }));
    assertEquals([reply.response, (await watcher.frame()).reply], [200, seqs.get("b3")]);
    assertEquals(await code(moved, say("#order", "re", { reply: 99_999_999 })), 404);
  },
  "who joins while messages flow on both nodes gets each once": async ({ a, b }) => {
    const speakers = [await account(a, "flow-a"), await account(b, "flow-b")];
    for (const client of speakers) await client.ask(join("#flow"));
    for (const client of speakers) await countIs(client, "#flow", 2);
    let isOver = false;
    let spoken = 0;
    const speak = async (client: RawClient, name: string): Promise<void> => {
      // One page of history takes all of it.
      for (let index = 0; !isOver && index < 45; index++, spoken++) {
        assertEquals(await code(client, say("#flow", `${name}${index}`)), 200);
      }
    };
    const speaking = [speak(speakers[0]!, "a"), speak(speakers[1]!, "b")];
    const readers: [RawClient, Frame[]][] = [];
    for (let round = 0; round < 10; round++) {
      const client = await guest(round % 2 === 0 ? a : b, `flow-reader-${round}`);
      const { messages, last, more } = await client.ask(join("#flow", { after: 0 }));
      const got = messages as Frame[];
      assertEquals([got.at(-1)?.seq ?? 0, more], [last, false]);
      readers.push([client, got]);
      const until = Math.min(spoken + 5, 80);
      await soon(client, { event: "probe" }, () => spoken >= until);
      if (spoken >= 80) break;
    }
    isOver = true;
    await Promise.all(speaking);
    const { last } = await speakers[0]!.ask(join("#flow"));
    const { messages } = await speakers[1]!.ask({ event: "history", with: "#flow", limit: 100 });
    const all = (messages as Frame[]).map(({ seq }) => seq);
    assertEquals(all.at(-1), last);
    for (const [client, got] of readers) {
      const behind = await upTo(client, ({ seq }) => seq === last);
      const seqs = [...got, ...behind].map(({ seq }) => seq).filter((seq) => seq !== undefined);
      assertEquals(seqs, all);
    }
  },
  "of two accounts that make a room at once, one owns it": async ({ a, b }) => {
    for (let round = 0; round < 5; round++) {
      const clients = [await account(a, `mk-a${round}`), await account(b, `mk-b${round}`)];
      const answers = await Promise.all(clients.map((client) => client.ask(join(`#mk${round}`))));
      assertEquals(answers.map(({ response }) => response).toSorted(), [200, 201]);
      assertEquals(answers.map(({ role }) => role).toSorted(), ["member", "owner"]);
      assertEquals(answers.map(({ lasting }) => lasting), [true, true]);
      for (const client of clients) await countIs(client, `#mk${round}`, 2);
    }
  },
  "comings and goings on the other node are told once, and gathered for who wants that": async (
    { a, b },
  ) => {
    const plain = await guest(a, "gath-plain");
    const gathering = await a.connect();
    await gathering.ask({
      event: "presence",
      user: { account_name: "gath-list" },
      features: ["gathered"],
    });
    for (const client of [plain, gathering]) await client.ask(join("#gath"));
    await countIs(gathering, "#gath", 2);
    await plain.pending();
    const there = await Promise.all(
      Array.from({ length: 8 }, (_, index) => guest(b, `gath-${index}`)),
    );
    for (const client of there) await client.ask(join("#gath"));
    const told = new Set<unknown>();
    while (told.size < 8) {
      const { joined } = await plain.frame();
      assert(!told.has(joined), `${joined} told twice`);
      told.add(joined);
    }
    const names = new Set<unknown>();
    while (names.size < 8) {
      const { joined } = await gathering.frame();
      for (const name of [joined].flat().filter((name) => name !== undefined)) {
        if (name !== "gath-list") names.add(name);
      }
    }
    assertEquals(names, told);
    there[0]!.reset();
    assertEquals((await plain.frame()).left, "gath-0");
    await countIs(plain, "#gath", 9);
    assertEquals(await plain.pending(), []);
  },
  "conversations and search have what was said on the other node": async ({ a, b }) => {
    const [here, there] = [await account(a, "find-a"), await account(b, "find-b")];
    await here.ask(join("#find"));
    await there.ask(join("#find"));
    await countIs(here, "#find", 2);
    const room = await there.ask(say("#find", "Ёлка зелёная in the room"));
    const direct = await there.ask(say("find-a", "елка directly"));
    const found = await here.ask({ event: "search", text: "ЕЛК*" });
    assertEquals(
      (found.messages as Frame[]).map(({ seq }) => seq).toSorted(),
      [
        room.seq,
        direct.seq,
      ].toSorted(),
    );
    const { conversations } = await here.ask({ event: "conversations" });
    const list = (conversations as Frame[]).map((one) => [one.with, one.last, one.unread]);
    assertEquals(list.toSorted(), [["#find", room.seq, 1], ["find-b", direct.seq, 1]]);
    await here.ask({ event: "read", with: "#find", seq: room.seq });
    await quit(here);
    const again = await back(b, "find-a");
    const after = (await again.ask({ event: "conversations" })).conversations as Frame[];
    assertEquals(after.find((one) => one.with === "#find")?.unread, 0);
    const outsider = await account(b, "find-c");
    assertEquals((await outsider.ask({ event: "search", text: "елк*" })).messages, []);
    assertEquals(await code(outsider, { event: "history", with: "#find" }), 403);
  },
  "a guests' room stays one for all when its maker makes an account": async ({ a, b }) => {
    const here = await guest(a, "adopter");
    const there = await guest(b, "adoptee");
    await here.ask(join("#adopted"));
    await soon(there, join("#adopted"), ({ users }) => (users as string[]).length === 2);
    const user = { account_name: "adopter", password: "correct horse" };
    assertEquals(await code(here, { event: "authenticate", register: true, user }), 201);
    await here.pending();
    for (const [from, to] of [[here, there], [there, here]] as const) {
      const { response, delivered, seq } = await from.ask(say("#adopted", "hi"));
      assertEquals([response, delivered, seq], [200, 1, undefined]);
      assertEquals((await upTo(to, ({ message }) => message === "hi")).at(-1)!.to, "#adopted");
    }
  },
};
