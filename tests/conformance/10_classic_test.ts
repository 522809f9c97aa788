import { assert, assertEquals } from "@std/assert";

import { ClassicClient, PassingTime } from "../support/classic_client.ts";
import { FakeClock } from "../support/fake_clock.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { PASSWORD, TestServer, type TestServerOptions } from "../support/server_fixture.ts";

interface Stage {
  server: TestServer;
  clock: FakeClock;
  connect(): Promise<ClassicClient>;
  online(name: string, user?: object, fields?: object): Promise<ClassicClient>;
}

/** A server whose clock the classic clients move. */
async function onStage(
  play: (stage: Stage) => Promise<void>,
  settings: TestServerOptions["settings"] = {},
): Promise<void> {
  const clock = new FakeClock();
  await using server = new TestServer({ clock, settings: { rate: 0, ...settings } });
  using clients = new DisposableStack();
  const time = clients.use(new PassingTime(server.address, clock));
  await play({
    server,
    clock,
    connect: async () => clients.use(await ClassicClient.connect(server.address, time)),
    online: async (name, user, fields) =>
      clients.use(await ClassicClient.online(server.address, time, name, user, fields)),
  });
}

/** The fields without the time, which differs. */
function withoutTime({ time, ...fields }: Frame = {}): Record<string, unknown> {
  assertEquals(typeof time, "number");
  return fields;
}

/** The next message to a framed client, without its time. */
async function message(client: RawClient): Promise<Record<string, unknown>> {
  return withoutTime(await client.frame());
}

const PRESENCE = '{"action":"presence","time":1.5,"user":{"account_name":"eve"}}';

Deno.test("classic: they and all others see and write to each other", () =>
  onStage(async ({ server, online }) => {
    const bob = await server.online("bob");
    const eve = await online("Ева");
    const answer = await eve.ask({
      ...{ action: "message", from: "Ева", to: "bob", time: 1.5, mess_text: "Привет, 世界 👋" },
    });
    assertEquals(withoutTime(answer), { response: 200, alert: "Message delivered" });
    assertEquals(await message(bob), {
      ...{ event: "msg", from: "Ева", to: "bob", message: "Привет, 世界 👋" },
    });
    assertEquals((await bob.ask({ event: "msg", to: "ЕВА", message: "и тебе" })).response, 200);
    assertEquals(withoutTime(await eve.recv()), {
      ...{ action: "message", from: "bob", to: "Ева", mess_text: "и тебе" },
    });
    const { users } = await bob.ask({ event: "who" });
    assertEquals(users, [{ account_name: "bob", status: "" }, { account_name: "Ева", status: "" }]);
  }));

Deno.test("classic: it is detected by another object, or by nothing for 200 ms", () =>
  onStage(async ({ connect, clock }) => {
    const one = await connect();
    await one.sendText(PRESENCE + '{"action":"probe","id":2}');
    assertEquals((await one.recv())!.response, 200);
    assertEquals((await one.recv())!.id, 2);
    const other = await connect();
    await other.sendText(PRESENCE.replace("eve", "bob"));
    const before = clock.monotonicMs();
    assertEquals((await other.recv())!.response, 200);
    assert(clock.monotonicMs() - before >= 200);
  }));

Deno.test("classic: a newline behind the first object makes lines of it, whatever its key", () =>
  onStage(async ({ server, clock }) => {
    for (const end of ["\n", "\r\n"]) {
      const client = await server.connect();
      await client.sendText(PRESENCE);
      clock.advance(199);
      await client.sendText(end);
      assertEquals((await client.response()).response, 200);
      assertEquals((await client.ask({ action: "msg", to: "eve", message: "hi" })).response, 200);
      assertEquals((await client.frame()).action, "msg");
      assertEquals((await client.ask({ action: "quit" })).response, 200);
      await client.ended();
    }
  }));

Deno.test("classic: what says `event` first is lines, without a newline, too", () =>
  onStage(async ({ server }) => {
    const client = await server.connect();
    await client.sendText('{"event":"probe"}{"event":"probe"}\n{"event":"probe","id":1}');
    client.finish();
    assertEquals((await client.ended()).frames.map(({ response }) => response), [400, 200]);
  }));

