// Nobody fills a mailbox or the disk for others.
import { assert, assertEquals } from "@std/assert";

import { openSqliteStore, type SqliteStoreOptions } from "../../server/store/sqlite.ts";
import type { ServerSettings } from "../../server/flags.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { eventually, PASSWORD, TestServer } from "../support/server_fixture.ts";

const DAY_MS = 86_400_000;

const account = (name: string, more: object = {}): object => ({
  event: "authenticate",
  user: { account_name: name, password: PASSWORD },
  ...more,
});

const guest = (name: string): object => ({ event: "presence", user: { account_name: name } });

/** Makes an account that is offline. */
async function absent(server: TestServer, name: string): Promise<void> {
  const client = await server.registered(name);
  await client.ask({ event: "quit" });
  client.close();
}

const letter = (message: string, id: number): object => ({
  ...{ event: "msg", to: "bob", message, store: true },
  id,
});

/** Stores letters for bob; the number of 202 and the sentence of the first refusal, which must be 410. */
async function fill(
  client: RawClient,
  count: number,
  message = "hi",
): Promise<[stored: number, sentence?: string]> {
  await client.send(...Array.from({ length: count }, (_, id) => letter(message, id)));
  const answers: Frame[] = [];
  for (let id = 0; id < count; id++) answers.push(await client.response());
  const refused = answers.filter(({ response }) => response !== 202);
  assert(refused.every(({ response }) => response === 410), JSON.stringify(refused[0]));
  return refused.length === 0 ? [count] : [count - refused.length, refused[0]!.error!];
}

/** Runs a test with a server on a file. */
async function withServer(
  test: (server: TestServer, clock: FakeClock) => Promise<void>,
  settings: Partial<ServerSettings> = {},
  storeOptions: SqliteStoreOptions = {},
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await using store = openSqliteStore(path, { clock, ...storeOptions });
    await using server = new TestServer({ store, clock, settings: { rate: 0, ...settings } });
    await test(server, clock);
  });
}

Deno.test("mailbox: one sender has at most 100 messages in it, and a new connection changes nothing", () =>
  withServer(async (server) => {
    await absent(server, "bob");
    const eve = await server.online("eve");
    const [stored, sentence] = await fill(eve, 120);
    assertEquals(stored, 100);
    assert(sentence!.includes("100 messages or 0.5 MiB of yours"), sentence);
    await eve.ask({ event: "quit" });
    assertEquals((await fill(await server.online("EVE"), 1))[0], 0);
    // Whom bob does not know may still write.
    assertEquals(await fill(await server.online("carol"), 1), [1]);
  }));

Deno.test("mailbox: what is acknowledged makes room for its sender again", () =>
  withServer(async (server) => {
    await absent(server, "bob");
    const eve = await server.online("eve");
    assertEquals((await fill(eve, 101))[0], 100);
    const bob = await server.connect();
    await bob.ask(account("bob"));
    const letters = await bob.frames(100);
    await bob.ask({ event: "ack", stored: letters[9]!.stored });
    await bob.ask({ event: "quit" });
    assertEquals((await fill(eve, 20))[0], 10);
  }));

Deno.test("mailbox: one sender has at most a tenth of its bytes", () =>
  withServer(async (server) => {
    await absent(server, "bob");
    const eve = await server.online("eve");
    const [stored, sentence] = await fill(eve, 60, "ж".repeat(4_096));
    assertEquals(stored, 60);
    const [more, why] = await fill(eve, 10, "ж".repeat(4_096));
    assertEquals([sentence, more], [undefined, 3]);
    assert(why!.includes("0.5 MiB of yours"), why);
    assertEquals(await fill(await server.online("carol"), 1, "ж".repeat(4_096)), [1]);
  }));

Deno.test("mailbox: all guests together have at most 200 messages in it, accounts go on", () =>
  withServer(async (server) => {
    await absent(server, "bob");
    const ann = await server.registered("ann");
    for (const name of ["g1", "g2"]) {
      assertEquals(await fill(await server.online(name), 100), [100]);
    }
    const [stored, sentence] = await fill(await server.online("g3"), 1);
    assertEquals(stored, 0);
    assert(sentence!.includes("200 messages or 1 MiB of guests"), sentence);
    assertEquals((await fill(ann, 101))[0], 100);
  }));

