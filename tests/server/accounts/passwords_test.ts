import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";

import { QueueFullError } from "../../../server/fair_queue.ts";
import { DEFAULT_COST, Passwords, type ScryptCost } from "../../../server/accounts/passwords.ts";

const CHEAP: ScryptCost = { logN: 4, r: 8, p: 1 };
const passwords = new Passwords({ cost: CHEAP });

Deno.test("a password fits its own hash only", async () => {
  const hash = await passwords.hash("correct horse");
  assert(await passwords.verify("correct horse", hash));
  for (const wrong of ["Correct horse", "correct horse ", "", "correct hors"]) {
    assert(!await passwords.verify(wrong, hash), wrong);
  }
});

Deno.test("two hashes of one password differ and say how they were made", async () => {
  const [one, two] = [await passwords.hash("correct horse"), await passwords.hash("correct horse")];
  assertNotEquals(one, two);
  const format = /^\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;
  assert(format.test(one), one);
});

Deno.test("the hash is scrypt as RFC 7914 has it", async () => {
  // Computed with CPython's hashlib.scrypt(b"correct horse", salt=bytes(range(16)), n=16, r=8, p=1, dklen=32).
  const hash =
    "$scrypt$ln=4,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$Q7EcH175P/kcU7JE2HRU+qTRrq/BS6UbCRYPdBaC5y8";
  assert(await passwords.verify("correct horse", hash));
});

Deno.test("the default cost is N = 2^15, r = 8, p = 3 or more, and works", async () => {
  const { logN, r, p } = DEFAULT_COST;
  assert(logN >= 15 && r >= 8 && p >= 3);
  const costly = new Passwords();
  const hash = await costly.hash("correct horse");
  assert(hash.startsWith(`$scrypt$ln=${logN},r=${r},p=${p}$`));
  // Any instance verifies any cost.
  assert(await passwords.verify("correct horse", hash));
});

Deno.test("an unknown name is never right", async () => {
  assert(!await passwords.verify("correct horse", undefined));
});

Deno.test("an unknown name costs as much as a known one", async () => {
  // Not timed: in a queue of one, an answer that needed no hash would overtake the hash before it.
  const queue = new Passwords({ cost: CHEAP, concurrency: 1 });
  const order: string[] = [];
  await Promise.all([
    queue.hash("x").then(() => order.push("hash")),
    queue.verify("y", undefined).then(() => order.push("unknown name")),
  ]);
  assertEquals(order, ["hash", "unknown name"]);
});

Deno.test("a hash made at a lower cost is to be replaced, one made at a higher cost is not", async () => {
  const hash = await passwords.hash("correct horse");
  assert(!passwords.needsRehash(hash));
  for (const cost of [{ ...CHEAP, logN: 5 }, { ...CHEAP, r: 9 }, { ...CHEAP, p: 2 }]) {
    const raised = new Passwords({ cost });
    assert(raised.needsRehash(hash));
    assert(await raised.verify("correct horse", hash));
    assert(!passwords.needsRehash(await raised.hash("correct horse")));
  }
});

Deno.test("the same text typed in two ways is the same password", async () => {
  assert(await passwords.verify("caf\u00e9 noir", await passwords.hash("cafe\u0301 noir")));
});

Deno.test("what is no hash is an error, not a wrong password", async () => {
  for (const text of ["", "secret", "$scrypt$ln=4,r=8,p=1$short$short", "$2b$10$abc"]) {
    await assertRejects(() => passwords.verify("correct horse", text), TypeError, "password hash");
  }
});

Deno.test("a cost out of range is refused", () => {
  for (const cost of [{ ...CHEAP, logN: 21 }, { ...CHEAP, r: 0 }, { ...CHEAP, p: 1.5 }]) {
    assertThrows(() => new Passwords({ cost }), RangeError, "cost must be");
  }
});

Deno.test("a waiting hash can be given up", async () => {
  const queue = new Passwords({ cost: CHEAP, concurrency: 1 });
  const abort = new AbortController();
  const first = queue.hash("first");
  const second = queue.hash("second", { key: "k", signal: abort.signal });
  abort.abort();
  await assertRejects(() => second, DOMException);
  await first;
});

Deno.test("it says when the waiting is over", async () => {
  const oneByOne = new Passwords({ cost: CHEAP, concurrency: 1 });
  const events: string[] = [];
  await Promise.all(["a", "b"].map(async (key) => {
    await oneByOne.hash("correct horse", { key, onBegin: () => void events.push(`begin ${key}`) });
    events.push(`end ${key}`);
  }));
  assertEquals(events.indexOf("begin a"), 0);
  assert(events.includes("end a") && events.indexOf("end b") === 3);
  const abort = new AbortController();
  const [first, second] = ["a", "b"].map((key) => {
    const onBegin = (): void => void events.push(`again ${key}`);
    return oneByOne.hash("correct horse", { key, signal: abort.signal, onBegin });
  });
  abort.abort();
  await assertRejects(() => second!, DOMException);
  await first;
  assertEquals(events.slice(4), ["again a"]);
});

Deno.test("the most urgent is next: trusted logins, newcomers, other logins, registrations", async () => {
  const one = new Passwords({ cost: CHEAP, concurrency: 1 });
  const hash = await one.hash("correct horse");
  const order: string[] = [];
  await Promise.all(
    (["registration", undefined, "newcomer", "trusted", "login"] as const).map((priority, n) => {
      const onBegin = (): void => void order.push(priority ?? "none");
      const turn = { key: String(n), onBegin, ...(priority && { priority }) };
      return n === 0 ? one.hash("correct horse", turn) : one.verify("correct horse", hash, turn);
    }),
  );
  // The first found nobody.
  assertEquals(order, ["registration", "trusted", "newcomer", "none", "login"]);
});

Deno.test("only so many registrations wait", async () => {
  const one = new Passwords({ cost: CHEAP, concurrency: 1, maxRegistrations: 2 });
  const first = one.verify("correct horse", undefined);
  const outcomes = await Promise.allSettled(
    ["a", "b", "c"].map((key) => one.hash("correct horse", { key, priority: "registration" })),
  );
  assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "fulfilled", "rejected"]);
  assert((outcomes[2] as PromiseRejectedResult).reason instanceof QueueFullError);
  await first;
});
