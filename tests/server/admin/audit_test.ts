// Who did what, read beside a running store.
import { assert, assertEquals, assertRejects } from "@std/assert";

import { StartError, UsageError } from "../../../common/errors.ts";
import { printable } from "../../../common/printable.ts";
import type { AdminOptions } from "../../../server/admin/commands.ts";
import { localTime } from "../../../server/admin/local_time.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { adminCommand } from "../../support/admin_command.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { runRoom, sanctionOf } from "../../support/run_room.ts";

const ADMINISTRATOR = "(administrator)";

/** Six acts, each an hour after the one before: two of Eve's, two of the administrator's in no room, two in rooms. */
async function withActs(
  test: (
    audit: (options?: AdminOptions) => Promise<string[]>,
    times: number[],
    command: (...words: string[]) => Promise<string[]>,
  ) => Promise<void>,
): Promise<void> {
  await withDatabasePath(async (path) => {
    const clock = new FakeClock();
    const now = (): number => clock.epochMs() / 1000;
    await using store = openSqliteStore(path, { clock });
    for (const name of ["Bob", "Eve"]) {
      await store.createAccount(name.toLowerCase(), name, "hash");
    }
    for (const name of ["#Dev", "#Tea"]) {
      const maker = { folded: "eve", roomName: name, maxRooms: 0 };
      await store.rooms.open(name.toLowerCase(), maker);
    }
    const times: number[] = [];
    const tick = (): void => {
      clock.advance(3_600_000);
      times.push(now());
    };
    const command = (words: string[], options?: AdminOptions) =>
      adminCommand({ path, now }, words, options);
    tick();
    const set = { topic: "tea\u202e", isPrivate: true };
    await runRoom(store.rooms, "#dev", { kind: "set", ...set }, {
      ...{ by: "Eve", action: "room", detail: { topic: "tea\u202e", private: true } },
    });
    tick();
    const reason = `spam\x9b${"x".repeat(150)}`;
    await runRoom(store.rooms, "#dev", sanctionOf("ban", "mal", { isAccount: false, reason }), {
      ...{ by: "Eve", action: "ban", target: "mal", detail: { seconds: 7_200, reason } },
    });
    tick();
    await command(["block", "Bob"], { reason: "spam" });
    tick();
    await command(["invite"], { uses: 3, note: "course" });
    tick();
    await command(["rooms", "grant", "#tea", "bob", "owner"]);
    tick();
    await command(["rooms", "remove", "#tea"]);
    await test(
      (options) => command(["audit"], options),
      times,
      (...words) => command(words),
    );
  });
}

Deno.test("audit: who, what, to whom, newest last; bounded, and nothing steers the terminal", () =>
  withActs(async (audit, times) => {
    const [a, b, c, d, e, f] = times.map((time) => localTime(time));
    assertEquals(await audit(), [
      "TIME                       ROOM  WHO              WHAT    TO WHOM  DETAIL",
      `${a}  #Dev  Eve              room             topic: tea\\u{202e}; private`,
      `${b}  #Dev  Eve              ban     mal      for 2 h; spam\\u{9b}${"x".repeat(28)}…`,
      `${c}        (administrator)  block   Bob      spam`,
      `${d}        (administrator)  invite           3 accounts; within 7 d; course`,
      `${e}  #Tea  (administrator)  grant   Bob      owner`,
      `${f}  #Tea  (administrator)  remove`,
    ]);
  }));

Deno.test("audit --json: one object a line, with all that is kept", () =>
  withActs(async (audit, times) => {
    const lines = await audit({ json: true });
    assertEquals(lines.map(printable), lines);
    const reason = `spam\x9b${"x".repeat(150)}`;
    const admin = { by: ADMINISTRATOR };
    assertEquals(
      lines.map((line) => JSON.parse(line)),
      [
        { room: "#Dev", by: "Eve", action: "room", detail: { topic: "tea\u202e", private: true } },
        {
          room: "#Dev",
          by: "Eve",
          action: "ban",
          target: "mal",
          detail: { seconds: 7_200, reason },
        },
        { ...admin, action: "block", target: "Bob", detail: { reason: "spam" } },
        { ...admin, action: "invite", detail: { uses: 3, days: 7, note: "course" } },
        { room: "#Tea", ...admin, action: "grant", target: "Bob", detail: { role: "owner" } },
        { room: "#Tea", ...admin, action: "remove" },
      ].map((act, n) => ({ time: times[n], ...act })),
    );
  }));

