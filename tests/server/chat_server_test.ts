import { assert, assertEquals } from "@std/assert";

import { ChatServer } from "../../server/chat_server.ts";
import type { ConnectionSource } from "../../server/connection/accept.ts";
import type { ServerSettings } from "../../server/flags.ts";
import { openSqliteStore } from "../../server/store/sqlite.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import {
  ask,
  leave,
  login,
  makeAccount,
  messages,
  next,
  online,
  presence,
  register,
  toBob,
  withAccounts,
} from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeConn } from "../support/fake_conn.ts";
import { RecordingLog } from "../support/recording_log.ts";
import { arrive, withPassword } from "../support/resuming_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { settle } from "../support/settle.ts";
import { storeWith } from "../support/store_with.ts";

/** The server looks for what an administrator did at least this often. */
const LOOK_MS = 1_000;

/** A listener that accepts, and fails, as a test tells it to. */
class FakeListener implements ConnectionSource {
  /** How often the server has asked. */
  accepts = 0;
  /** Whether it was closed. */
  isClosed = false;
  readonly #next: (Deno.Conn | Error)[] = [];
  #waiting: PromiseWithResolvers<Deno.Conn> | undefined;

  /** The outcome of the next accept. */
  push(...outcomes: (Deno.Conn | Error)[]): void {
    this.#next.push(...outcomes);
    if (this.#waiting) this.#hand(this.#waiting, this.#next.shift()!);
  }

  accept(): Promise<Deno.Conn> {
    this.accepts++;
    const waiting = Promise.withResolvers<Deno.Conn>();
    const outcome = this.#next.shift();
    if (outcome === undefined) this.#waiting = waiting;
    else this.#hand(waiting, outcome);
    return waiting.promise;
  }

  close(): void {
    this.isClosed = true;
    this.#waiting?.reject(new Deno.errors.BadResource("listener closed"));
  }

  #hand({ resolve, reject }: PromiseWithResolvers<Deno.Conn>, outcome: Deno.Conn | Error): void {
    this.#waiting = undefined;
    if (outcome instanceof Error) reject(outcome);
    else resolve(outcome);
  }
}

/** A peer that connects from an address. */
function connection(hostname = "127.0.0.1"): FakeConn & Deno.Conn {
  const remoteAddr = { transport: "tcp", hostname, port: 4_711 };
  return Object.assign(new FakeConn(), { remoteAddr }) as unknown as FakeConn & Deno.Conn;
}

async function withServer(
  settings: Partial<ServerSettings>,
  test: (parts: {
    server: ChatServer;
    listener: FakeListener;
    clock: FakeClock;
    log: RecordingLog;
  }) => Promise<void>,
): Promise<void> {
  await using store = openSqliteStore(":memory:");
  const [listener, clock, log] = [new FakeListener(), new FakeClock(), new RecordingLog()];
  const server = new ChatServer({ store, clock, log, settings });
  const serving = server.serve(listener);
  await test({ server, listener, clock, log });
  const ending = server.shutdown();
  await settle();
  clock.advance(10_000);
  await ending;
  await serving;
  assertEquals(listener.isClosed, true);
  assertEquals(server.counts, { connections: 0, online: 0, rooms: 0 });
  assertEquals(clock.pending, 0, "timers");
}

Deno.test("without descriptors the server waits, longer each time but never over 250 ms, and goes on", () =>
  withServer({}, async ({ server, listener, clock, log }) => {
    const emfile = (): Error => new Error("Too many open files (os error 24)");
    listener.push(emfile());
    await settle();
    assertEquals(listener.accepts, 1);
    for (const wait of [5, 10, 20, 40, 80, 160, 250, 250]) {
      const { accepts } = listener;
      listener.push(emfile());
      clock.advance(wait - 1);
      await settle();
      assertEquals(listener.accepts, accepts, `${wait} ms`);
      clock.advance(1);
      await settle();
      assertEquals(listener.accepts, accepts + 1, `${wait} ms`);
    }
    assertEquals(log.of("cannot accept connections").length, 1, "one record, not one each time");
    clock.advance(250);
    const conn = connection();
    listener.push(conn);
    await settle();
    assertEquals(server.counts.connections, 1);
    assertEquals(log.of("accepting connections again").length, 1);
    conn.feedFrames({ event: "probe" });
    await settle();
    assertEquals(conn.frames.map(({ response }) => response), [200]);

    // The next shortage begins with a short wait again.
    listener.push(emfile());
    await settle();
    const { accepts } = listener;
    clock.advance(5);
    await settle();
    assertEquals(listener.accepts, accepts + 1);
    conn.end();
    await settle();
  }));

Deno.test("a peer that is gone before it is accepted keeps nobody waiting and is not logged", () =>
  withServer({}, async ({ server, listener, clock, log }) => {
    listener.push(
      new Deno.errors.ConnectionAborted("Software caused connection abort (os error 103)"),
      new Deno.errors.NotConnected("Transport endpoint is not connected (os error 107)"),
      new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)"),
    );
    const conn = connection();
    listener.push(conn);
    const { pending } = clock;
    await settle();
    assertEquals(server.counts.connections, 1);
    assertEquals(log.records.filter(({ level }) => level === "warn"), []);
    assertEquals(pending, 0);
    conn.end();
    await settle();
  }));

