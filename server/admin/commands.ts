/**
 * The administrator's commands, as table rows that carry their own help.
 *
 * @module
 */

import { StartError, UsageError } from "../../common/errors.ts";
import { LIMITS } from "../../common/limits.ts";
import { accountNameFault, hasChars } from "../../common/names.ts";
import { printable, printableJson } from "../../common/printable.ts";
import { alignTable } from "../../common/table.ts";
import type { Passwords } from "../accounts/passwords.ts";
import { describeFault } from "../store/sqlite_errors.ts";
import type { RoomAdmin } from "../store/room_admin.ts";
import type { RemovedAccount, UserAdmin, UserRecord } from "../store/user_admin.ts";
import { AUDIT } from "./audit.ts";
import { INVITE } from "./invite.ts";
import { readLine } from "./read_line.ts";
import { readName } from "./read_name.ts";
import { ROOM_COMMANDS } from "./rooms.ts";

/** What a command works with. */
export interface CommandContext {
  /** The database. */
  readonly users: UserAdmin;
  /** Opens the database for what concerns rooms; whoever asks for it closes it. */
  readonly openRooms: () => RoomAdmin;
  /** Unix seconds. */
  readonly now: () => number;
  /** Makes hashes. */
  readonly passwords: Passwords;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /**
   * Asks for a new password.
   *
   * @param name Whose.
   */
  readonly askPassword: (name: string) => Promise<string>;
  /** The values of the flags that were given. */
  readonly options: AdminOptions;
}

/** The flags of commands, each checked by itself; what was not given is absent. */
export interface AdminOptions {
  /** Why a name is blocked. */
  readonly reason?: string | undefined;
  /** How many accounts a code makes. */
  readonly uses?: number | undefined;
  /** For how many days. */
  readonly days?: number | undefined;
  /** What is noted beside a code. */
  readonly note?: string | undefined;
  /** Whether the codes are to be shown. */
  readonly list?: boolean | undefined;
  /** Whether as JSON. */
  readonly json?: boolean | undefined;
  /** The number of a code that is to be worthless. */
  readonly revoke?: string | undefined;
  /** In which room. */
  readonly room?: string | undefined;
  /** By whom. */
  readonly by?: string | undefined;
  /** How many at most. */
  readonly limit?: number | undefined;
}

/** What an argument is called in the help; in brackets if it may be left out. */
export type Argument = "NAME" | "[NAME]" | "FILE" | "ROOM" | "ROLE";

/** One command. */
export interface AdminCommand {
  /**
   * Its arguments.
   *
   * @default {[]}
   */
  readonly args?: readonly Argument[];
  /** The flags that go with it, besides `--db`. */
  readonly options?: readonly (keyof AdminOptions)[];
  /** One line for the help text. */
  readonly help: string;
  /** Whether it makes the database if there is none yet. */
  readonly creates?: boolean;
  /** Whether it also works on a database that cannot be upgraded because its accounts clash. */
  readonly keepsClashes?: boolean;
  /** Whether it changes what several nodes of a server have in common: then it does not work on the copy of one. */
  readonly changesShared?: boolean;
  /**
   * Does it.
   *
   * @param args The arguments; one that was left out is empty.
   * @throws {UsageError} If an argument or a flag is not allowed.
   * @throws {StartError} If it cannot be done; nothing was changed then.
   */
  run(context: CommandContext, ...args: string[]): void | Promise<void>;
}

