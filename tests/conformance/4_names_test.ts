import { assert, assertEquals } from "@std/assert";

import { openSqliteStore } from "../../server/store/sqlite.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import {
  ask,
  cheapHash,
  login,
  presence,
  register,
  withAccounts,
} from "../support/account_fixture.ts";
import { withDatabasePath } from "../support/database_path.ts";
import type { RawClient } from "../support/raw_client.ts";
import { PASSWORD, TestServer } from "../support/server_fixture.ts";

const VALID_NAMES = [
  "a",
  "7",
  "eve",
  "Eve_2-x.y",
  "x".repeat(25),
  "Ева",
  "李小龙",
  "عمر",
  "हिन्दी",
  "ŻÓŁĆ",
  "q\u0307\u0323",
  "é".normalize("NFD").repeat(25), // 25 code points after NFC
  "𝕬𝖓𝖓𝖆",
  "𠮷".repeat(25),
  "٣٤",
  "constructor",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "null",
  "a__proto__",
  "аре", // Cyrillic as a whole
  "Ω_2",
  "ivan李",
  "toyota東京とうきょうトウキョウ",
  "kim김",
  "zhuㄓㄨ",
  "dan-דן",
  "ﬃ".repeat(25),
];

const INVALID_NAMES = [
  "",
  "x".repeat(26),
  "𠮷".repeat(26),
  "é".normalize("NFD").repeat(26),
  "_eve",
  "-eve",
  ".eve",
  "\u0301eve",
  "__proto__",
  "eve bob",
  " eve",
  "eve ",
  "eve\n",
  "eve\t",
  "eve\u0000",
  "e\u001b[31mve",
  "eve\u202e",
  "e\u200bve",
  "\ufeffeve",
  "eve!",
  "eve@host",
  "eve/bob",
  "#eve",
  "👋",
  "eve👋",
  "Ⅷ", // a letter number is no letter and no digit
  "½",
  "\ud800",
  "eve\udfff",
  "\u3164", // what shows nothing, alone and inside
  "\u115f",
  "\u1160",
  "\uffa0",
  "eve\u3164",
  "e\u034fve",
  "eve\ufe0f",
  "ﷺ", // NFKC has spaces in it
  "ﾞ", // NFKC makes a mark of it
  "pаypal", // the second letter is Cyrillic
  "Ivan_Иван",
  "αlpha",
  "µTorrent", // the sign is the Greek letter in NFKC
  "ОмΩ",
];

const NO_TEXTS: unknown[] = [null, 1, true, [], ["eve"], {}, { toString: "eve" }];

Deno.test("account_name: letters, marks and digits of any script, _ - ., 1–25 code points after NFC", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  for (const name of VALID_NAMES) {
    const client = await server.connect();
    const answer = await client.ask({ event: "presence", user: { account_name: name } });
    assertEquals(answer.response, 200, JSON.stringify(name));
    assertEquals((await client.ask({ event: "quit" })).response, 200);
  }
});

Deno.test("any other account_name is answered 400, wherever a name is given", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const eve = await server.online("eve");
  for (const name of [...INVALID_NAMES, ...NO_TEXTS]) {
    const requests = [
      { event: "presence", user: { account_name: name } },
      { event: "authenticate", user: { account_name: name, password: "correct horse" } },
      { event: "msg", to: "eve", from: name, message: "hi" },
      // What begins with # is a room.
      ...(name === "#eve" ? [] : [{ event: "msg", to: name, message: "hi" }]),
    ];
    for (const request of requests) {
      const { response, error } = await eve.ask(request);
      assertEquals(response, 400, JSON.stringify(request));
      assert(/^(user\.account_name|to|from) must be/.test(error!), error);
    }
  }
  assertEquals(await eve.pending(), []);
});

Deno.test("a room is # and then such a name, 25 code points in all", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const eve = await server.online("eve");
  const rooms = VALID_NAMES.filter((name) => [...name.normalize("NFC")].length < 25);
  for (const room of [...rooms.map((name) => `#${name}`), `#${"x".repeat(24)}`]) {
    assertEquals((await eve.ask({ event: "join", room })).response, 201, room);
    assertEquals((await eve.ask({ event: "leave", room })).response, 200, room);
  }
});

Deno.test("any other room is answered 400, wherever a room is given", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const eve = await server.online("eve");
  const wrong = [
    "dev",
    "#",
    "##dev",
    "＃dev",
    `#${"x".repeat(25)}`,
    ...INVALID_NAMES.map((name) => `#${name}`),
    ...NO_TEXTS,
  ];
  for (const room of wrong) {
    const isAddress = typeof room === "string" && room.startsWith("#");
    const events = ["join", "leave", "who", ...(isAddress ? ["msg"] : [])];
    for (const event of events) {
      const request = event === "msg" ? { event, to: room, message: "hi" } : { event, room };
      assertEquals((await eve.ask(request)).response, 400, JSON.stringify(request));
    }
  }
});