Deno.test("classic: a newline directly behind a later object makes lines from then on", () =>
  onStage(async ({ server, clock }) => {
    const client = await server.connect();
    await client.sendText(PRESENCE + '{"action":"probe","id":2}');
    await server.settlesAt({ online: 1 });
    await client.sendText('\n{"action":"join","room":"#dev"}\n');
    clock.advance(10_000);
    // What was queued as an object went out as one: it has no newline, so the line begins with it.
    const line = (await client.line())!;
    assert(line.startsWith('{"response":200'), line);
    const lines = [line.replace(/^\{"response":200[^}]*\}(?=\{)/, "")];
    while (!lines.at(-1)!.includes("#dev")) lines.push((await client.line())!);
    assertEquals(JSON.parse(lines.at(-1)!.replace(/^.*\}(?=\{)/, "")).response, 201);
    const bob = await server.online("bob");
    await bob.ask({ event: "msg", to: "eve", message: "x".repeat(2_000) });
    assertEquals((await client.frame()).message, "x".repeat(2_000));
    clock.advance(60_000);
    assertEquals((await client.frame()).action, "probe");
  }));

Deno.test("classic: an object in a hundred packets, a hundred in one packet", () =>
  onStage(async ({ server, online }) => {
    const bob = await server.online("bob");
    const eve = await online("eve");
    const text = '}{ "При\\вет" {';
    const object = { action: "message", from: "eve", to: "bob", mess_text: text };
    for (const character of JSON.stringify(object)) await eve.sendText(character);
    assertEquals((await message(bob)).message, text);
    assertEquals((await eve.recv())!.response, 200);
    await eve.send(...Array.from({ length: 100 }, (_, id) => ({ ...object, id })));
    for (let id = 0; id < 100; id++) {
      const { response, id: answered } = (await eve.recv())!;
      assertEquals([response, answered], [200, id]);
    }
    assertEquals(
      (await bob.frames(100)).map(({ id }) => id),
      Array.from({ length: 100 }, (_, i) => i),
    );
  }));

Deno.test("classic: something else between objects, or too long a one, is one 400 and the end", () =>
  onStage(async ({ online, server }) => {
    for (const wrong of ["x", "}", '{"action":"probe"}]', `{"a":"${"x".repeat(1_000)}"}`]) {
      const eve = await online("eve");
      await eve.sendText(wrong + "{".repeat(5_000));
      let answer = await eve.recv();
      if (wrong.includes("probe")) {
        assertEquals(answer!.response, 200);
        answer = await eve.recv();
      }
      assertEquals(answer!.response, 400);
      assertEquals(await eve.recv(), undefined);
      await server.settlesAt({ online: 0 });
    }
  }, { maxLine: 1_000 }));

Deno.test("classic: a wrong object is 400, and the next one is served", () =>
  onStage(async ({ online }) => {
    const eve = await online("eve");
    for (
      const wrong of [
        "{}",
        "{[]}",
        '{"action":"dance"}',
        '{"action":"message","to":"bob","mess_text":"\uFFFD"}',
        '{"action":"message","to":"eve","from":"bob","mess_text":"x"}',
        '{"action":"message","to":"nobody","mess_text":"x"}',
        '{"action":"presence","user":{"account_name":"bob"}}',
      ]
    ) {
      await eve.sendText(wrong);
      const { response, error } = (await eve.recv())!;
      assertEquals([response, typeof error], [400, "string"], wrong);
    }
    assertEquals((await eve.ask({ action: "probe", id: 1 })).response, 200);
  }));

Deno.test("classic: a message goes out under the keys that the client last sent", () =>
  onStage(async ({ server, online }) => {
    const bob = await server.online("bob");
    const eve = await online("EVE");
    const hear = async (): Promise<unknown> => {
      assertEquals((await bob.ask({ event: "msg", to: "eve", message: "hi" })).response, 200);
      return withoutTime(await eve.recv());
    };
    const both = { from: "bob", sender: "bob", to: "EVE", destination: "EVE" };
    assertEquals(await hear(), {
      ...{ action: "message", ...both, mess_text: "hi", message_text: "hi" },
    });
    await eve.ask({ action: "msg", sender: "eve", receiver: "bob", text: "x" });
    assertEquals(await hear(), { action: "msg", sender: "bob", receiver: "EVE", text: "hi" });
    const ann = await online("ann", { status: "Yep" });
    await bob.ask({ event: "msg", to: "ann", message: "hi" });
    assertEquals(withoutTime(await ann.recv()), {
      ...{
        action: "msg",
        from: "bob",
        sender: "bob",
        to: "ann",
        destination: "ann",
        message: "hi",
      },
    });
  }));