/** The commands by name, of one or two words, in the order of the help text. */
export const ADMIN_COMMANDS: ReadonlyMap<string, AdminCommand> = new Map<string, AdminCommand>([
  ["list", {
    help: "show accounts and blocked names",
    keepsClashes: true,
    run({ users, say }) {
      const all = users.list();
      for (const line of alignTable(listRows(all), [4, 5])) say(line);
      if (all.some(({ name, account }) => account && accountNameFault(name))) say(LEGACY_LEGEND);
      if (users.clash !== undefined) say(`This database cannot be upgraded: ${users.clash}`);
    },
  }],
  ["add", {
    changesShared: true,
    args: ["NAME"],
    help: "make an account; asks for the password or reads it from standard input",
    creates: true,
    async run({ users, passwords, say, askPassword }, name) {
      const fault = accountNameFault(name);
      const folded = readName(name);
      if (fault !== undefined) throw new UsageError(`NAME ${fault}`);
      const exists = (): StartError =>
        new StartError(`Cannot add account: '${name}' has one already`);
      if (users.has(folded)) throw exists();
      const hash = await passwords.hash(readPassword(await askPassword(name)));
      if (!users.add(folded, name, hash)) throw exists();
      say(`Added ${name}`);
    },
  }],
  ["password", {
    changesShared: true,
    args: ["NAME"],
    help: "set a new password; asks for it or reads it from standard input",
    async run({ users, passwords, say, askPassword }, name) {
      const folded = readName(name);
      if (!users.has(folded)) throw noAccount("set password", name);
      const hash = await passwords.hash(readPassword(await askPassword(name)));
      if (!users.setPassword(folded, hash)) throw noAccount("set password", name);
      say(`Set the password of ${name}`);
    },
  }],
  ["block", {
    args: ["NAME"],
    help: "refuse a name, account or guest; who is online under it is closed",
    creates: true,
    options: ["reason"],
    run({ users, say, options }, name) {
      users.block(readName(name), name, readLine("--reason", options.reason ?? ""));
      say(`Blocked ${name}`);
    },
  }],
  ["unblock", {
    args: ["NAME"],
    help: "admit a blocked name again",
    run({ users, say }, name) {
      if (!users.unblock(readName(name))) {
        throw new StartError(`Cannot unblock: '${name}' is not blocked`);
      }
      say(`Unblocked ${name}`);
    },
  }],
  ["remove", {
    changesShared: true,
    args: ["NAME"],
    help: "delete an account with all its messages; who is online with it is closed",
    keepsClashes: true,
    async run({ users, say }, name) {
      const removed = await users.remove(readName(name), name);
      if (removed === undefined) {
        throw noAccount(
          "remove account",
          name,
          users.clash && " that is spelled exactly like this",
        );
      }
      say(removedLine(name, removed));
      if (!removed.isErased) throw new StartError(NOT_ERASED);
    },
  }],
  ["invite", INVITE],
  ...ROOM_COMMANDS,
  ["audit", AUDIT],
  ["export", {
    args: ["[NAME]"],
    help: "print accounts and blocked names, or all that there is of one account, as JSON lines",
    keepsClashes: true,
    run({ users, say }, name) {
      if (name === "") {
        for (const user of users.list()) say(exportLine(user));
        return;
      }
      const folded = readName(name);
      if (users.clash !== undefined) {
        throw new StartError(
          `Cannot export account: this database cannot be upgraded: ${users.clash}`,
        );
      }
      const records = users.export(folded);
      if (records === undefined) throw noAccount("export account", name);
      for (const record of records) say(printableJson(record));
    },
  }],
  ["backup", {
    args: ["FILE"],
    help: "write a copy of the database into a new file",
    keepsClashes: true,
    async run({ users, say }, file) {
      try {
        await users.backup(file);
      } catch (error) {
        const reason = error instanceof Deno.errors.AlreadyExists
          ? "there is a file of that name; name a new one"
          : describeFault(error);
        throw new StartError(`Cannot write backup '${printable(file)}': ${reason}`, {
          cause: error,
        });
      }
      say(`Wrote ${printable(file)}`);
    },
  }],
]);

const LEGACY_LEGEND =
  "* mixes scripts, or holds what shows nothing or a space: the account goes on, " +
  "but no new one may have such a name";

const NOT_ERASED = "The texts are deleted, but another program reads the database and so keeps " +
  "them in its write-ahead log; end that program, or stop and start the server";

/** The lines of the help text that describe the commands. */
export function commandsHelp(): string[] {
  const rows = [...ADMIN_COMMANDS].map(([name, { args = [], help }]) => [
    `  ${[name, ...args].join(" ")}`,
    help,
  ]);
  return alignTable(rows);
}

function readPassword(password: string): string {
  const { minPasswordChars: min, maxPasswordChars: max } = LIMITS;
  if (password.includes("\uFFFD")) throw new UsageError("The password must be valid UTF-8");
  if (hasChars(password, min, max)) return password;
  throw new UsageError(`The password must be ${min}–${max} characters`);
}

function noAccount(what: string, name: string, more = ""): StartError {
  return new StartError(`Cannot ${what}: there is no account '${name}'${more}`);
}

function listRows(users: readonly UserRecord[]): string[][] {
  const rows = users.map(({ name, account, blocked }) => [
    name,
    account === undefined ? "guest" : accountNameFault(name) === undefined ? "account" : "account*",
    account === undefined ? "" : day(account.created),
    account?.lastSeen === undefined ? "" : day(account.lastSeen),
    account === undefined ? "" : String(account.letters),
    account === undefined ? "" : String(account.letterBytes),
    blocked === undefined ? "" : day(blocked.since),
    blocked?.reason ?? "",
  ]);
  return [["NAME", "KIND", "CREATED", "LAST SEEN", "MAIL", "BYTES", "BLOCKED", "REASON"], ...rows];
}

function removedLine(name: string, { letters, direct, rooms }: RemovedAccount): string {
  const count = (n: number, what: string): string =>
    `${n} ${what} ${n === 1 ? "message" : "messages"}`;
  return `Removed ${name}, with ${count(letters, "stored")}, ` +
    `${count(direct, "direct")} and ${count(rooms, "room")}`;
}

function exportLine({ name, account, blocked }: UserRecord): string {
  return printableJson({
    account_name: name,
    ...(account !== undefined && {
      password_hash: account.passwordHash,
      created: account.created,
      last_seen: account.lastSeen,
      stored_messages: account.letters,
      stored_bytes: account.letterBytes,
    }),
    ...(blocked !== undefined && { blocked }),
  });
}

/** The day (UTC) of a time in Unix seconds. */
function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/**
 * Refuses a command on a node's copy that would make it another one than the copies of other nodes.
 *
 * @throws {StartError} One line.
 */
export function refuseOnCopy({ changesShared }: AdminCommand, { isCopy }: UserAdmin): void {
  if (!changesShared || !isCopy) return;
  throw new StartError(
    "This database is one node's copy of what several nodes have in common, which is not changed by commands; " +
      "block the name on each node, or ask for it over the wire",
  );
}
