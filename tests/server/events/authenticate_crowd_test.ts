// Logins while strangers guess and register, over real sockets from many addresses of the loopback network.
import { scrypt } from "node:crypto";

import { assert, assertEquals } from "@std/assert";

import { Passwords, type PasswordTurn } from "../../../server/accounts/passwords.ts";
import type { ServerSettings } from "../../../server/flags.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import {
  type AccountFixture,
  ask,
  cheapHash,
  login,
  next,
  register,
  withAccounts,
} from "../../support/account_fixture.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import type { RawClient } from "../../support/raw_client.ts";
import { CHEAP, computeAtOnce, eventually, PASSWORD } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";

/** Guesses at bob's password from that many addresses, five times each, until all wait that can. */
async function guess({ server }: AccountFixture, addresses: number): Promise<RawClient[]> {
  const peers: RawClient[] = [];
  for (let n = 0; n < addresses; n++) {
    for (let connection = 0; connection < 5; connection++) {
      const peer = await server.connect(`127.0.1.${n + 1}`);
      await peer.send(login("bob", "wrong horse"));
      peers.push(peer);
    }
  }
  const answered = (): number => peers.filter(({ unread }) => unread > 0).length;
  // Strangers have sixty failures at a name.
  const expected = Math.min(60, peers.length);
  await eventually(() => answered() === expected, () => `answered: ${answered()}`);
  await settle();
  return peers;
}

/** Nobody is closed for being late. */
const settings: Partial<ServerSettings> = { loginTimeout: 3_600 };

Deno.test("who has logged in from an address gets in at once from there, also after a restart, while strangers guess", async () => {
  await withDatabasePath(async (db) => {
    await withAccounts({ db, settings }, async ({ server }) => {
      const bob = await server.connect("127.0.2.1");
      assertEquals(await ask(bob, register("bob")), 201);
      const again = await server.connect("127.0.2.2");
      assertEquals(await ask(again, login("bob", PASSWORD, { takeover: true })), 200);
      const mallory = await server.connect("127.0.2.3");
      assertEquals(await ask(mallory, login("bob", "wrong horse")), 402);
    });
    const clock = new FakeClock(Date.now());
    await withAccounts({ db, clock, settings }, async (fixture) => {
      await guess(fixture, 20);
      for (const address of ["127.0.2.1", "127.0.2.2"]) {
        const bob = await fixture.server.connect(address);
        assertEquals(await ask(bob, login("bob")), 200, address);
        bob.close();
        await fixture.server.settlesAt({ online: 0 });
      }
    });
  });
});

Deno.test("an owner from a new address is next while many addresses guess, and is not refused", async () => {
  const clock = new FakeClock();
  /** When the owner's password is checked: the answer takes the network's time, in which the clock goes on. */
  let checkedAt = NaN;
  const compute = ((...args: Parameters<typeof scrypt>) => {
    if (args[0] === PASSWORD) checkedAt = clock.monotonicMs();
    computeAtOnce(...args);
  }) as typeof scrypt;
  const passwords = new Passwords({ cost: CHEAP, compute });
  await withAccounts({ clock, settings, passwords }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    const guessers = await guess(fixture, 20);
    for (let n = 1; n <= 3; n++) {
      const bob = await fixture.server.connect(`127.0.2.${n}`);
      await bob.send({ event: "probe" }, login("bob"));
      assertEquals((await next(bob))?.response, 200); // both have been read
      const begun = clock.monotonicMs();
      for (; bob.unread === 0; await settle()) clock.advance(100);
      assertEquals((await next(bob))?.response, 200);
      assert(checkedAt - begun <= 10_000, `after ${checkedAt - begun} ms`);
      bob.close();
      await fixture.server.settlesAt({ online: 0 });
    }
    const answers = await Promise.all(guessers.filter(({ unread }) => unread > 0).map(next));
    assertEquals(new Set(answers.map((answer) => answer?.response)), new Set([402]));
  });
});