Deno.test("classic: nothing else for 1.2 s behind a message, which delays nobody", () =>
  onStage(async ({ server, online, clock }) => {
    const bob = await server.online("bob");
    const eve = await online("eve");
    for (let i = 0; i < 2; i++) {
      assertEquals((await bob.ask({ event: "msg", to: "eve", message: `${i}` })).response, 200);
    }
    assertEquals((await eve.recv())!.mess_text, "0");
    await eve.send({ action: "message", to: "bob", mess_text: "x" });
    assertEquals((await message(bob)).message, "x");
    clock.advance(1_100);
    assertEquals((await bob.ask({ event: "probe" })).response, 200);
    assertEquals(eve.hasNews, false);
    assertEquals((await eve.recv())!.response, 200);
    assertEquals((await eve.recv())!.mess_text, "1");
  }));

Deno.test("classic: a message that does not fit is 410 to who writes lines, 400 to a classic client", () =>
  onStage(async ({ server, online }) => {
    const bob = await server.online("bob");
    const [eve, ann] = [await online("eve"), await online("ann")];
    const long = "ж".repeat(500);
    const refused = await bob.ask({ event: "msg", to: "eve", message: long });
    assertEquals([refused.response, String(refused.error).includes("length")], [410, true]);
    assertEquals((await ann.ask({ action: "message", to: "eve", mess_text: long })).response, 400);
    assertEquals((await ann.ask({ action: "message", to: "bob", mess_text: long })).response, 200);
    assertEquals((await message(bob)).message, long);
    const short = "ж".repeat(200);
    assertEquals((await ann.ask({ action: "message", to: "eve", mess_text: short })).response, 200);
    assertEquals((await eve.recv())!.mess_text, short);
  }));

Deno.test("classic: the queue is bounded, and quit empties it", () =>
  onStage(async ({ server, online }) => {
    const bob = await server.online("bob");
    const eve = await online("eve");
    const answers: unknown[] = [];
    for (let i = 0; i < 60; i++) {
      answers.push((await bob.ask({ event: "msg", to: "eve", message: "x" })).response);
    }
    const taken = answers.indexOf(410);
    assert(taken >= 50 && taken <= 51, `${taken}`);
    assertEquals(answers.slice(taken), Array(60 - taken).fill(410));
    await eve.send({ action: "exit", time: 1, account_name: "eve" });
    await server.settlesAt({ online: 1 });
    const rest: (Frame | undefined)[] = [];
    do rest.push(await eve.recv()); while (rest.at(-1) !== undefined);
    assert(rest.length <= 4, `${rest.length}`);
    assertEquals(rest.at(-2)!.response, 200);
  }));

Deno.test("classic: who is online, contacts", () =>
  onStage(async ({ server, online }) => {
    await server.online("bob");
    const eve = await online("Eve");
    const list = (names: string[]) => ({
      ...{ response: 202, alert: names, data_list: names, quantity: names.length },
    });
    assertEquals(withoutTime(await eve.ask({ action: "get_users" })), list(["bob", "Eve"]));
    const contacts = async () =>
      withoutTime(await eve.ask({ action: "get_contacts", user: "Eve" }));
    assertEquals(await contacts(), list([]));
    for (
      const added of [{ action: "add", account_name: "bob" }, {
        action: "add_contact",
        user_id: "ann",
      }]
    ) {
      assertEquals((await eve.ask({ time: 1, user: "Eve", ...added })).response, 200);
    }
    assertEquals(await contacts(), list(["bob", "ann"]));
    for (
      const removed of [{ action: "remove", user_login: "bob" }, {
        action: "del_contact",
        account_name: "x",
      }]
    ) {
      assertEquals((await eve.ask(removed)).response, 200);
    }
    assertEquals(await contacts(), list(["ann"]));
    await eve.send({ action: "exit" });
    await server.settlesAt({ online: 1 });
    const next = await online("Eve");
    assertEquals(withoutTime(await next.ask({ action: "get_contacts" })), list([]));
  }));