Deno.test("mailbox: strangers leave a quarter to those whom its owner has written to, and that survives a restart", () =>
  withDatabasePath(async (path) => {
    const settings = { rate: 0 };
    {
      await using store = openSqliteStore(path);
      await using server = new TestServer({ store, settings });
      const bob = await server.registered("bob");
      const ann = await server.registered("ann");
      // Delivered to one, stored for the other; two of each, since only the first is to be noted.
      await absent(server, "carl");
      for (let n = 0; n < 2; n++) {
        assertEquals((await bob.ask({ event: "msg", to: "ann", message: "hi" })).response, 200);
        const stored = await bob.ask({ event: "msg", to: "carl", message: "hi", store: true });
        assertEquals(stored.response, 202);
      }
      await ann.frames(2);
    }
    await using store = openSqliteStore(path);
    await using server = new TestServer({ store, settings });
    const flood = async (name: string): Promise<[number, string?]> =>
      await fill(await server.registered(name), 100);
    for (let n = 0; n < 7; n++) assertEquals(await flood(`stranger${n}`), [100]);
    const [stored, sentence] = await flood("stranger7");
    assertEquals(stored, 50);
    assert(
      sentence!.includes("750 messages or 3.75 MiB of people whom they never wrote to"),
      sentence,
    );
    assertEquals((await flood("stranger8"))[0], 0);
    for (const [name, letters] of [["ann", 0], ["carl", 2]] as const) {
      const friend = await server.connect();
      assertEquals((await friend.ask(account(name))).response, 200);
      await friend.frames(letters);
      assertEquals((await fill(friend, 101))[0], 100, name);
    }
  }));

Deno.test("--max-names-per-ip: one new name too many is 403; known names, other addresses and the next day are not", () =>
  withServer(async (server, clock) => {
    const ask = async (name: string, from?: string): Promise<Frame> => {
      using client = await server.connect(from);
      const answer = await client.ask(guest(name));
      await client.ask({ event: "quit" });
      return answer;
    };
    const [eve] = [await server.online("eve")];
    assertEquals((await ask("EVE")).response, 409, "is not counted");
    assertEquals((await ask("not a name")).response, 400, "nor is this");
    for (const name of ["bob", "carol"]) assertEquals((await ask(name)).response, 200);
    const { response, error } = await ask("dave");
    assertEquals(response, 403);
    assert(error!.startsWith("Your address has brought 3 new names within a day"), error);
    assertEquals((await ask("bob")).response, 200);
    assertEquals((await ask("dave", "127.0.0.2")).response, 200);
    assertEquals((await ask("dave")).response, 200, "it is known now");
    clock.leap(DAY_MS);
    assertEquals((await ask("erin")).response, 200);
    eve.close();
  }, { maxNamesPerIp: 3, probeInterval: 604_800 }));

Deno.test("--max-accounts-per-ip: one account too many is 403; a failed attempt does not count, logins never do", () =>
  withServer(async (server, clock) => {
    const ask = async (name: string, more: object, from?: string): Promise<Frame> => {
      using client = await server.connect(from);
      const answer = await client.ask(account(name, more));
      await client.ask({ event: "quit" });
      return answer;
    };
    const register = { register: true };
    assertEquals((await ask("a", register)).response, 201);
    for (let n = 0; n < 3; n++) assertEquals((await ask("a", register)).response, 409);
    assertEquals((await ask("b", register)).response, 201);
    const { response, error } = await ask("c", register);
    assertEquals(response, 403);
    assert(error!.startsWith("Your address has brought 2 accounts within a day"), error);
    for (let n = 0; n < 3; n++) assertEquals((await ask("a", {})).response, 200);
    assertEquals((await ask("c", register, "127.0.0.2")).response, 201);
    // A guest may still come, and is still a guest after a refusal.
    const guests = await server.online("d");
    assertEquals((await guests.ask(account("d", register))).response, 403);
    assertEquals((await guests.ask({ event: "who" })).total, 1);
    clock.leap(DAY_MS);
    assertEquals((await ask("e", register)).response, 201);
  }, { maxAccountsPerIp: 2, probeInterval: 604_800 }));

Deno.test("--max-names-per-ip and --max-accounts-per-ip: many at once are no way around, 0 is no limit", async () => {
  const many = (server: TestServer, request: (name: string) => object): Promise<number[]> =>
    Promise.all(Array.from({ length: 12 }, async (_, n) => {
      const client = await server.connect();
      return (await client.ask(request(`n${n}`))).response!;
    }));
  const register = (name: string): object => account(name, { register: true });
  for (const [limit, allowed] of [[5, 5], [0, 12]] as const) {
    const settings = { maxNamesPerIp: limit, maxAccountsPerIp: limit };
    for (const [request, code] of [[guest, 200], [register, 201]] as const) {
      await withServer(async (server) => {
        const codes = await many(server, request);
        assertEquals(codes.filter((each) => each === code).length, allowed);
        assertEquals(codes.filter((each) => each === 403).length, 12 - allowed);
      }, settings);
    }
  }
});

