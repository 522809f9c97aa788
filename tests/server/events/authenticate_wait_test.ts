import { assert, assertEquals } from "@std/assert";

import { Passwords } from "../../../server/accounts/passwords.ts";
import {
  ask,
  cheapHash,
  login,
  makeAccount,
  messages,
  next,
  register,
  withAccounts,
} from "../../support/account_fixture.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import type { Frame } from "../../support/raw_client.ts";
import { CHEAP, eventually, PASSWORD } from "../../support/server_fixture.ts";
import { settle } from "../../support/settle.ts";

Deno.test("a login that ends after its connection leaves no ghost", async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => release = resolve);
  class SlowPasswords extends Passwords {
    override async verify(...args: Parameters<Passwords["verify"]>): Promise<boolean> {
      await gate;
      return await super.verify(...args);
    }
  }
  const passwords = new SlowPasswords({ cost: CHEAP });
  await withAccounts({ passwords }, async (fixture) => {
    await makeAccount(fixture, "bob");
    const ghost = await fixture.server.connect();
    const rival = await fixture.server.connect();
    await ghost.send(login("bob"));
    ghost.close();
    release();
    // The dead connection may be online for the moment until its end is read.
    while (await ask(rival, login("bob")) === 409) await new Promise((done) => setTimeout(done, 1));
    await rival.send({ event: "msg", to: "bob", message: "me" });
    await fixture.server.settlesAt({ connections: 1, online: 1 });
    await rival.send({ event: "msg", to: "bob", message: "still me" });
    // The dead one's login may have had the rival probed, before or behind the first message.
    const got = (await rival.pending()).filter(({ event }) => event === "msg");
    assertEquals(messages(got), ["me", "still me"]);
  });
});

Deno.test("a login that waits for its turn is not timed out, one that is not sent is", async () => {
  const clock = new FakeClock();
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  class SlowPasswords extends Passwords {
    override async verify(...args: Parameters<Passwords["verify"]>): Promise<boolean> {
      begun.resolve();
      await gate.promise;
      return await super.verify(...args);
    }
  }
  const passwords = new SlowPasswords({ cost: CHEAP });
  await withAccounts({ passwords, clock }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    const [waiting, silent] = [await fixture.server.connect(), await fixture.server.connect()];
    while (fixture.server.server.counts.connections < 2) await settle();
    await waiting.send(login("bob"));
    await begun.promise;
    clock.advance(30_100); // less than it takes the server to lose patience with its own last word
    assertEquals((await next(silent))?.response, 101);
    gate.resolve();
    assertEquals((await next(waiting))?.response, 200);
    clock.advance(10_000); // the silent one's last moments
  });
});

Deno.test("a registration that waits in line does not outlive the login timeout; one that is hashed finishes", async () => {
  const clock = new FakeClock();
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  class SlowPasswords extends Passwords {
    override async hash(...[password, turn]: Parameters<Passwords["hash"]>): Promise<string> {
      if (password === PASSWORD) {
        turn?.onBegin?.();
        begun.resolve();
        await gate.promise;
        return await super.hash(password);
      }
      const { promise, reject } = Promise.withResolvers<string>();
      turn!.signal!.addEventListener("abort", () => reject(turn!.signal!.reason));
      return await promise;
    }
  }
  const passwords = new SlowPasswords({ cost: CHEAP });
  await withAccounts({ passwords, clock }, async (fixture) => {
    const [hashed, waiting] = [await fixture.server.connect(), await fixture.server.connect()];
    await hashed.send(register("bob"));
    await begun.promise;
    await waiting.send({ event: "probe" }, register("eve", "another horse"));
    assertEquals((await next(waiting))?.response, 200);
    await settle();
    clock.advance(30_100);
    assertEquals((await next(waiting))?.response, 101);
    gate.resolve();
    assertEquals((await next(hashed))?.response, 201);
    assertEquals(await fixture.store.nameStatus("eve"), "unknown");
    clock.advance(10_000);
  });
});

Deno.test("a sixth failure from one address waits", async () => {
  const clock = new FakeClock();
  await withAccounts({ clock }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    for (let n = 0; n < 5; n++) {
      const peer = await fixture.server.connect();
      assertEquals(await ask(peer, login(`name${n}`, "wrong horse")), 402);
    }
    const peer = await fixture.server.connect();
    let code: number | undefined;
    const answered = ask(peer, login("name", "wrong horse")).then((given) => code = given);
    await settle();
    assertEquals(code, undefined);
    while (clock.pending === 0) await settle();
    for (; code === undefined; await settle()) clock.advance(1_000);
    await answered;
    assertEquals(code, 402);
    assert(clock.monotonicMs() >= 12_000);
  });
});

Deno.test("a login that waits behind wrong ones does not outlive the login timeout", async () => {
  const clock = new FakeClock();
  const loginTimeout = 5;
  await withAccounts({ clock, settings: { loginTimeout } }, async (fixture) => {
    const { server } = fixture;
    for (let n = 0; n < 5; n++) {
      const peer = await server.connect();
      assertEquals(await ask(peer, login(`name${n}`, "wrong horse")), 402);
      peer.close();
    }
    const peer = await server.connect();
    await peer.send({ event: "probe" }, login("name", "wrong horse"));
    assertEquals((await next(peer))?.response, 200);
    const connections = (): number => server.server.counts.connections;
    await eventually(() => connections() === 1, () => `connections: ${connections()}`);
    clock.advance(4_999);
    await settle();
    assertEquals(peer.unread, 0);
    clock.advance(1);
    const last = await next(peer);
    assertEquals([last?.response, last?.alert], [101, "You were not online within 5 s"]);
    assertEquals(await next(peer), undefined);
  });
});

Deno.test("logins behind too many wrong ones are refused at once, in other words than wrong ones", async () => {
  const clock = new FakeClock();
  await withAccounts({ clock, settings: { loginTimeout: 3_600 } }, async (fixture) => {
    await fixture.store.createAccount("bob", "bob", await cheapHash(PASSWORD));
    for (let n = 0; n < 5; n++) {
      const peer = await fixture.server.connect();
      assertEquals(await ask(peer, login("bob", "wrong horse")), 402);
    }
    // All from one address: five may wait, whoever they are.
    const answers: (Frame | undefined)[] = [];
    const peers = ["bob", "ann", "bob", "dan", "bob", "eve", "bob", "fay"].map(async (name) => {
      const peer = await fixture.server.connect();
      await peer.send(login(name, "wrong horse"));
      answers.push(await next(peer));
      return peer;
    });
    await eventually(() => answers.length === 3, () => `answers: ${answers.length}`);
    const sentence = "Too many wrong logins from your address; try again in a minute";
    assertEquals(
      answers.map((answer) => [answer?.response, answer?.error]),
      Array(3).fill([403, sentence]),
    );
    const all = Promise.all(peers);
    for (let n = 0; n < 100 && answers.length < 8; n++) {
      clock.advance(12_000);
      await settle();
    }
    await all;
    assertEquals(answers.slice(3).map((answer) => answer?.response), Array(5).fill(402));
  });
});
