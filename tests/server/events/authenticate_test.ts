import { assertEquals, assertRejects } from "@std/assert";

import type { AuthenticateRequest } from "../../../common/wire/protocol.ts";
import { Passwords } from "../../../server/accounts/passwords.ts";
import type { Commit } from "../../../server/answer.ts";
import { authenticate } from "../../../server/events/authenticate.ts";
import { ACCOUNT_IN_USE } from "../../../server/events/refusals.ts";
import type { Store } from "../../../server/store/store.ts";
import {
  ask,
  cheapHash,
  leave,
  login,
  makeAccount,
  next,
  online,
  presence,
  register,
  toBob,
  withAccounts,
} from "../../support/account_fixture.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakePeer } from "../../support/fake_peer.ts";
import { answerOf, withHouse } from "../../support/house.ts";
import { CHEAP, PASSWORD } from "../../support/server_fixture.ts";

const request = (more: Partial<AuthenticateRequest> = {}): AuthenticateRequest => ({
  event: "authenticate",
  user: { account_name: "Bob", password: PASSWORD },
  ...more,
});
const REGISTER = request({ register: true });

Deno.test("authenticate: a registration is on disk before its commit, and nobody is online before it", () =>
  withHouse({}, async ({ context, store, log }) => {
    const peer = new FakePeer();
    const commit = await authenticate.handle(context, peer, REGISTER);
    assertEquals(await store.nameStatus("bob"), "account");
    assertEquals([peer.user, context.registry.size], [undefined, 0]);
    const { code, sentence } = (commit as Commit)();
    assertEquals([code, sentence], [201, "Your account is made; you are online"]);
    assertEquals([peer.user?.name, peer.user?.isAccount], ["Bob", true]);
    assertEquals(peer.waits.map(({ isOver, isOthersDoing }) => [isOver, isOthersDoing()]), [
      [true, true],
    ]);
    assertEquals(log.of("registered").map(({ fields }) => fields), [
      { peer: peer.address, name: "Bob" },
    ]);
  }));

Deno.test("authenticate: a login puts the mail out behind its answer", () =>
  withHouse({}, async ({ context, store, clock }) => {
    await store.createAccount("bob", "Bob", await cheapHash(PASSWORD));
    const time = clock.epochMs() / 1_000;
    await store.storeLetter({
      folded: "bob",
      to: "Bob",
      from: "eve",
      message: "hi",
      time,
      id: undefined,
    });
    const peer = new FakePeer();
    const { code, afterwards } = await answerOf(authenticate.handle(context, peer, request()));
    assertEquals([code, peer.frames], [200, []]);
    await afterwards!();
    assertEquals(peer.frames.map(({ message }) => message), ["hi"]);
  }));

Deno.test("authenticate: at its commit the name may be another's, or the connection may end: 409, no ghost", () =>
  withHouse({}, async ({ context, come, store }) => {
    await store.createAccount("bob", "Bob", await cheapHash(PASSWORD));
    const [late, ending] = [new FakePeer(), new FakePeer()];
    const commits: Commit[] = [];
    for (const peer of [late, ending]) {
      commits.push(await authenticate.handle(context, peer, request()) as Commit);
    }
    ending.isEnding = true;
    assertEquals(commits[1]!(), ACCOUNT_IN_USE);
    assertEquals(context.registry.size, 0);
    const bob = come("bob");
    bob.becomeAccount(context.delivery.openMailbox(bob));
    assertEquals(commits[0]!(), ACCOUNT_IN_USE);
    assertEquals([late.user, context.registry.find("bob") === bob], [undefined, true]);
  }));

Deno.test("authenticate: who ends before the commit replaces nobody", () =>
  withHouse({}, async ({ context, come, store }) => {
    await store.createAccount("bob", "Bob", await cheapHash(PASSWORD));
    const bob = come("bob");
    bob.becomeAccount(context.delivery.openMailbox(bob));
    for (const more of [{ takeover: true }, {}]) { // a fake outlet does not answer a probe
      const ending = new FakePeer();
      const commit = await authenticate.handle(context, ending, {
        ...request(),
        ...more,
      }) as Commit;
      ending.end();
      assertEquals(commit(), ACCOUNT_IN_USE);
      assertEquals([bob.outlet.takes, ending.user], [true, undefined]);
    }
  }));