Deno.test("--max-db: what would be stored is 500 in plain words, all else goes on, and again after an ack", async () => {
  const changes: boolean[] = [];
  const storeOptions = { maxBytes: 1024 ** 2, onFull: (isFull: boolean) => changes.push(isFull) };
  await withServer(
    async (server) => {
      const [bob, carl] = [await server.registered("bob"), await server.registered("carl")];
      await bob.ask({ event: "quit" });
      const [eve, dave] = await server.onlineAll("eve", "dave");
      const senders = [eve, dave, carl];
      let answer: Frame = {};
      const text = "ж".repeat(4_000);
      for (let id = 0; answer.response !== 500; id++) {
        answer = await senders[id % 3]!.ask(letter(text, id));
        assert([202, 500].includes(answer.response!), JSON.stringify(answer));
      }
      const sentence = "The server's storage is full; nothing was stored and nothing was delivered";
      assertEquals(answer.error, sentence);
      const newcomer = await server.connect();
      for (const request of [guest("new"), account("new", { register: true })]) {
        const { response, error } = await newcomer.ask(request);
        assertEquals([response, error], [500, sentence]);
      }
      assertEquals(server.log.of("request failed"), [], "no fault, so no stack");
      assertEquals(changes, [true]);

      // Delivery, rooms, known guests and accounts.
      assertEquals((await eve.ask({ event: "msg", to: "carl", message: "hi" })).response, 200);
      assertEquals((await carl.frame()).message, "hi");
      assertEquals((await eve.ask({ event: "join", room: "#dev" })).response, 201);
      await dave.ask({ event: "quit" });
      await server.online("dave");
      const owner = await server.connect();
      assertEquals((await owner.ask(account("bob"))).response, 200);
      const letters = (await owner.pending()).map(({ stored }) => stored as number);
      assert(letters.length > 50);
      // What was answered 200 is rescued all the same.
      assertEquals(
        (await eve.ask({ event: "msg", to: "bob", message: "rescue me" })).response,
        200,
      );
      await owner.frame();
      owner.reset();
      await eventually(() => server.log.of("letter rescued").length === 1, () => "the rescue");

      const again = await server.connect();
      assertEquals((await again.ask(account("bob"))).response, 200);
      const last = (await again.pending()).at(-1)!;
      assertEquals(last.message, "rescue me");
      assertEquals((await again.ask({ event: "ack", stored: last.stored })).response, 200);
      await again.ask({ event: "quit" });
      assertEquals(changes, [true, false]);
      assertEquals((await eve.ask(letter(text, 1))).response, 202);
      assertEquals((await newcomer.ask(guest("new"))).response, 200);
    },
    {},
    storeOptions,
  );
});

Deno.test("on a full disk what was answered 200 waits, and its account gets it at the next login or later", () =>
  withServer(
    async (server, clock) => {
      await absent(server, "box");
      const bob = await server.registered("bob");
      const [eve, dave] = await server.onlineAll("eve", "dave");
      // A file of 60 pages, and no room left for a letter.
      const big = { event: "msg", to: "box", message: "x".repeat(4_000), store: true };
      let code: number | undefined = 202;
      while (code === 202) code = (await eve.ask(big)).response;
      assertEquals(code, 500);

      const handOver = async (to: RawClient, message: string): Promise<void> => {
        const request = { event: "msg", to: "bob", message };
        assertEquals((await dave.ask(request)).response, 200);
        assertEquals((await to.frame()).message, message);
      };
      const long = "y".repeat(4_000);
      for (const text of ["1", "2"]) await handOver(bob, `${text} ${long}`);
      bob.reset();
      await eventually(
        () => server.log.of("letters not rescued yet").length === 1,
        () => "the rescue",
      );
      assertEquals(server.log.of("letter rescued"), []);
      // Nothing of the same sender overtakes it, although it is smaller.
      const small = { event: "msg", to: "bob", message: "3", store: true };
      assertEquals((await dave.ask(small)).response, 500);

      const again = await server.connect();
      assertEquals((await again.ask(account("bob"))).response, 200);
      const texts = (await again.pending()).map(({ message }) => `${message}`.slice(0, 1));
      assertEquals(texts, ["1", "2"]);
      await again.ask({ event: "probe" }); // it has them
      await handOver(again, `4 ${long}`);
      again.reset();
      await eventually(
        () => server.log.of("letters not rescued yet").length === 2,
        () => "the rescue",
      );

      // Room on the disk.
      const box = await server.connect();
      assertEquals((await box.ask(account("box"))).response, 200);
      const stored = (await box.pending()).at(-1)!.stored;
      assertEquals((await box.ask({ event: "ack", stored })).response, 200);
      clock.advance(5_000);
      await eventually(
        () => server.log.of("letter rescued").length === 1,
        () => "the second rescue",
      );
      const third = await server.connect();
      assertEquals((await third.ask(account("bob"))).response, 200);
      const [letter, ...more] = await third.pending();
      assertEquals([`${letter!.message}`.slice(0, 1), letter!.stored, more], ["4", 1, []]);
    },
    { probeInterval: 604_800, loginTimeout: 604_800 },
    { maxPages: 93 },
  ));