Deno.test("sixty addresses that register hold up no login; one too many is told so at once and stays", async () => {
  // Hashes of one at a time, in the order in which they are made; the gate holds the first.
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  const order: string[] = [];
  const compute = ((...args: Parameters<typeof scrypt>) => {
    if (!isHeld) return scrypt(...args);
    order.push(String(args[0]));
    gate.promise.then(() => scrypt(...args));
  }) as typeof scrypt;
  const passwords = new Passwords({ cost: CHEAP, concurrency: 1, compute });
  await withAccounts({ passwords, settings }, async (fixture) => {
    const { server, store } = fixture;
    const home = await server.connect("127.0.2.1");
    assertEquals(await ask(home, register("bob", "the horse of bob")), 201);
    home.close();
    await server.settlesAt({ online: 0, connections: 0 });
    await store.createAccount("eve", "eve", await cheapHash("the horse of eve"));

    isHeld = true;
    const held = passwords.hash("the first one");
    const peers: RawClient[] = [];
    for (let n = 0; n < 120; n++) {
      const peer = await server.connect(`127.0.1.${n % 60 + 1}`);
      await peer.send(register(`name${n}`));
      peers.push(peer);
    }
    const answered = (): RawClient[] => peers.filter(({ unread }) => unread > 0);
    await eventually(() => answered().length === 20, () => `refused: ${answered().length}`);
    const [refused] = answered();
    assertEquals(await next(refused!).then((frame) => [frame?.response, frame?.error]), [
      403,
      "The server is busy making accounts; try again in a minute",
    ]);
    const [bob, eve] = [await server.connect("127.0.2.1"), await server.connect("127.0.2.2")];
    await eve.send(login("eve", "the horse of eve"));
    await eventually(() => passwords.waiting === 101, () => `waiting: ${passwords.waiting}`);
    await bob.send(login("bob", "the horse of bob"));
    await eventually(() => passwords.waiting === 102, () => `waiting: ${passwords.waiting}`);
    const registering = peers.filter((peer) => peer.unread === 0 && peer !== refused);
    gate.resolve();
    await held;
    assertEquals([(await next(bob))?.response, (await next(eve))?.response], [200, 200]);
    const expected = ["the first one", "the horse of bob", "the horse of eve", PASSWORD];
    assertEquals(order.slice(0, 4), expected);
    assertEquals(await ask(refused!, register("later")), 201);
    for (const peer of registering) assertEquals((await next(peer))?.response, 201);
  });
});

Deno.test("what a login's hash is for goes by where the peer is and what it has done", async () => {
  const turns: (string | undefined)[] = [];
  class Watched extends Passwords {
    override verify(...args: Parameters<Passwords["verify"]>): Promise<boolean> {
      turns.push(args[2]?.priority);
      return super.verify(...args);
    }
    override hash(password: string, turn?: PasswordTurn): Promise<string> {
      turns.push(turn?.priority);
      return super.hash(password, turn);
    }
  }
  await withDatabasePath(async (db) => {
    using users = UserAdmin.open(db, true, () => Date.now() / 1_000);
    await withAccounts({ db, passwords: new Watched({ cost: CHEAP }) }, async ({ server }) => {
      const send = async (address: string, request: object): Promise<void> => {
        const peer = await server.connect(address);
        await ask(peer, request);
        peer.close();
        await server.settlesAt({ online: 0, connections: 0 });
      };
      await send("127.0.2.1", register("bob"));
      await send("127.0.2.1", login("bob"));
      await send("127.0.2.2", login("bob"));
      await send("127.0.2.2", login("bob"));
      await send("127.0.2.3", login("bob", "wrong horse"));
      await send("127.0.2.3", login("bob"));
      await send("127.0.2.3", login("bob"));
      users.setPassword("bob", await cheapHash("better horse"));
      await send("127.0.2.1", login("bob", "better horse"));
    });
  });
  assertEquals(turns, [
    "registration",
    ...["trusted", "newcomer", "trusted"],
    ...["newcomer", "login", "trusted"],
    "newcomer",
  ]);
});
