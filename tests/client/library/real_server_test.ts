// What is kept, as a program sees it through the library: over sockets, with the real server.
import { assertEquals, assertRejects } from "@std/assert";

import { dial } from "../../../client/library/dial.ts";
import type { ClientEvent } from "../../../client/library/events.ts";
import { JimClient, namesIn, RefusedError } from "../../../client/library/jim_client.ts";
import type { Link } from "../../../common/link.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { eventually, PASSWORD, TestServer } from "../../support/server_fixture.ts";
import { next } from "./support.ts";

type Messages = AsyncIterableIterator<ClientEvent, undefined>;

/** Somebody with an account, which is made if it is not there. */
async function account({ address }: TestServer, name: string, isNew = true): Promise<JimClient> {
  const client = await JimClient.connect(address);
  await client.login(name, { password: PASSWORD, register: isNew });
  return client;
}

/** Says something, and gives the number under which it is kept. */
async function say(client: JimClient, to: string, text: string): Promise<number> {
  const outcome = await client.send(to, text);
  if (outcome.state === "refused" || outcome.seq === undefined) throw new Error(outcome.sentence);
  return outcome.seq;
}

/** A client whose connection a test breaks, and that comes back when the test says so. */
class Traveller implements AsyncDisposable {
  /** Where the server is now. */
  address: Deno.NetAddr;
  client!: JimClient;
  events!: Messages;
  #link!: Link;
  #road = Promise.withResolvers<void>();

  private constructor(address: Deno.NetAddr) {
    this.address = address;
    this.#road.resolve();
  }

  static async start(server: TestServer, name: string): Promise<Traveller> {
    const traveller = new Traveller(server.address);
    traveller.client = await JimClient.connect({
      ...{ firstMs: 1, maxMs: 1 },
      dial: async (signal) => {
        await traveller.#road.promise;
        return traveller.#link = await dial({ ...traveller.address, signal });
      },
    });
    await traveller.client.login(name, { password: PASSWORD, register: true });
    traveller.events = traveller.client.events();
    return traveller;
  }

  /** The connection breaks, without a word. */
  async lose(): Promise<void> {
    this.#road = Promise.withResolvers();
    this.#link.close();
    await next(this.events, "offline");
  }

  /** There is a way to the server again. */
  comeBack(): void {
    this.#road.resolve();
  }

  /** The next messages, each with the place where it was said, and a dot before it if it was missed. */
  async hear(count: number): Promise<string[]> {
    const heard: string[] = [];
    while (heard.length < count) {
      const { message: { to, message }, missed } = await next(this.events, "message");
      heard.push(`${to} ${missed ? "." : ""}${message}`);
    }
    return heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#road.resolve();
    await this.client.quit();
  }
}

/** Plays what is said while eve is away, up to her return; how the session is gone is up to the caller. */
async function missing(
  first: TestServer,
  end: (eve: Traveller, bob: JimClient) => Promise<{ server: TestServer; bob: JimClient }>,
): Promise<void> {
  await using eve = await Traveller.start(first, "eve");
  const before = await account(first, "bob");
  for (const room of ["#dev", "#чай"]) {
    await before.join(room);
    await eve.client.join(room);
    await say(before, room, "one");
  }
  await say(before, "eve", "hello");
  assertEquals(await eve.hear(3), ["#dev one", "#чай one", "eve hello"]);
  await eve.client.probe(); // says that they have arrived
  await eve.lose();
  await eventually(
    () => first.log.of("interrupted").length + first.log.of("offline").length > 0,
    () => "the server knows",
  );
  await say(before, "#dev", "two 🍵");
  const third = await say(before, "#dev", "three");
  const fourth = await say(before, "#dev", "four");
  await before.edit("#dev", third, "drei");
  await before.delete("#dev", fourth);
  await say(before, "#чай", "два");
  await say(before, "eve", "letter");
  const { server, bob } = await end(eve, before);
  for (const room of ["#dev", "#чай"]) await bob.join(room);
  await say(bob, "#dev", "after");
  eve.comeBack();
  const online = await next(eve.events, "online");
  assertEquals([online.again, online.resumed], [true, false]);
  const heard = await eve.hear(5);
  const inRoom = (room: string): string[] => heard.filter((line) => line.startsWith(room));
  assertEquals(inRoom("#dev"), ["#dev .two 🍵", "#dev .drei", "#dev .after"]);
  assertEquals([inRoom("#чай"), inRoom("eve")], [["#чай .два"], ["eve letter"]]);
  assertEquals(eve.client.rooms, ["#dev", "#чай"]);
  for (const place of ["#dev", "#чай", "eve"]) await say(bob, place, "live");
  assertEquals(await eve.hear(3), ["#dev live", "#чай live", "eve live"], "and nothing twice");
  const { users } = await bob.who("#dev");
  assertEquals(users.map(({ account_name }) => account_name), ["bob", "eve"]);
  assertEquals(server.log.of("resumed"), []);
  await bob.quit();
}