Deno.test("a connection that cannot be set up is closed and forgotten, and the next one is served", () =>
  withServer({ maxPerIp: 1 }, async ({ server, listener, clock }) => {
    const broken = Object.assign(connection(), {
      setNoDelay: () => {
        throw new Error("Invalid argument (os error 22)");
      },
    });
    const conn = connection();
    broken.end();
    listener.push(broken);
    await settle();
    assertEquals([broken.isClosed, server.counts.connections, clock.pending], [true, 0, 0]);
    listener.push(conn);
    await settle();
    assertEquals(server.counts.connections, 1, "the broken one no longer counts for the address");
    conn.feedFrames({ event: "probe" });
    await settle();
    assertEquals(conn.frames.map(({ response }) => response), [200]);
    conn.end();
    await settle();
  }));

Deno.test("an IPv4 peer of an IPv6 socket is the same address", () =>
  withServer({ maxPerIp: 1 }, async ({ server, listener }) => {
    const [one, two, three] = [
      connection("127.0.0.1"),
      connection("::ffff:127.0.0.1"),
      connection("::1"),
    ];
    listener.push(one, two, three);
    await settle();
    assertEquals(two.frames.map(({ response }) => response), [101]);
    assertEquals(server.counts.connections, 2);
    for (const conn of [one, two, three]) conn.end();
    await settle();
  }));

Deno.test("shutdown twice is shutdown once", () =>
  withServer({}, async ({ server, listener }) => {
    const conn = connection();
    listener.push(conn);
    await settle();
    const first = server.shutdown();
    assertEquals(server.shutdown() === first, true);
    await settle();
    assertEquals(conn.frames.map(({ response }) => response), [101]);
    conn.end();
    await first;
  }));

Deno.test("shutdown waits until what has arrived is out of the mailbox, a second at most", async () => {
  await using kept = openSqliteStore(":memory:");
  for (const isLate of [false, true]) {
    const begun = Promise.withResolvers<void>();
    const deleted = Promise.withResolvers<void>();
    const deleteLetters = (): Promise<void> => {
      begun.resolve();
      return deleted.promise;
    };
    const clock = new FakeClock();
    const store = storeWith(kept, { deleteLetters });
    await using server = new TestServer({ store, clock });
    const eve = await server.online("eve");
    const before = await arrive(server, withPassword("bob", { register: !isLate }));
    await before.client.ask({ event: "quit" });
    before.client.close();
    await eve.ask({ event: "msg", to: "bob", message: "hi", store: true });
    const { client: bob } = await arrive(server, withPassword("bob"));
    assertEquals((await bob.frame()).message, "hi");
    await bob.ask({ event: "probe", seen: 1 });
    await begun.promise;

    let isOver = false;
    const ended = server.server.shutdown().then(() => isOver = true);
    for (const client of [eve, bob]) {
      await client.ended();
      client.close();
    }
    await server.settlesAt({ connections: 0 });
    await settle();
    assertEquals(isOver, false);
    if (isLate) clock.advance(1_000);
    else deleted.resolve();
    await ended;
  }
});

Deno.test("a blocked name is refused, a blocked user who is online is told why and closed", async () => {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await withAccounts({ db: path, storeOptions: { clock } }, async (fixture) => {
      using admin = UserAdmin.open(path, false, () => 0);
      const peers = [
        await online(fixture, register("bob")),
        await online(fixture, presence("eve")),
      ];
      admin.block("bob", "bob", "spam");
      admin.block("eve", "eve", "");
      clock.advance(LOOK_MS);
      const words = ["This user is blocked: spam", "This user is blocked"];
      for (const [index, peer] of peers.entries()) {
        const frame = await next(peer);
        assertEquals([frame?.response, frame?.reason, frame?.alert], [
          101,
          "blocked",
          words[index],
        ]);
        assertEquals(await next(peer), undefined);
      }
      for (const request of [login("bob"), presence("bob"), presence("eve"), register("eve")]) {
        const peer = await fixture.server.connect();
        assertEquals(await ask(peer, request), 403);
        assertEquals(await next(peer), undefined);
      }
    });
  });
});

Deno.test("a user whose account is removed is told and closed; a guest of that name stays", async () => {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    await withAccounts({ db: path, storeOptions: { clock } }, async (fixture) => {
      using admin = UserAdmin.open(path, false, () => 0);
      const bob = await online(fixture, register("bob"));
      const eve = await online(fixture, presence("eve"));
      // Made and removed before anybody looks: the guest of that name never had it.
      admin.add("eve", "eve", "hash");
      for (const name of ["eve", "bob"]) await admin.remove(name);
      clock.advance(LOOK_MS);
      const frame = await next(bob);
      assertEquals([frame?.response, frame?.reason, frame?.alert], [
        101,
        "removed",
        "This account was removed",
      ]);
      assertEquals(await next(bob), undefined);
      assertEquals(await ask(eve, { event: "probe" }), 200);
    });
  });
});

Deno.test("while the store fails a request gets 500, one record is logged, and the rest goes on", async () => {
  await withAccounts({ storeOptions: { maxPages: 88 } }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const eve = await online(fixture, presence("eve"));
    const accepted: string[] = [];
    let code: number | undefined = 202;
    for (let n = 0; code === 202; n++) {
      const text = `${n} ${"x".repeat(2_000)}`;
      code = await ask(eve, toBob(text));
      if (code === 202) accepted.push(text);
    }
    assertEquals(code, 500);
    assert(accepted.length > 5);
    const [record, ...more] = fixture.server.log.records.filter(({ level }) => level === "error");
    assertEquals(more, []);
    assert(String(record?.fields.stack).includes("the disk is full"));
    assertEquals(await ask(eve, { event: "join", room: "#dev" }), 201);
    const bob = await online(fixture, login("bob"));
    const frames = await bob.frames(accepted.length);
    assertEquals(messages(frames), accepted);
    assertEquals(await ask(bob, { event: "ack", stored: accepted.length }), 200);
    await leave(bob);
  });
});