Deno.test("classic: a list is cut to 1024 bytes", () =>
  onStage(async ({ server, online }) => {
    const names = Array.from({ length: 80 }, (_, i) => `Иван-${i + 10}`);
    await server.onlineAll(...names);
    const eve = await online("яна");
    const { data_list: listed, quantity } = await eve.ask({ action: "get_users" });
    assertEquals(listed, names.slice(0, quantity as number));
    assert((quantity as number) > 20);
  }));

Deno.test("classic: keys are for as long as their owner is online", () =>
  onStage(async ({ server, online }) => {
    const bin = "-----BEGIN PUBLIC KEY-----\n" + "x".repeat(450);
    const ann = await online("Ann", { pubkey: bin });
    const eve = await online("eve");
    const need = async (name: string) =>
      await eve.ask({ action: "pubkey_need", account_name: name });
    assertEquals(withoutTime(await need("ann")), { response: 511, bin });
    for (const name of ["eve", "nobody"]) assertEquals((await need(name)).response, 400);
    await ann.send({ action: "quit" });
    await server.settlesAt({ online: 1 });
    assertEquals((await need("ann")).response, 400);
  }));

Deno.test("classic: before they are online they are served presence, probe and quit", () =>
  onStage(async ({ connect }) => {
    const client = await connect();
    for (const action of ["get_users", "get_contacts"]) {
      assertEquals((await client.ask({ action })).response, 400);
    }
    assertEquals((await client.ask({ action: "add", account_name: "bob" })).response, 400);
    assertEquals((await client.ask({ action: "msg", to: "bob", message: "x" })).response, 400);
    assertEquals((await client.ask({ action: "probe" })).response, 200);
    assertEquals((await client.ask({ action: "quit" })).response, 200);
    assertEquals(await client.recv(), undefined);
  }));

Deno.test("classic: rooms, accounts, history and names of accounts are not for them", () =>
  onStage(async ({ server, connect, online }) => {
    await server.registered("bob");
    const client = await connect();
    const user = { account_name: "bob", password: PASSWORD };
    assertEquals((await client.ask({ action: "authenticate", user })).response, 400);
    assertEquals((await client.ask({ action: "presence", user })).response, 400);
    const eve = await online("eve");
    for (const action of ["join", "leave", "history", "search", "rooms", "conversations"]) {
      assertEquals((await eve.ask({ action, room: "#dev", with: "bob" })).response, 400);
    }
    assertEquals((await eve.ask({ action: "msg", to: "#dev", message: "x" })).response, 400);
    assertEquals((await eve.ask({ action: "msg", to: "bob", message: "x" })).response, 200);
  }));

Deno.test("classic: no probe and no notice, and the name is theirs however silent they are", () =>
  onStage(async ({ server, online, clock }) => {
    const eve = await online("eve");
    clock.advance(3_600_000);
    await server.settlesAt({ online: 1 });
    assertEquals((await eve.ask({ action: "probe", id: 1 })).id, 1);
    server.server.shutdown();
    assertEquals(await eve.recv(), undefined, "no 101");
  }));

Deno.test("classic: a login that does not come is the end, without a word", () =>
  onStage(async ({ connect }) => {
    const client = await connect();
    assertEquals((await client.ask({ action: "probe" })).response, 200);
    assertEquals(await client.recv(), undefined);
  }));

Deno.test("classic: with --no-classic they are lines that never end", () =>
  onStage(async ({ server, clock }) => {
    const client = await server.connect();
    await client.sendText(PRESENCE);
    clock.advance(1_000);
    await client.sendText("{}\n");
    assertEquals((await client.response()).response, 400);
    const features = await client.ask({ event: "presence", user: { account_name: "eve" } });
    assertEquals((features.features as string[]).includes("unframed"), false);
  }, { classic: false }));
