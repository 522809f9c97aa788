/**
 * The administrator's commands, as table rows that carry their own help.
 *
 * @module
 */

import { StartError, UsageError } from "../../common/errors.ts";
import { LIMITS } from "../../common/limits.ts";
import { accountNameFault, hasChars } from "../../common/names.ts";
import { printable, printableJson } from "../../common/printable.ts";
import { shellWord } from "../../common/shell_word.ts";
import { alignTable } from "../../common/table.ts";
import type { Passwords } from "../accounts/passwords.ts";
import { describeFault, isDamage } from "../store/sqlite_errors.ts";
import type { ChangeByAdmin, RemovedAccount } from "../store/admin_acts.ts";
import type { RoomAdmin } from "../store/room_admin.ts";
import type { UserAdmin, UserRecord } from "../store/user_admin.ts";
import { AUDIT } from "./audit.ts";
import { INVITE } from "./invite.ts";
import { readLine } from "./read_line.ts";
import { readName } from "./read_name.ts";
import { ROOM_COMMANDS } from "./rooms.ts";

/** What a command works with that reads. */
export interface ReadContext {
  /** The database. */
  readonly users: UserAdmin;
  /** Opens the database for what concerns rooms; whoever asks for it closes it. */
  readonly openRooms: () => RoomAdmin;
  /** Unix seconds. */
  readonly now: () => number;
  /** Prints a line. */
  readonly say: (line: string) => void;
  /** From the call on, who asks the program to end aborts this, with a reason to tell, and does nothing else. */
  readonly untilInterrupted?: () => AbortSignal;
  /** The values of the flags that were given. */
  readonly options: AdminOptions;
}

/** What a command works with that changes something: in a database, or on all nodes of a server. */
export interface ChangeContext {
  /** Has something changed. */
  readonly change: ChangeByAdmin;
  /** Whether there is an account, by its folded name; absent where only {@linkcode ChangeContext.change} finds out. */
  readonly hasAccount?: (folded: string) => boolean;
  /** See `UserAdmin.clash`. */
  readonly clash?: string | undefined;
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
   * Reads the database.
   *
   * @param args The arguments; one that was left out is empty.
   * @throws {UsageError} If an argument or a flag is not allowed.
   * @throws {StartError} If it cannot be done.
   */
  read?(context: ReadContext, ...args: string[]): void | Promise<void>;
  /**
   * Changes what several nodes of a server have in common, if there are several: so it does not work on the copy of one.
   *
   * @param args The arguments.
   * @throws {UsageError} If an argument or a flag is not allowed.
   * @throws {StartError} If it cannot be done; nothing was changed then.
   */
  change?(context: ChangeContext, ...args: string[]): void | Promise<void>;
  /** The flag with which a command reads that has both. */
  readonly readsWith?: keyof AdminOptions;
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
}

/** The commands by name, of one or two words, in the order of the help text. */
export const ADMIN_COMMANDS: ReadonlyMap<string, AdminCommand> = new Map<string, AdminCommand>([
  ["list", {
    help: "show accounts and blocked names",
    keepsClashes: true,
    read({ users, say }) {
      const all = users.list();
      for (const line of alignTable(listRows(all), [4, 5])) say(line);
      if (all.some(({ name, account }) => account && accountNameFault(name))) say(LEGACY_LEGEND);
      if (users.clash !== undefined) say(`This database cannot be upgraded: ${users.clash}`);
    },
  }],
  ["add", {
    args: ["NAME"],
    help: "make an account; asks for the password or reads it from standard input",
    creates: true,
    async change({ change, hasAccount, passwords, say, askPassword }, name = "") {
      const fault = accountNameFault(name);
      const folded = readName(name);
      if (fault !== undefined) throw new UsageError(`NAME ${fault}`);
      const exists = (): StartError =>
        new StartError(`Cannot add account: '${name}' has one already`);
      if (hasAccount?.(folded)) throw exists();
      const hash = await passwords.hash(readPassword(await askPassword(name)));
      if (!await change("add", folded, name, hash)) throw exists();
      say(`Added ${name}`);
    },
  }],
  ["password", {
    args: ["NAME"],
    help: "set a new password; asks for it or reads it from standard input",
    async change({ change, hasAccount, passwords, say, askPassword }, name = "") {
      const folded = readName(name);
      if (hasAccount?.(folded) === false) throw noAccount("set password", name);
      const hash = await passwords.hash(readPassword(await askPassword(name)));
      if (!await change("setPassword", folded, hash)) throw noAccount("set password", name);
      say(`Set the password of ${name}`);
    },
  }],
  ["block", {
    args: ["NAME"],
    help: "refuse a name, account or guest; who is online under it is closed",
    creates: true,
    options: ["reason"],
    async change({ change, say, options }, name = "") {
      await change("block", readName(name), name, readLine("--reason", options.reason ?? ""));
      say(`Blocked ${name}`);
    },
  }],
  ["unblock", {
    args: ["NAME"],
    help: "admit a blocked name again",
    async change({ change, say }, name = "") {
      if (!await change("unblock", readName(name))) {
        throw new StartError(`Cannot unblock: '${name}' is not blocked`);
      }
      say(`Unblocked ${name}`);
    },
  }],
  ["remove", {
    args: ["NAME"],
    help: "delete an account with all its messages; who is online with it is closed",
    keepsClashes: true,
    async change({ change, clash, say }, name = "") {
      const removed = await change("remove", readName(name), name);
      if (removed === undefined) {
        throw noAccount("remove account", name, clash && " that is spelled exactly like this");
      }
      say(removedLine(name, removed));
      if (removed.isErased === false) throw new StartError(NOT_ERASED);
    },
  }],
  ["invite", INVITE],
  ...ROOM_COMMANDS,
  ["audit", AUDIT],
  ["export", {
    args: ["[NAME]"],
    help: "print accounts and blocked names, or all that there is of one account, as JSON lines",
    keepsClashes: true,
    read({ users, say }, name = "") {
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
    async read({ users, say, untilInterrupted }, file = "") {
      try {
        await users.backup(file, untilInterrupted?.());
      } catch (error) {
        const reason = error instanceof Deno.errors.AlreadyExists
          ? "there is a file of that name; name a new one"
          : isDamage(error)
          ? "the database is corrupt, or the disk of the copy; keep the backups that you have"
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

/** The lines of the help text that describe commands. */
export function commandsHelp(
  commands: ReadonlyMap<string, Pick<AdminCommand, "args" | "help">> = ADMIN_COMMANDS,
): string[] {
  const rows = [...commands].map(([name, { args = [], help }]) => [
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
  if (direct === undefined || rooms === undefined) {
    return `Removed ${name}, with ${
      count(letters, "stored")
    }; every node erases its direct and room messages now`;
  }
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

/** Whether a command changes what several nodes of a server have in common. */
export function isChange(command: AdminCommand, options: AdminOptions): boolean {
  const { change, readsWith } = command;
  return change !== undefined && (readsWith === undefined || options[readsWith] === undefined);
}

/**
 * Refuses a command on a node's copy that would make it another one than the copies of other nodes.
 *
 * @param words The command line, but for the flags.
 * @throws {StartError} One line.
 */
export function refuseOnCopy(words: readonly string[], options: AdminOptions): never {
  const flags = Object.entries(options).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const command = [...words, ...flags].map(shellWord).join(" ");
  throw new StartError(
    "This database is one node's copy of what several nodes have in common; have all of them do it: " +
      `deno task cluster-users ${printable(command)} --nats URL`,
  );
}