const SAME_NAMES = [
  ["Eve", "eve", "EVE", "ＥＶＥ", "𝐄𝐯𝐞", "ⓔⓥⓔ".normalize("NFKC")],
  ["Ева", "ева", "ЕВА"],
  ["José", "josé".normalize("NFD"), "JOSÉ", "JOSE\u0301"],
  ["ﬁn", "fin", "FIN"],
  ["K2", "k2", "\u212a2"],
  ["constructor", "Constructor"],
  ["Σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"],
  ["ǰan", "J\u030can", "j\u030can"],
  ["İpek", "i\u0307pek"],
  ["ნინო", "ᲜᲘᲜᲝ"],
  ["ꭰꭶ", "ᎠᎦ"],
  ["𐐨", "𐐀"],
];

Deno.test("two names are the same when NFKC, lower case, NFKC and one sigma make them equal", async () => {
  for (const [first, ...others] of SAME_NAMES) {
    await using server = new TestServer();
    const [owner, friend] = await server.onlineAll(first!, "friend");
    for (const other of others) {
      const rival = await server.connect();
      const presence = { event: "presence", user: { account_name: other } };
      assertEquals((await rival.ask(presence)).response, 409, other);
      assertEquals((await owner.ask(presence)).response, 200, "its own name, typed in another way");
      const msg = { event: "msg", to: other, message: "hi" };
      assertEquals((await friend.ask(msg)).response, 200, other);
      assertEquals((await owner.frame()).to, first);
      const mine = { event: "msg", from: other, to: "friend", message: "hi" };
      assertEquals((await owner.ask(mine)).response, 200, other);
      assertEquals((await friend.frame()).from, first);
    }
  }
});

Deno.test("two rooms are the same when NFKC, lower case, NFKC and one sigma make them equal", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("eve", "bob");
  assertEquals((await eve.ask({ event: "join", room: "#Dev" })).response, 201);
  const joined = await bob.ask({ event: "join", room: "#ＤＥＶ" });
  assertEquals([joined.response, joined.room], [200, "#Dev"]);
  assertEquals((await eve.ask({ event: "msg", to: "#dEV", message: "hi" })).delivered, 1);
  assertEquals((await bob.frame()).to, "#Dev");
  assertEquals((await bob.ask({ event: "leave", room: "#dev" })).response, 200);
});

Deno.test("the 400 for a name that deceives says what was wrong and what is allowed", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const cases: readonly (readonly [object, string])[] = [
    [
      presence("Σpam"),
      "user.account_name must be free of mixtures of Latin, Cyrillic and Greek letters, received Latin and Greek ones",
    ],
    [
      register("e\u034fve"),
      "user.account_name must be of characters that show, received U+034F, which shows nothing",
    ],
    [
      { event: "join", room: "#дev" },
      "room must be free of mixtures of Latin, Cyrillic and Greek letters, received Latin and Cyrillic ones",
    ],
  ];
  for (const [request, error] of cases) {
    assertEquals(await eve.ask(request).then((f) => [f.response, f.error]), [400, error]);
  }
});

Deno.test("an account from before a rule goes on; nobody else may have such a name", async () => {
  await withDatabasePath(async (db) => {
    {
      await using before = openSqliteStore(db);
      const hash = await cheapHash(PASSWORD);
      for (const name of ["PаyPal", "e\u034fve"]) {
        await before.createAccount(name.toLowerCase(), name, hash);
      }
    }
    await withAccounts({ db, settings: { rate: 0 } }, async ({ server, store }) => {
      const bob = await server.online("bob");
      for (const name of ["PаyPal", "e\u034fve"]) {
        const msg = { event: "msg", to: name, message: "hi", store: true };
        assertEquals(await ask(bob, msg), 202, "it can be written to");
        const peer = await server.connect();
        assertEquals(await ask(peer, presence(name)), 401);
        assertEquals(await ask(peer, register(name)), 409);
        assertEquals(await ask(peer, login(name, "wrong password")), 402);
        assertEquals(await ask(peer, login(name)), 200);
        assertEquals((await peer.frame()).message, "hi");
        const own = { event: "msg", from: name, to: "bob", message: "here" };
        assertEquals(await ask(peer, own), 200);
        assertEquals((await bob.frame()).from, name);
        assertEquals(await ask(peer, presence(name)), 200, "its status");
        assertEquals((await peer.ask({ event: "join", room: "#dev" })).users, [name]);
        assertEquals(await ask(peer, { event: "quit" }), 200);
      }
      // The room rule has no exception: no room is older than the server.
      assertEquals(await ask(bob, { event: "join", room: "#PаyPal" }), 400);
      assertEquals(await ask(bob, { event: "msg", to: "Pаybob", message: "hi" }), 400);
      {
        using admin = UserAdmin.open(db, false, () => 0);
        assertEquals(
          (await admin.remove("pаypal"))?.letters,
          1,
          "with the message that nobody acknowledged",
        );
      }
      const rival = await server.connect();
      for (const request of [presence("PаyPal"), register("PаyPal"), login("PаyPal")]) {
        assertEquals(await ask(rival, request), 400, "it is an account's no more");
      }
      assertEquals(await store.nameStatus("pаypal"), "guest");
    });
  });
});

