/**
 * Administration of accounts and rooms: `deno task users COMMAND`, also while the server runs.
 *
 * @module
 */

import { promptSecret } from "@std/cli/prompt-secret";

import { StartError, UsageError } from "./common/errors.ts";
import { exitStatus } from "./common/exit_status.ts";
import { parseCommand } from "./common/flags.ts";
import { type AdminOptions, refuseOnCopy } from "./server/admin/commands.ts";
import { findCommand } from "./server/admin/find_command.ts";
import { USERS_COMMAND } from "./server/admin/flags.ts";
import { Passwords } from "./server/accounts/passwords.ts";
import { RoomAdmin } from "./server/store/room_admin.ts";
import { describeFault, toStoreError } from "./server/store/sqlite_errors.ts";
import { IN_MEMORY } from "./server/store/sqlite_file.ts";
import { UserAdmin } from "./server/store/user_admin.ts";
import { printLine } from "./common/output.ts";

/** More than any password has: standard input is read no further. */
const MAX_PASSWORD_BYTES = 4_096;

async function main(args: string[]): Promise<void> {
  const { flags, given, info, positional } = parseCommand(USERS_COMMAND, args);
  if (info !== undefined) return say(info);
  const options: AdminOptions = Object.fromEntries(
    Object.entries(flags).filter(([flag]) => flag !== "db" && given.has(flag)),
  );
  const { command, args: named } = findCommand(positional, options);
  if (flags.db === IN_MEMORY) {
    throw new UsageError(`--db must be a file: nobody else sees ${IN_MEMORY}`);
  }
  const now = (): number => Date.now() / 1000;
  using users = UserAdmin.open(flags.db, command.creates ?? false, now, command.keepsClashes);
  refuseOnCopy(command, users);
  const openRooms = (): RoomAdmin => RoomAdmin.open(flags.db, now);
  const passwords = new Passwords();
  try {
    await command.run({ users, openRooms, now, passwords, say, askPassword, options }, ...named);
  } catch (error) {
    if (error instanceof UsageError || error instanceof StartError) throw error;
    if (error instanceof Deno.errors.BrokenPipe) throw error; // of standard output
    throw new StartError(toStoreError(error).message, { cause: error });
  }
}

/** On a terminal asks twice without echo; otherwise the first line of standard input is the password. */
async function askPassword(name: string): Promise<string> {
  if (!Deno.stdin.isTerminal()) return await readFirstLine();
  const password = promptSecret(`New password for ${name}: `, { mask: "" }) ?? "";
  const again = promptSecret("The same again: ", { mask: "" }) ?? "";
  if (password !== again) throw new UsageError("The two passwords differ");
  return password;
}

async function readFirstLine(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of Deno.stdin.readable) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n") || text.length > MAX_PASSWORD_BYTES) break;
  }
  text += decoder.decode();
  return text.split(/\r?\n/, 1)[0]!;
}

function say(line: string): void {
  try {
    printLine(line);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    throw new StartError(`Cannot write to standard output: ${describeFault(error)}`, {
      cause: error,
    });
  }
}

if (import.meta.main) {
  Deno.exit(
    await exitStatus(async () => {
      try {
        await main(Deno.args);
      } catch (error) {
        // The reader, `head` for one, has enough.
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      }
    }),
  );
}
