import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { StartError, UsageError } from "../../../common/errors.ts";
import { ADMIN_COMMANDS, type AdminOptions } from "../../../server/admin/commands.ts";
import { Passwords } from "../../../server/accounts/passwords.ts";
import { RoomAdmin } from "../../../server/store/room_admin.ts";
import { openSqliteReplica, openSqliteStore } from "../../../server/store/sqlite.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { adminCommand, runCommand } from "../../support/admin_command.ts";
import { damage, fill } from "../../support/damage.ts";
import { withDatabasePath } from "../../support/database_path.ts";

const passwords = new Passwords({ cost: { logN: 4, r: 8, p: 1 } });

/** Runs commands in this process and gives what they print. */
async function withCommands(
  run: (
    command: (name: string, argument?: string, options?: AdminOptions) => Promise<string[]>,
    path: string,
    answerPassword: (password: string) => void,
  ) => Promise<void>,
): Promise<void> {
  await withDatabasePath(async (path) => {
    const now = (): number => 1_767_225_600;
    using users = UserAdmin.open(path, true, now);
    let password = "correct horse";
    await run(
      async (name, argument = "", options = {}) => {
        const lines: string[] = [];
        const say = (line: string): void => void lines.push(line);
        const askPassword = (): Promise<string> => Promise.resolve(password);
        const openRooms = (): RoomAdmin => RoomAdmin.open(path, now);
        const context = { users, openRooms, now, passwords, say, askPassword, options };
        await runCommand(ADMIN_COMMANDS.get(name)!, context, argument);
        return lines;
      },
      path,
      (answer) => password = answer,
    );
  });
}

Deno.test("accounts are added, shown, given passwords and removed", async () => {
  await withCommands(async (command, path, answerPassword) => {
    assertEquals(await command("add", "Bob"), ["Added Bob"]);
    await command("add", "Ева");
    await command("add", "日本語");
    await assertRejects(() => command("add", "BOB"), StartError, "has one already");
    await using store = openSqliteStore(path);
    const isRight = async (password: string): Promise<boolean> =>
      await passwords.verify(password, (await store.findAccount("bob"))?.passwordHash);
    assert(await isRight("correct horse"));
    answerPassword("another horse");
    await command("password", "bob");
    assert(await isRight("another horse") && !await isRight("correct horse"));
    const time = Date.now() / 1000;
    const letter = { folded: "bob", to: "Bob", from: "eve", message: "hi", time, id: undefined };
    await store.storeLetter(letter);
    const bytes = JSON.stringify({ to: "Bob", from: "eve", message: "hi" }).length;
    assertEquals(await command("list"), [
      "NAME    KIND     CREATED     LAST SEEN  MAIL  BYTES  BLOCKED  REASON",
      `Bob     account  2026-01-01                1     ${bytes}`,
      "Ева     account  2026-01-01                0      0",
      "日本語  account  2026-01-01                0      0",
    ]);
    assertEquals(await command("remove", "bob"), [
      "Removed bob, with 1 stored message, 0 direct messages and 0 room messages",
    ]);
    await assertRejects(() => command("remove", "bob"), StartError, "there is no account 'bob'");
    await assertRejects(() => command("password", "bob"), StartError, "there is no account 'bob'");
    // Whoever takes the name next gets none of it.
    await store.createAccount("bob", "Bob", "hash");
    assertEquals(await store.listLetters("bob", 0, 10), []);
  });
});

Deno.test("names are blocked, with or without account, and admitted again", async () => {
  await withCommands(async (command, path) => {
    await command("add", "Bob");
    await command("block", "bob", { reason: "spam" });
    await command("block", "Mallory");
    await command("block", "mallory", { reason: "новая причина" });
    await using store = openSqliteStore(path);
    assertEquals(await store.blockReason("bob"), "spam");
    assertEquals((await store.findAccount("bob"))?.blocked, "spam");
    assertEquals(await store.blockReason("mallory"), "новая причина");
    assertEquals((await command("list")).slice(1), [
      "Bob      account  2026-01-01                0      0  2026-01-01  spam",
      "Mallory  guest                                        2026-01-01  новая причина",
    ]);
    await command("unblock", "BOB");
    assertEquals(await store.blockReason("bob"), undefined);
    await assertRejects(() => command("unblock", "bob"), StartError, "is not blocked");
  });
});