Deno.test("the server is gone, and with it the session: the next one has what was missed", async () => {
  await withDatabasePath(async (path) => {
    const firstStore = openSqliteStore(path);
    const first = new TestServer({ store: firstStore });
    let second: TestServer | undefined;
    await missing(first, async (eve, bob) => {
      await bob.quit();
      await first[Symbol.asyncDispose]();
      await firstStore[Symbol.asyncDispose]();
      second = new TestServer({ store: openSqliteStore(path) });
      eve.address = second.address;
      return { server: second, bob: await account(second, "bob", false) };
    });
    await second![Symbol.asyncDispose]();
  });
});

Deno.test("a server that keeps no sessions has what was missed", async () => {
  await using server = new TestServer({ settings: { grace: 0 } });
  await missing(server, (_, bob) => Promise.resolve({ server, bob }));
});

Deno.test("any text goes through as it is, U+FFFD included", async () => {
  await using server = new TestServer();
  await using eve = await account(server, "eve");
  await using bob = await account(server, "bob");
  const events = bob.events();
  for (const text of ["\ufffd", "a\ufffdb \\ufffd", "\u0000 \ud800"]) {
    await say(eve, "bob", text);
    assertEquals((await next(events, "message")).message.message, text);
  }
});

Deno.test("search finds what one may read, page by page, and what was changed as it is now", async () => {
  await using server = new TestServer();
  await using eve = await account(server, "eve");
  await using bob = await account(server, "bob");
  for (const room of ["#dev", "#bobs"]) await bob.join(room);
  await eve.join("#dev");
  for (let i = 1; i <= 5; i++) await say(bob, "#dev", `Обед ${i} at noon`);
  const edited = await say(bob, "#dev", "обеда не будет");
  await say(bob, "#bobs", "обед for me alone");
  await say(eve, "bob", "an «Обед» for two, обед");
  const found = async (...asked: Parameters<JimClient["search"]>): Promise<string[]> => {
    const hits = await Array.fromAsync(eve.search(...asked));
    return hits.map(({ message }) => message!);
  };
  const direct = "an «Обед» for two, обед";
  assertEquals(
    (await found("обед*")).toSorted(),
    [
      ...Array.from({ length: 5 }, (_, i) => `Обед ${i + 1} at noon`),
      direct,
      "обеда не будет",
    ].toSorted(),
  );
  assertEquals(await found("обед", { with: "#dev", limit: 2 }), [
    "Обед 5 at noon",
    "Обед 4 at noon",
  ]);
  assertEquals(await found('"for two"'), [direct]);
  assertEquals([await found("ОБЕД", { from: "eve" }), await found("обед alone")], [[direct], []]);
  const pages: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await eve.searchPage("обед", { limit: 4, ...(cursor && { cursor }) });
    pages.push(page.messages.length);
    cursor = page.next;
  } while (cursor !== undefined);
  assertEquals(pages, [4, 2]);
  await bob.edit("#dev", edited, "supper");
  assertEquals([await found("будет"), await found("supper")], [[], ["supper"]]);
  await bob.delete("#dev", edited);
  assertEquals(await found("supper"), []);
  const refused = async (ask: Promise<unknown>): Promise<number> =>
    (await assertRejects(() => ask, RefusedError)).code;
  assertEquals([
    await refused(eve.searchPage("x", { with: "#bobs" })),
    await refused(eve.searchPage("x", { with: "#nowhere" })),
    await refused(eve.searchPage("?!")),
  ], [403, 404, 400]);
});