Deno.test("authenticate: what an administrator did while the password was checked counts", async () => {
  const [other, again] = [await cheapHash("another horse"), await cheapHash(PASSWORD)];
  const done: Record<string, (store: Store) => unknown> = {
    "a new password": (store) => {
      const find = store.findAccount.bind(store);
      store.findAccount = async (folded) => ({ ...(await find(folded))!, passwordHash: other });
    },
    "the same password, hashed anew": (store) => {
      const find = store.findAccount.bind(store);
      store.findAccount = async (folded) => ({ ...(await find(folded))!, passwordHash: again });
    },
    "no account": (store) => store.findAccount = () => Promise.resolve(undefined),
    "a block": (store) => {
      const find = store.findAccount.bind(store);
      store.findAccount = async (folded) => ({ ...(await find(folded))!, blocked: "spam" });
    },
  };
  for (const [what, change] of Object.entries(done)) {
    class SlowPasswords extends Passwords {
      change = (): void => {};
      override async verify(...args: Parameters<Passwords["verify"]>): Promise<boolean> {
        const isRight = await super.verify(...args);
        this.change();
        return isRight;
      }
    }
    const passwords = new SlowPasswords({ cost: CHEAP });
    await withHouse({ passwords }, async ({ context, store }) => {
      await store.createAccount("bob", "Bob", await cheapHash(PASSWORD));
      passwords.change = () => change(store);
      const peer = new FakePeer();
      const { code, closes } = await answerOf(authenticate.handle(context, peer, request()));
      const expected: [code: number, name?: string] = what === "a block"
        ? [403]
        : what.startsWith("the same")
        ? [200, "Bob"]
        : [402];
      assertEquals([code, peer.user?.name], [expected[0], expected[1]], what);
      assertEquals(closes ?? false, what === "a block");
    });
  }
});

Deno.test("authenticate: an account that nobody would learn of is not made", async () => {
  class SlowPasswords extends Passwords {
    peer = new FakePeer();
    override async hash(...args: Parameters<Passwords["hash"]>): Promise<string> {
      const hash = await super.hash(...args);
      this.peer.end();
      return hash;
    }
  }
  const passwords = new SlowPasswords({ cost: CHEAP });
  await withHouse({ passwords }, async ({ context, store }) => {
    const reply = authenticate.handle(context, passwords.peer, REGISTER) as Promise<unknown>;
    await assertRejects(() => reply, DOMException);
    assertEquals(await store.nameStatus("bob"), "unknown");
  });
});

Deno.test("authenticate: the third wrong password closes, by the peer's count", () =>
  withHouse({}, async ({ context }) => {
    const peer = new FakePeer();
    peer.attempts = 2;
    const closes = [];
    for (let n = 0; n < 2; n++) {
      closes.push((await answerOf(authenticate.handle(context, peer, request()))).closes);
    }
    assertEquals(closes, [false, true]);
  }));

Deno.test("register makes an account that only its password opens", async () => {
  await withAccounts({}, async (fixture) => {
    await makeAccount(fixture, "Bob");
    const peer = await fixture.server.connect();
    assertEquals(await ask(peer, presence("bob")), 401);
    assertEquals(await ask(peer, register("BOB")), 409);
    assertEquals(await ask(peer, login("bob", "wrong horse")), 402);
    assertEquals(await ask(peer, login("bob")), 200);
    assertEquals(await ask(peer, presence("bob")), 200);
    assertEquals(await ask(peer, presence("eve")), 400);
    assertEquals(await ask(peer, login("eve")), 400);
    const second = await fixture.server.connect();
    await second.send(login("bob"));
    assertEquals((await next(peer))?.event, "probe");
    assertEquals(await ask(peer, { event: "probe" }), 200);
    assertEquals((await next(second))?.response, 409);
    assertEquals(await ask(second, login("bob", "wrong horse")), 402);
  });
});