Deno.test("an account from before a rule is marked; all commands but add take its name", async () => {
  await withCommands(async (command, path) => {
    const name = "pаypal"; // the second letter is Cyrillic
    const error = await assertRejects(() => command("add", name), UsageError);
    assertEquals(
      error.message,
      "NAME must be free of mixtures of Latin, Cyrillic and Greek letters, received Latin and Cyrillic ones",
    );
    await command("add", "bob");
    {
      using users = UserAdmin.open(path, false, () => 1_767_225_600);
      users.add(name, name, "hash");
    }
    await command("password", name);
    await command("block", name, { reason: "spam" });
    await command("block", "e\u034fve");
    assertEquals(await command("list"), [
      "NAME    KIND      CREATED     LAST SEEN  MAIL  BYTES  BLOCKED     REASON",
      "bob     account   2026-01-01                0      0",
      "e\u034fve     guest                                         2026-01-01",
      "pаypal  account*  2026-01-01                0      0  2026-01-01  spam",
      "* mixes scripts, or holds what shows nothing or a space: the account goes on, but no new one may have such a name",
    ]);
    await command("unblock", "PАYPAL");
    assertEquals(await command("remove", name), [
      `Removed ${name}, with 0 stored messages, 0 direct messages and 0 room messages`,
    ]);
    assertEquals((await command("list")).at(-1)?.includes("*"), false);
  });
});

Deno.test("export gives one JSON object a line, enough to rebuild the accounts", async () => {
  await withCommands(async (command) => {
    await command("add", "Bob");
    await command("block", "eve", { reason: "spam" });
    const [bob, eve, ...more] = (await command("export")).map((line) => JSON.parse(line));
    assertEquals(more, []);
    assert(await passwords.verify("correct horse", bob.password_hash));
    assertEquals([bob.account_name, bob.created, bob.stored_messages], ["Bob", 1_767_225_600, 0]);
    assertEquals(eve, { account_name: "eve", blocked: { reason: "spam", since: 1_767_225_600 } });
  });
});

Deno.test("export NAME gives all of one account, one JSON object a line; remove says what went", async () => {
  await withCommands(async (command, path) => {
    for (const name of ["Bob", "eve"]) await command("add", name);
    await using store = openSqliteStore(path);
    const time = Date.now() / 1000;
    const letter = { to: "Bob", from: "eve", message: "\x1b[2J", time, id: undefined };
    await store.storeLetter({ ...letter, folded: "bob" });
    const lines = await command("export", "BOB");
    assert(lines.every((line) => !line.includes("\x1b")));
    const records = lines.map((line) => JSON.parse(line));
    assertEquals(records.map(({ kind }) => kind), [
      "account",
      "room_act",
      "conversation",
      "message",
      "letter",
    ]);
    assertEquals([records[0].account_name, records[3].message], ["Bob", "\x1b[2J"]);
    await assertRejects(() => command("export", "ann"), StartError, "there is no account 'ann'");
    await assertRejects(() => command("export", "a b"), UsageError, "NAME must be");
    assertEquals(await command("remove", "eve"), [
      "Removed eve, with 0 stored messages, 1 direct message and 0 room messages",
    ]);
    assertEquals((await command("export", "bob")).length, 2);
  });
});