Deno.test("edit and delete reach all who are there and the history, and only who may do them", async () => {
  await using server = new TestServer();
  await using eve = await account(server, "eve");
  await using bob = await account(server, "bob");
  await bob.join("#dev"); // it is his
  await eve.join("#dev");
  const events = bob.events();
  const seqs = [];
  for (const text of ["helo", "second", "third"]) seqs.push(await say(eve, "#dev", text));
  const [first, second, third] = seqs as [number, number, number];
  await eve.edit("#dev", first, "hello 🍵");
  await eve.delete("#dev", second);
  await bob.delete("#dev", third);
  const direct = await say(eve, "bob", "to you");
  await eve.edit("bob", direct, "ё");
  const changes = [];
  for (let i = 0; i < 3; i++) {
    const { time: _, n: __, ...change } = (await next(events, "change")).change;
    changes.push(change);
  }
  assertEquals(changes, [
    { event: "edit", to: "#dev", from: "eve", seq: first, message: "hello 🍵" },
    { event: "delete", to: "#dev", from: "eve", by: "eve", seq: second },
    { event: "edit", to: "bob", from: "eve", seq: direct, message: "ё" },
  ]);
  const { messages } = await bob.history("#dev");
  assertEquals(
    messages.map(({ message, deleted, edited }) => {
      return [message, deleted, edited !== undefined];
    }),
    [["hello 🍵", undefined, true], [undefined, true, false], [undefined, true, false]],
  );
  const mine = await say(bob, "#dev", "bob's");
  const codes = [];
  for (
    const ask of [
      () => eve.edit("#dev", mine, "x"),
      () => eve.delete("#dev", mine),
      () => bob.edit("bob", direct, "x"),
      () => eve.edit("#dev", second, "x"),
      () => eve.edit("#dev", mine + 9, "x"),
    ]
  ) codes.push((await assertRejects(ask, RefusedError)).code);
  assertEquals(codes, [403, 403, 404, 404, 404]);
});

Deno.test("conversations has what is unread, also of rooms that one did not leave, at the next login", async () => {
  await using server = new TestServer();
  await using bob = await account(server, "bob");
  const before = await account(server, "eve");
  for (const room of ["#dev", "#left", "#gone"]) {
    await bob.join(room);
    await before.join(room);
    await say(bob, room, "one");
  }
  const second = await say(bob, "#dev", "two");
  await before.leave("#left");
  await before.markRead("#dev", second);
  await before.markRead("#dev", 1); // never moves back
  await say(before, "bob", "hi");
  await before.quit();
  await bob.removeRoom("#gone");
  const third = await say(bob, "#dev", "three");
  await using eve = await account(server, "eve", false);
  // Which is the newest of those that are of the same second, nobody says.
  const list = async (): Promise<[string, number, number][]> => {
    const conversations = await eve.conversations();
    return conversations.map(({ with: name, read, unread }): [string, number, number] => {
      return [name, read, unread];
    }).sort();
  };
  assertEquals(await list(), [["#dev", second, 1], ["bob", 0, 0]]);
  assertEquals(eve.rooms, [], "the library enters no room by itself");
  const { messages, last } = await eve.join("#dev", { after: second });
  assertEquals([messages.map(({ message }) => message), last], [["three"], third]);
  await eve.markRead("#dev", third);
  assertEquals(await list(), [["#dev", third, 0], ["bob", 0, 0]]);
});

Deno.test("who comes at once is told in a list, without oneself and without whom the answer to join has told", async () => {
  await using server = new TestServer({ clock: new FakeClock() });
  const connect = (name: string) => JimClient.connect({ ...server.address, name });
  await using ann = await connect("ann");
  await using eve = await connect("eve");
  await ann.join("#dev");
  const [anns, eves] = [ann.notices(), eve.notices()];
  const [bob, kim, zoe] = await server.onlineAll("bob", "kim", "zoe");
  const join = { event: "join", room: "#dev" };
  for (const client of [bob, kim]) await client.ask(join);
  assertEquals((await eve.join("#dev")).users, ["ann", "bob", "eve", "kim"]);
  await zoe.ask(join);
  // Nobody waits for the second to be over: who speaks is announced before.
  await zoe.ask({ event: "msg", to: "#dev", message: "hi" });
  const told = async (notices: typeof anns) => namesIn((await notices.next()).value!.joined);
  assertEquals([await told(anns), await told(anns)], [["bob"], ["kim", "eve", "zoe"]]);
  assertEquals(await told(eves), ["zoe"]);
});

Deno.test("who is banned while their connection is lost learns of it, and is out when they are back", async () => {
  await using server = new TestServer();
  await using ann = await account(server, "ann");
  await ann.join("#dev");
  await using bob = await Traveller.start(server, "bob");
  await bob.client.join("#dev");
  await bob.lose();
  await ann.ban("#dev", "bob", { seconds: 7_200, reason: "ads" });
  bob.comeBack();
  const { news } = await next(bob.events, "notice");
  assertEquals(news, {
    ...{ type: "banned", room: "#dev", user: "bob", by: "ann", seconds: 7_200, reason: "ads" },
  });
  assertEquals(bob.client.rooms, []);
  const { about } = await assertRejects(() => bob.client.join("#dev"), RefusedError);
  assertEquals([about?.refused, about?.retry, about?.reason], ["banned", 7_200, "ads"]);
  await ann.ban("#dev", "bob", { seconds: 0 });
  assertEquals((await bob.client.join("#dev")).users, ["ann", "bob"]);
});
