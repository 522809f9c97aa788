// Section 7, "Work": clients that announce "gathered" are told in lists who came and who left.
import { assert, assertEquals } from "@std/assert";

import { FakeClock } from "../support/fake_clock.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { arrive, asGuest, numbered } from "../support/resuming_client.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";

const join = { event: "join", room: "#dev" };
const say = (message: string): object => ({ event: "msg", to: "#dev", message });
const features = ["gathered"];

/** Somebody who takes lists is online, and in the room. */
async function gatherer(server: TestServer, name: string): Promise<RawClient> {
  const client = await server.connect();
  const user = { account_name: name };
  assertEquals((await client.ask({ event: "presence", user, features })).response, 200);
  return client;
}

/** What frames say of who came, each as a name or as a list. */
const joinedOf = (frames: readonly Frame[]): unknown[] => frames.map(({ joined }) => joined);

Deno.test("gathered: where 200 come into a room of 200, who takes lists gets few frames, and all others 200", async () => {
  const clock = new FakeClock(1_750_000_000_000);
  await using server = new TestServer({ clock });
  const enter = async (client: RawClient): Promise<RawClient> => {
    assert((await client.ask(join)).response! < 300);
    return client;
  };
  const names = Array.from({ length: 200 }, (_, n) => `new${n}`);
  const members = Array.from({ length: 200 }, async (_, n) => {
    return enter(n % 2 === 0 ? await gatherer(server, `m${n}`) : await server.online(`m${n}`));
  });
  const [listener, classic, ...others] = await Promise.all(members) as [RawClient, RawClient];
  clock.advance(2_000);
  for (const member of [listener, classic, ...others]) await member.pending();
  const newcomers = await Promise.all(names.map((name) => server.online(name)));
  await Promise.all(newcomers.map(enter));
  assertEquals((await listener.pending()).length, 1, "the first one at once");
  clock.advance(1_000);
  const lists = await listener.pending();
  assertEquals(lists.length, 1);
  const { joined, alert, ...rest } = lists[0]!;
  assertEquals(rest, { response: 100, time: 1_750_000_003, room: "#dev" });
  assertEquals((joined as string[]).length, 199);
  const listed = joined as string[];
  assertEquals(
    alert,
    `${listed[0]}, ${listed[1]}, ${listed[2]} and 196 others joined #dev`,
  );
  const frames = await classic.pending();
  assertEquals(frames.length, 200);
  const told = joinedOf(frames) as string[];
  assertEquals(told.toSorted(), names.toSorted());
  assertEquals(told.slice(1), listed);
  for (const newcomer of newcomers) newcomer.reset();
  await server.settlesAt({ online: 200 });
  clock.advance(1_000);
  const gone = (await listener.pending()).map(({ left }) => left as string[]);
  assertEquals([gone.length, gone.flat().toSorted()], [1, names.toSorted()]);
  assertEquals((await classic.pending()).length, 200);
});

Deno.test("gathered: a message comes behind the list that has its sender; who left and came again is in both", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const [eve, bob, kim, zoe] = await server.onlineAll("eve", "bob", "kim", "zoe");
  const ann = await gatherer(server, "ann");
  for (const client of [ann, eve, bob]) await client.ask(join);
  clock.advance(2_000);
  await ann.pending();
  for (const client of [kim, zoe]) await client.ask(join);
  await bob.ask({ event: "leave", room: "#dev" });
  await bob.ask(join);
  await kim.ask({ event: "leave", room: "#dev" });
  await zoe.ask(say("hi"));
  const short = (await ann.pending()).map(({ joined, left, from, message }) =>
    message === undefined ? { joined, left } : `${from}: ${message}`
  );
  assertEquals(short, [
    { joined: "kim", left: undefined },
    { joined: undefined, left: ["bob", "kim"] },
    { joined: ["zoe", "bob"], left: undefined },
    "zoe: hi",
  ]);
});

Deno.test("gathered: the features of the login count, whatever comes later, and unknown ones do nothing", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const user = { account_name: "ann", password: PASSWORD };
  const account = { event: "authenticate", user };
  const login = async (more: object): Promise<RawClient> => {
    const client = await server.connect();
    assert((await client.ask({ ...account, ...more })).response! < 300);
    await client.ask(join);
    return client;
  };
  const [eve, bob, kim] = await server.onlineAll("eve", "bob", "kim");
  const told = async (client: RawClient): Promise<unknown[]> => {
    clock.advance(2_000);
    await client.pending();
    for (const other of [eve, bob, kim]) await other.ask(join);
    clock.advance(1_000);
    const frames = joinedOf(await client.pending());
    for (const other of [eve, bob, kim]) await other.ask({ event: "leave", room: "#dev" });
    return frames;
  };
  const lists = ["eve", ["bob", "kim"]];
  const first = await login({ register: true, features: ["no such", "gathered"] });
  assertEquals(await told(first), lists);
  const presence = { event: "presence", user: { account_name: "ann", status: "here" } };
  assertEquals((await first.ask(presence)).response, 200);
  assertEquals(await told(first), lists);
  assertEquals(await told(await login({ takeover: true, features: ["no such"] })), [
    ...["eve", "bob", "kim"],
  ]);
  const last = await login({ takeover: true, features });
  assertEquals(await told(last), lists);
  for (const wrong of ["gathered", [1], ["x".repeat(26)], Array<string>(21).fill("x")]) {
    assertEquals((await last.ask({ ...presence, features: wrong })).response, 400);
  }
});

Deno.test("gathered: lists are numbered; they are kept while the connection is lost, and for a client that takes none any more", async () => {
  const clock = new FakeClock();
  await using server = new TestServer({ clock });
  const [eve, bob, kim] = await server.onlineAll("eve", "bob", "kim");
  const first = await arrive(server, asGuest("ann", true, { features }));
  await first.client.ask(join);
  await eve.ask(join);
  first.client.reset();
  await server.settlesAt({ connections: 3 });
  await bob.ask(join);
  clock.advance(1_000);
  await kim.ask(join);
  const second = await arrive(server, asGuest("ann", first.token, { seen: 0 }));
  assertEquals(second.answer.resumed, true);
  assertEquals(numbered(await second.client.pending()), [[1, "+eve"], [2, "+bob"], [3, "+kim"]]);
  await kim.ask({ event: "leave", room: "#dev" });
  assertEquals(numbered(await second.client.pending()), [[4, "-kim"]]);
  const third = await arrive(server, asGuest("ann", second.token, { seen: 4, features }));
  assertEquals(third.answer.resumed, true);
  await kim.ask(join);
  assertEquals(await third.client.pending(), []);
  clock.advance(1_000);
  assertEquals(joinedOf(await third.client.pending()), [["kim"]]);
});