Deno.test("402 says the same for known and unknown names; the third closes", async () => {
  await withAccounts({}, async (fixture) => {
    await makeAccount(fixture, "bob");
    const peer = await fixture.server.connect();
    const answers = [];
    for (const name of ["bob", "nobody", "bob"]) {
      await peer.send(login(name, "wrong horse", { id: 1 }));
      const { time: _, ...answer } = (await next(peer))!;
      answers.push(answer);
    }
    assertEquals(answers[0], { response: 402, error: "Wrong login or password", id: 1 });
    assertEquals(answers[1], answers[0]);
    assertEquals(answers[2], answers[0]);
    // The log names accounts only: an unknown name may be a password in the wrong place.
    const logged = fixture.server.log.of("wrong login or password").map(({ fields }) =>
      fields.name
    );
    assertEquals(logged, ["bob", undefined, "bob"]);
    assertEquals(await next(peer), undefined);
  });
});

Deno.test("of many who register one name at once, exactly one succeeds", async () => {
  await withAccounts({}, async ({ server }) => {
    const peers = await Promise.all(Array.from({ length: 8 }, () => server.connect()));
    const codes = await Promise.all(peers.map((peer) => ask(peer, register("bob"))));
    assertEquals(codes.sort(), [201, 409, 409, 409, 409, 409, 409, 409]);
    assertEquals(server.server.counts.online, 1);
  });
});

Deno.test("a name that a guest uses cannot be registered by another, and not used by two", async () => {
  await withAccounts({}, async (fixture) => {
    await online(fixture, presence("bob"));
    const peer = await fixture.server.connect();
    assertEquals(await ask(peer, register("bob")), 409);
    assertEquals(await ask(peer, presence("bob")), 409);
    assertEquals(await fixture.store.findAccount("bob"), undefined);
  });
});

Deno.test("a guest who registers keeps the connection, its rooms, and gets an empty mailbox", async () => {
  await withAccounts({}, async (fixture) => {
    const eve = await online(fixture, presence("eve"));
    const bob = await online(fixture, presence("bob"));
    await leave(bob);
    assertEquals(await ask(eve, toBob("to a guest")), 410);
    const again = await online(fixture, presence("bob"));
    assertEquals(await ask(again, { event: "join", room: "#dev" }), 201);
    assertEquals(await ask(again, register("bob")), 201);
    assertEquals(await ask(again, register("bob")), 409);
    assertEquals(await ask(eve, { event: "join", room: "#dev" }), 200);
    assertEquals((await next(again))?.joined, "eve");
    await leave(again);
    assertEquals((await next(eve))?.left, "bob");
    assertEquals(await ask(eve, toBob("to an account")), 202);
    const back = await online(fixture, login("bob"));
    assertEquals((await next(back))?.message, "to an account");
  });
});

Deno.test("registration and guests can be turned off", async () => {
  await withAccounts({ settings: { registration: false, guests: false } }, async (fixture) => {
    const peer = await fixture.server.connect();
    assertEquals(await ask(peer, register("bob")), 403);
    assertEquals(await ask(peer, presence("bob")), 401);
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    assertEquals(await ask(peer, login("bob")), 200);
  });
});

Deno.test("the owner of an account that was made for a name takes it from a guest", async () => {
  await withAccounts({}, async (fixture) => {
    const guest = await online(fixture, presence("bob"));
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    await online(fixture, login("bob"));
    const { response, reason } = (await next(guest))!;
    assertEquals([response, reason], [101, "replaced"]);
    assertEquals(await next(guest), undefined);
  });
});

Deno.test("a hash of lower cost is replaced at the login, the password stays the same", async () => {
  const passwords = new Passwords({ cost: { logN: 5, r: 8, p: 1 } });
  await withAccounts({ passwords }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    await leave(await online(fixture, login("bob")));
    const hash = async (): Promise<string> =>
      (await fixture.store.findAccount("bob"))!.passwordHash;
    while (passwords.needsRehash(await hash())) await new Promise((done) => setTimeout(done, 1));
    await online(fixture, login("bob"));
  });
});

Deno.test("who registered a name is not locked out of it by those who guess its password", async () => {
  await withAccounts({ clock: new FakeClock() }, async (fixture) => {
    await makeAccount(fixture, "bob");
    for (let n = 0; n < 5; n++) {
      const guesser = await fixture.server.connect();
      assertEquals(await ask(guesser, login(`name${n}`, "wrong horse")), 402);
    }
    const bob = await fixture.server.connect();
    assertEquals(await ask(bob, login("bob")), 200);
  });
});
