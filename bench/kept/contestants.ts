/**
 * Our server with accounts, keeping messages and not.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import { type Host, ROOT, type Server, startUnlimited } from "../servers.ts";

/** Keeps a server from replacing cheap hashes by dear ones at the first login: two thousand would take minutes. */
const CHEAP_PASSWORDS = "tests/support/cheap_passwords.ts";

/** The password of each account. */
export const PASSWORD = "correct horse battery";
/** Pairs that can be online at once: what the largest load takes. */
const PAIRS = 1_000;

/** Our server as it is installed: messages between accounts, and in their rooms, are kept. */
export const KEPT: Server = ours("kept", "this server, kept", []);

/**
 * The same without history. Not guests: their messages are shorter and nothing of them is remembered until it is
 * confirmed, which would be counted as a cost of keeping.
 */
export const UNKEPT: Server = ours("unkept", "this server, --history-days 0", [
  ...["--history-days", "0"],
]);

function ours(id: "kept" | "unkept", title: string, flags: readonly string[]): Server {
  return {
    id,
    title,
    protocol: "jim",
    concurrency: 64,
    answers: true,
    // Accounts are the same in each measurement; the generator sees to it that they are free again.
    keeps: id === "kept" ? "synced" : "no",
    keeping: { password: PASSWORD, prefix: "", kept: id === "kept" ? 1 : 0 },
    version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
    async start(host) {
      const directory = await Deno.makeTempDir({ dir: host.directory });
      const db = `${directory}/jim.db`;
      await makeAccounts(db, PAIRS, host.root);
      return await startUnlimited(this, withCheapLogins(host), ["--db", db, ...flags]);
    },
  };
}

/**
 * Makes a database with an account for each name that the generator uses.
 *
 * @param db Where to put it.
 * @param pairs How many senders there are; each has an addressee.
 * @param root The directory of the server that is to open it: another commit has a schema of its own.
 */
export async function makeAccounts(db: string, pairs: number, root = ROOT): Promise<void> {
  const { Passwords } = await load<typeof import("../../server/accounts/passwords.ts")>(
    `${root}/server/accounts/passwords.ts`,
  );
  const { UserAdmin } = await load<typeof import("../../server/store/user_admin.ts")>(
    `${root}/server/store/user_admin.ts`,
  );
  const hash = await new Passwords({ cost: { logN: 4, r: 8, p: 1 } }).hash(PASSWORD);
  // In memory first: in a file each account would be a transaction that waits for the disk.
  using users = UserAdmin.open(":memory:", true, () => Date.now() / 1_000);
  for (let i = 0; i < pairs; i++) {
    for (const name of [`a${i}`, `b${i}`]) users.add(name, name, hash);
  }
  await users.backup(db);
}

function load<Module>(path: string): Promise<Module> {
  return import(new URL(path, "file:").href);
}

/**
 * The host with a command that starts our server so that logging in costs next to nothing.
 *
 * @throws {StartError} If it is not started by `deno run`.
 */
export function withCheapLogins(host: Host): Host {
  const [program, command, ...rest] = host.command;
  if (program !== "deno" || command !== "run") {
    throw new StartError(
      "Cannot measure what keeping costs: --server must begin with 'deno run', " +
        "so that accounts with cheap passwords can be used",
    );
  }
  const preload = `--preload=${host.root ?? ROOT}/${CHEAP_PASSWORDS}`;
  return { ...host, command: [program, command, preload, ...rest] };
}
