import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname } from "node:path";

import { hashOfInvite } from "../server/accounts/invites.ts";
import { Passwords } from "../server/accounts/passwords.ts";
import { openSqliteStore } from "../server/store/sqlite.ts";
import { openDatabase } from "../server/store/sqlite_file.ts";
import { UserAdmin } from "../server/store/user_admin.ts";
import { withDatabasePath } from "./support/database_path.ts";

const passwords = new Passwords({ cost: { logN: 4, r: 8, p: 1 } });

/** The script with the permissions of its task. */
const SCRIPT = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", "users.ts"];

/** Runs it. */
async function users(args: string[], input = ""): Promise<[number, string, string]> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [...SCRIPT, ...args],
    cwd: new URL("..", import.meta.url),
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await process.output();
  const decoder = new TextDecoder();
  return [code, decoder.decode(stdout), decoder.decode(stderr)];
}

/** Runs it from a shell: what stands before its command, and behind its arguments. */
async function usersInShell(before: string, args: string): Promise<[number, string]> {
  const program = `'${Deno.execPath()}' ${SCRIPT.join(" ")}`;
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", `${before} ${program} ${args}`],
    cwd: new URL("..", import.meta.url),
    stdin: "null",
  }).output();
  return [code, new TextDecoder().decode(stderr)];
}

Deno.test("deno task users reads the password from standard input and says what is wrong in one line", async () => {
  await withDatabasePath(async (path) => {
    const [missing, added, typo] = await Promise.all([
      users(["--db", `${path}.none`, "list"]),
      users(["--db", path, "add", "Bob"], "correct horse\r\nnot read\n"),
      users(["--db", path, "frob"]),
    ]);
    const where = `Cannot open database '${path}.none': there is no such file`;
    assertEquals([missing[0], missing[1]], [1, ""]);
    assert(missing[2].startsWith(where) && missing[2].trimEnd().split("\n").length === 1);
    assertEquals(added, [0, "Added Bob\n", ""]);
    assertEquals(typo[0], 2);
    assert(typo[2].startsWith("COMMAND must be one of list, add,"), typo[2]);
    await using store = openSqliteStore(path);
    const hash = (await store.findAccount("bob"))?.passwordHash;
    assert(await passwords.verify("correct horse", hash));
  });
});

Deno.test("deno task users invite works beside a server that runs, and flags go with their command", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path);
    const [made, wrong, range, none] = await Promise.all([
      users(["--db", path, "invite", "--uses", "2", "--note", "x"]),
      users(["--db", path, "list", "--uses", "2"]),
      users(["--db", path, "invite", "--days", "0"]),
      users(["--db", path, "invite", "--revoke", "7"]),
    ]);
    assertEquals([made[0], made[2]], [0, ""]);
    const hash = hashOfInvite(made[1].trim());
    assertEquals(await store.createInvited("eve", "eve", "hash", hash), "created");
    assertEquals(wrong, [2, "", "--uses goes with invite\n"]);
    assertEquals(range, [2, "", "--days must be a whole number from 1 to 3650, received '0'\n"]);
    assertEquals(none[0], 1);
    const listed = await users(["--db", path, "invite", "--list", "--json"]);
    const { id, uses_left: usesLeft, note } = JSON.parse(listed[1]);
    assertEquals([usesLeft, note], [1, "x"]);
    assertEquals((await users(["--db", path, "invite", `--revoke=${id}`]))[0], 0);
    assertEquals(await store.isInvited(hash), false);
  });
});

