// What the store tells of its calls, and to whom it tells nothing.
import { assert, assertEquals, assertRejects } from "@std/assert";

import { DEBUG_LEVEL } from "../../../common/log.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { type Letter, StoreError } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { RecordingLog } from "../../support/recording_log.ts";

const SECRETS = ["$scrypt$first", "$scrypt$second", "between us"] as const;
const LETTER: Letter = {
  folded: "bob",
  to: "Bob",
  from: "eve",
  message: SECRETS[2],
  time: 1,
  id: 7,
};

/** One call of each method, in the order of the interface. */
async function callEach(log: RecordingLog): Promise<void> {
  const clock = new FakeClock();
  await using store = openSqliteStore(":memory:", { clock, log });
  store.watchAccounts(() => {});
  await store.rememberName("eve", "Eve");
  await store.nameStatus("eve");
  await store.createAccount("bob", "Bob", SECRETS[0]);
  await store.findAccount("bob");
  await store.blockReason("bob");
  await store.replacePasswordHash("bob", SECRETS[0], SECRETS[1]);
  await store.trustNetwork("bob", SECRETS[1], "network");
  await store.isTrustedNetwork("bob", "network");
  await store.storeLetter(LETTER, { isRescue: true });
  await store.listLetters("bob", 0, 10);
  await store.deleteLetters("bob", 1);
  await store.search({
    ...{ asker: "bob", text: SECRETS[2], account: "bob", other: undefined, rooms: [7] },
    ...{ from: "eve", after: undefined, limit: 9 },
  });
  // Neither retention nor the look-out for changes are calls.
  clock.advance(3_600_000);
}

Deno.test("at DEBUG the store logs each call with arguments, outcome and duration", async () => {
  const log = new RecordingLog(DEBUG_LEVEL);
  await callEach(log);
  assertEquals(
    log.records.map(({ level, message, fields: { fn, args, outcome, result } }) =>
      [level, message, outcome, `${fn}(${args}) → ${result}`].join(" ").replace(
        /ms: [\d.]+/,
        "ms: …",
      )
    ),
    [
      "watchAccounts(onChange=[function (anonymous)]) → undefined",
      'rememberName(folded="eve" name="Eve") → true',
      'nameStatus(folded="eve") → "guest"',
      'createAccount(folded="bob" name="Bob" passwordHash=[redacted]) → true',
      'findAccount(folded="bob") → {folded: "bob", name: "Bob", passwordHash: [redacted], blocked: undefined}',
      'blockReason(folded="bob") → undefined',
      'replacePasswordHash(folded="bob" oldHash=[redacted] newHash=[redacted]) → true',
      'trustNetwork(folded="bob" passwordHash=[redacted] network="network") → undefined',
      'isTrustedNetwork(folded="bob" network="network") → true',
      'storeLetter(letter={folded: "bob", to: "Bob", from: "eve", message: [redacted], time: 1, id: 7} ' +
      'options={isRescue: true}) → "stored"',
      'listLetters(folded="bob" after=0 limit=10) → [{folded: "bob", to: "Bob", from: "eve", ' +
      "message: [redacted], id: 7, time: 1, stored: 1}]",
      'deleteLetters(folded="bob" upTo=1) → undefined',
      'search(search={asker: "bob", text: [redacted], account: "bob", other: undefined, rooms: [7], from: "eve", ' +
      "after: undefined, limit: 9}) → {messages: [redacted], more: false, ms: …}",
    ].map((call) => `debug call returned SqliteStore.${call}`),
  );
  for (const { fields } of log.records) {
    assert(Number(fields.ms) >= 0 && /^callEach sqlite_log_test/.test(`${fields.caller}`));
    for (const secret of SECRETS) assert(!JSON.stringify(fields).includes(secret), secret);
  }
});

Deno.test("above DEBUG the store logs nothing", async () => {
  const log = new RecordingLog(DEBUG_LEVEL + 1);
  await callEach(log);
  assertEquals(log.records, []);
});

Deno.test("a call that fails is logged with the error", async () => {
  const log = new RecordingLog();
  const store = openSqliteStore(":memory:", { log });
  await store[Symbol.asyncDispose]();
  await assertRejects(() => store.createAccount("bob", "Bob", SECRETS[0]), StoreError);
  const { args: _args, caller: _caller, ms: _ms, ...fields } = log.records.at(-1)!.fields;
  assertEquals(fields, {
    fn: "SqliteStore.createAccount",
    outcome: "threw",
    error: "StoreError: Database is closed",
  });
});