Deno.test("remove fails, and says what to do, while another program keeps the texts in the files", async () => {
  await withDatabasePath(async (path) => {
    const now = (): number => 0;
    const openRooms = (): RoomAdmin => RoomAdmin.open(path, now);
    using users = UserAdmin.open(path, true, now, false, 50);
    users.add("bob", "bob", "hash");
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const askPassword = (): Promise<string> => Promise.resolve("");
    const remove = async (): Promise<void> =>
      await runCommand(
        ADMIN_COMMANDS.get("remove")!,
        { users, openRooms, now, passwords, say, askPassword, options: {} },
        "bob",
      );
    using reader = new DatabaseSync(path, { readOnly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM messages").get();
    await assertRejects(remove, StartError, "another program reads the database");
    assertEquals(lines.length, 1);
    reader.exec("COMMIT");
    await assertRejects(remove, StartError, "there is no account 'bob'");
  });
});

Deno.test("a backup is made beside a running server and holds what it had", async () => {
  await withCommands(async (command, path) => {
    await using store = openSqliteStore(path);
    await store.createAccount("bob", "Bob", "hash");
    const copy = `${path}.copy`;
    assertEquals(await command("backup", copy), [`Wrote ${copy}`]);
    assertEquals((await Deno.stat(copy)).mode! & 0o777, 0o600);
    await store.createAccount("late", "late", "hash");
    await using restored = openSqliteStore(copy);
    assertEquals(await restored.nameStatus("bob"), "account");
    assertEquals(await restored.nameStatus("late"), "unknown");
    await assertRejects(() => command("backup", copy), StartError, "there is a file of that name");
    await assertRejects(() => command("backup", `${path}/x`), StartError, "Cannot write backup");
    for (const other of [dirname(path), "/dev/null"]) {
      await assertRejects(() => command("backup", other), StartError, "it is no regular file");
    }
  });
});

Deno.test("of a database that is damaged there is no backup", () =>
  withDatabasePath(async (path) => {
    fill(path);
    damage(path);
    const backup = adminCommand({ path, now: () => 0 }, ["backup", `${path}.copy`]);
    const { message } = await assertRejects(() => backup, StartError);
    assertEquals(
      message,
      `Cannot write backup '${path}.copy': the database is corrupt, or the disk of the copy; ` +
        "keep the backups that you have",
    );
    assertEquals([...Deno.readDirSync(dirname(path))].map(({ name }) => name), ["jim.db"]);
  }));

Deno.test("wrong names, passwords and reasons are refused", async () => {
  await withCommands(async (command, _path, answerPassword) => {
    for (const name of ["#room", "a b", "", "x".repeat(26), "\x1b[2J"]) {
      const error = await assertRejects(() => command("add", name), UsageError, "NAME must be");
      assert(!error.message.includes("\x1b"));
    }
    for (const password of ["", "7 chars", "x".repeat(129), "not utf-8 \uFFFD"]) {
      answerPassword(password);
      const error = await assertRejects(() => command("add", "bob"), UsageError);
      assert(password === "" || !error.message.includes(password));
    }
    for (const reason of ["two\nlines", "x".repeat(201)]) {
      await assertRejects(
        () => command("block", "bob", { reason }),
        UsageError,
        "--reason must be",
      );
    }
    assertEquals(await command("list"), [
      "NAME  KIND  CREATED  LAST SEEN  MAIL  BYTES  BLOCKED  REASON",
    ]);
  });
});

Deno.test("on a node's copy nothing is changed that nodes have in common: one line says what to type", async () => {
  await withDatabasePath(async (path) => {
    await using _copy = openSqliteReplica(path, { replicaOf: "a log" });
    const run = (words: readonly string[], options: AdminOptions = {}): Promise<string[]> =>
      adminCommand({ path, now: () => 1_767_225_600 }, words, options);
    assertEquals((await run(["list"])).length, 1);
    assertEquals((await run(["invite"], { list: true })).length, 1);
    const cases: [typed: string, words: string[], options?: AdminOptions][] = [
      ["add bob", ["add", "bob"]],
      ["password bob", ["password", "bob"]],
      ["remove bob", ["remove", "bob"]],
      ["block eve --reason 'too loud'", ["block", "eve"], { reason: "too loud" }],
      ["unblock eve", ["unblock", "eve"]],
      ["invite --uses 2", ["invite"], { uses: 2 }],
      ["invite --revoke 1", ["invite"], { revoke: "1" }],
      ["rooms remove '#x'", ["rooms", "remove", "#x"]],
      ["rooms grant '#x' bob owner", ["rooms", "grant", "#x", "bob", "owner"]],
    ];
    for (const [typed, words, options] of cases) {
      await assertRejects(
        () => run(words, options),
        StartError,
        `all of them do it: deno task cluster-users ${typed} --nats URL`,
      );
    }
    const changing = [...ADMIN_COMMANDS].filter(([, { change }]) => change !== undefined);
    assertEquals(
      changing.map(([name]) => name).sort(),
      [
        ...new Set(
          cases.map(([, words]) => words[0] === "rooms" ? words.slice(0, 2).join(" ") : words[0]),
        ),
      ].sort(),
    );
  });
});