Deno.test("deno task users rooms and audit: beside a server that runs; wrong use ends with 2, what is not there with 1", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path);
    await store.createAccount("eve", "Eve", "hash");
    await store.rooms.open("#dev", { folded: "eve", roomName: "#Dev", maxRooms: 0 });
    const run = (...args: string[]) => users(["--db", path, ...args]);
    const ends: [args: string[], code: number, error: string][] = [
      [
        ["rooms", "show"],
        2,
        "rooms show needs a ROOM, in quotes: '#dev'; see deno task users --help",
      ],
      [
        ["rooms", "grant", "#dev", "eve", "boss"],
        2,
        "ROLE must be owner, moderator or member, received 'boss'",
      ],
      [["rooms", "remove", "#no"], 1, "Cannot remove: there is no room '#no' that lasts"],
      [["audit", "--by", "zoe"], 1, "Cannot audit: there is no account 'zoe'"],
      [
        ["audit", "--limit", "0"],
        2,
        "--limit must be a whole number from 1 to 100000, received '0'",
      ],
    ];
    const results = await Promise.all(ends.map(([args]) => run(...args)));
    assertEquals(results, ends.map(([, code, error]) => [code, "", `${error}\n`]));
    assertEquals(await run("rooms", "remove", "#DEV"), [
      ...[0, "Removed #Dev; a running server takes everybody out within 2 s\n", ""],
    ]);
    assertEquals(await store.rooms.find("#dev"), undefined);
    const [code, audit] = await run("audit", "--json");
    assertEquals([code, JSON.parse(audit).action], [0, "remove"]);
  });
});

Deno.test("deno task users does not blame the database if it cannot print", async () => {
  await withDatabasePath(async (path) => {
    using _ = UserAdmin.open(path, true, () => 0);
    const run = (redirection: string): Promise<[number, string]> =>
      usersInShell("", `--db '${path}' list ${redirection}`);
    assertEquals(await Promise.all([run(">/dev/full"), run("| true")]), [
      [1, "Cannot write to standard output: No space left on device\n"],
      [0, ""],
    ]);
  });
});

Deno.test("a backup that fails or is killed half way leaves no file of its name, and the next one is made", async () => {
  await withDatabasePath(async (path) => {
    using _ = UserAdmin.open(path, true, () => 0);
    const copy = `${path}.copy`;
    // The system refuses what is written beyond 64 KiB: with an error, or by a signal that ends the program.
    const run = (onLimit: string): Promise<[number, string]> =>
      usersInShell(`${onLimit} ulimit -f 128; exec`, `backup '${copy}' --db '${path}'`);
    const copies = (): string[] =>
      [...Deno.readDirSync(dirname(path))].map(({ name }) => name)
        .filter((name) => name.includes(".copy"));
    const [code, says] = await run("trap '' XFSZ;");
    assertEquals(code, 1);
    assertMatch(says, /^Cannot write backup '\S+': .+\n$/);
    assertEquals(copies(), []);
    assert((await run(""))[0] > 128);
    assert(copies().every((name) => /\.part(-journal)?$/.test(name)), String(copies()));
    assertEquals(await users(["backup", copy, "--db", path]), [0, `Wrote ${copy}\n`, ""]);
    assertEquals(await users(["backup", copy, "--db", path]), [
      1,
      "",
      `Cannot write backup '${copy}': there is a file of that name; name a new one\n`,
    ]);
  });
});

Deno.test("a backup that is asked to end leaves no part of a file", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    await withDatabasePath(async (path) => {
      {
        using db = openDatabase(path);
        db.exec(
          `WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10000)
             INSERT INTO blocks SELECT n, '', hex(zeroblob(2000)), 0 FROM n`,
        );
      }
      const names = (): string[] => [...Deno.readDirSync(dirname(path))].map(({ name }) => name);
      using watcher = Deno.watchFs(dirname(path));
      const process = new Deno.Command(Deno.execPath(), {
        args: [...SCRIPT, "backup", `${path}.copy`, "--db", path],
        cwd: new URL("..", import.meta.url),
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      for await (const _ of watcher) if (names().some((name) => name.includes(".copy"))) break;
      try {
        process.kill(signal);
      } catch {
        // It was quicker.
      }
      const { code, stderr } = await process.output();
      if (code === 0) return assertEquals(names().sort(), ["jim.db", "jim.db.copy"]);
      assertEquals(
        [code, new TextDecoder().decode(stderr)],
        [1, `Cannot write backup '${path}.copy': it was interrupted\n`],
      );
      assertEquals(names(), ["jim.db"]);
    });
  }
});

Deno.test("a device is no place for a backup", async () => {
  await withDatabasePath(async (path) => {
    using _ = UserAdmin.open(path, true, () => 0);
    assertEquals(await users(["backup", "/dev/full", "--db", path]), [
      1,
      "",
      "Cannot write backup '/dev/full': it is no regular file on a disk; name one\n",
    ]);
  });
});