Deno.test("audit: --room, also of one that is gone, --by, --days and --limit", () =>
  withActs(async (audit, _, command) => {
    const actions = async (options: AdminOptions): Promise<string[]> =>
      (await audit({ ...options, json: true })).map((line) => JSON.parse(line).action);
    assertEquals(await actions({ room: "#DEV" }), ["room", "ban"]);
    assertEquals(await actions({ room: "#tea" }), ["grant", "remove"]);
    assertEquals(await actions({ by: "EVE" }), ["room", "ban"]);
    assertEquals(await actions({ by: "bob" }), []);
    assertEquals(await actions({ by: ADMINISTRATOR, limit: 3 }), ["invite", "grant", "remove"]);
    assertEquals(await actions({ by: ADMINISTRATOR, room: "#tea", days: 1 }), ["grant", "remove"]);
    assertEquals((await audit({ limit: 6 })).length, 7);
    assertEquals((await audit({ limit: 1 })).slice(2), [
      "There are older ones: these are the newest 1 (--limit)",
    ]);
    // Who is gone has no name any more.
    await command("remove", "eve");
    assertEquals((await audit({ room: "#dev" })).map((line) => line.slice(27, 44)), [
      "ROOM  WHO        ",
      "#Dev  (removed)  ",
      "#Dev  (removed)  ",
    ]);
  }));

Deno.test("audit --days leaves out what is older", () =>
  withDatabasePath(async (path) => {
    let seconds = 1_800_000_000;
    const run = (words: string[], options?: AdminOptions) =>
      adminCommand({ path, now: () => seconds }, words, options);
    await run(["block", "mal"]);
    seconds += 86_400 + 1;
    await run(["unblock", "MAL"]);
    const listed = await run(["audit"], { days: 1, json: true });
    const act = { by: ADMINISTRATOR, action: "unblock", target: "mal" };
    assertEquals(listed.map((line) => JSON.parse(line)), [{ time: seconds, ...act }]);
    assertEquals((await run(["audit"], { days: 2, json: true })).length, 2);
  }));

Deno.test("audit: acts of one second stand in their order, whoever noted them", () =>
  withDatabasePath(async (path) => {
    let seconds = 1_800_000_000.25;
    const run = (...words: string[]) => adminCommand({ path, now: () => seconds }, words);
    await run("add", "eve");
    const clock = new FakeClock();
    clock.advance((seconds + 0.25) * 1_000 - clock.epochMs());
    await using store = openSqliteStore(path, { clock });
    await store.rooms.open("#dev", { folded: "eve", roomName: "#dev", maxRooms: 0 });
    const act = { by: "eve", action: "room", detail: { slow: 5 } };
    await runRoom(store.rooms, "#dev", { kind: "set", slow: 5 }, act);
    seconds += 0.5;
    await run("block", "mal");
    await run("rooms", "remove", "#dev");
    assertEquals(
      (await run("audit")).slice(1).map((line) => line.split(/ +/)[line[27] === "#" ? 3 : 2]),
      [
        ...["add", "room", "block", "remove"],
      ],
    );
  }));

Deno.test("audit: rooms and accounts that are unknown, and what is no name, are refused", () =>
  withActs(async (audit) => {
    const cases: [AdminOptions, typeof StartError | typeof UsageError, string][] = [
      [{ room: "#no" }, StartError, "there is no room '#no', and was none lately"],
      [{ by: "zoe" }, StartError, "there is no account 'zoe'"],
      [{ room: "\x1b" }, UsageError, "--room must be '#' and then"],
      [{ by: "\x1b" }, UsageError, "--by must be '(administrator)' or a name"],
    ];
    for (const [options, type, message] of cases) {
      const error = await assertRejects<Error>(() => audit(options), type, message);
      assert(!error.message.includes("\x1b"));
    }
  }));