Deno.test("names that only look alike are different", async () => {
  await using server = new TestServer();
  await server.onlineAll("ape", "аре", "äpe", "ape.", "a-pe", "İ", "I", "ı", "ß", "ss");
  assertEquals(server.server.counts.online, 10);
});

Deno.test("what a person typed is what others see", async () => {
  await using server = new TestServer();
  const [eve, bob] = await server.onlineAll("EvE", "Bob");
  assertEquals((await eve.ask({ event: "join", room: "#Dev" })).users, ["EvE"]);
  assertEquals((await bob.ask({ event: "join", room: "#dev" })).users, ["Bob", "EvE"]);
  assertEquals((await eve.frame()).joined, "Bob");
  await bob.ask({ event: "msg", to: "eve", message: "hi" });
  const { from, to } = await eve.frame();
  assertEquals([from, to], ["Bob", "EvE"]);
  const { users } = await eve.ask({ event: "who" });
  assertEquals(users, [{ account_name: "Bob", status: "" }, { account_name: "EvE", status: "" }]);
});

Deno.test("names such as constructor or toString are names like any other", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const names = ["constructor", "toString", "hasOwnProperty", "valueOf", "isPrototypeOf", "then"];
  for (const name of names) {
    const msg = { event: "msg", to: name, message: "hi" };
    assertEquals((await eve.ask(msg)).response, 404, name);
    assertEquals((await eve.ask({ event: "who", room: `#${name}` })).response, 404, name);
    const other = await server.online(name);
    assertEquals((await eve.ask(msg)).response, 200, name);
    assertEquals((await other.frame()).to, name);
    await other.ask({ event: "quit" });
    assertEquals((await eve.ask(msg)).response, 410, name);
    assertEquals((await eve.ask({ event: name })).response, 400, name);
  }
});

/** Any text at all: what is said is what is heard. */
const TEXTS = [
  " ",
  "x",
  "  two  spaces  ",
  "a\u0000b",
  'line\nline\r\nline\ttab\\ "quoted" /slash',
  "\u001b[2J\u001b]0;title\u0007\u009b31m",
  "\u202eright to left\u2066\u200e",
  "👩‍👩‍👧‍👦 é e\u0301 ﷺ \u2028\u2029",
  "\ud800 half, \udc00\ud800",
  '{"event":"quit"}',
  '"}\n{"event":"quit"}\n',
  "__proto__",
  "𠮷".repeat(4_096),
  "\u0001".repeat(4_096),
];

Deno.test("message: 1–4096 code points, any text, delivered unchanged", async () => {
  await using server = new TestServer({ settings: { rate: 0 } });
  const [eve, bob] = await server.onlineAll("eve", "bob");
  for (const message of TEXTS) {
    assertEquals((await eve.ask({ event: "msg", to: "bob", message })).response, 200);
    assertEquals((await bob.frame()).message, message);
  }
  for (const message of ["", "x".repeat(4_097), "𠮷".repeat(4_097), ...NO_TEXTS]) {
    const { response, error } = await eve.ask({ event: "msg", to: "bob", message });
    assertEquals(response, 400, JSON.stringify(message));
    assert(error!.includes("1–4096"), error);
  }
  assertEquals(await bob.pending(), []);
});

Deno.test("status: at most 100 code points, without controls", async () => {
  await using server = new TestServer();
  const eve = await server.online("eve");
  const set = (status: unknown): Promise<unknown> =>
    eve.ask({ event: "presence", user: { account_name: "eve", status } }).then((f) => f.response);
  for (const status of ["here", "x".repeat(100), "𠮷".repeat(100)]) {
    assertEquals(await set(status), 200);
    assertEquals(await statusOf(eve), status);
  }
  assertEquals(await set("\u001b[2J\n"), 200);
  assertEquals(await statusOf(eve), " [2J ");
  for (const status of ["x".repeat(101), "𠮷".repeat(101), ...NO_TEXTS]) {
    assertEquals(await set(status), 400, JSON.stringify(status));
    assertEquals(await statusOf(eve), " [2J ");
  }
});

Deno.test("password: 8–128 code points", async () => {
  await using server = new TestServer();
  const client = await server.connect();
  for (
    const password of [
      "",
      "1234567",
      "👋".repeat(7),
      "x".repeat(129),
      "👋".repeat(129),
      ...NO_TEXTS,
    ]
  ) {
    const user = { account_name: "eve", password };
    const { response, error } = await client.ask({ event: "authenticate", user });
    assertEquals(response, 400, JSON.stringify(password));
    assert(error!.startsWith("user.password must be"), error);
  }
});

async function statusOf(client: RawClient): Promise<unknown> {
  const { users } = await client.ask({ event: "who" });
  return (users as { status: string }[])[0]!.status;
}
