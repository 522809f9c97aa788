/**
 * Administration of accounts and rooms: `deno task users COMMAND`, also while the server runs.
 *
 * @module
 */

import { StartError, UsageError } from "./common/errors.ts";
import { exitStatus } from "./common/exit_status.ts";
import { parseCommand } from "./common/flags.ts";
import { Interrupts, stopSignals } from "./common/interrupts.ts";
import { printLine as say } from "./common/output.ts";
import { askPassword } from "./server/admin/ask_password.ts";
import { type AdminOptions, isChange, refuseOnCopy } from "./server/admin/commands.ts";
import { findCommand } from "./server/admin/find_command.ts";
import { USERS_COMMAND } from "./server/admin/flags.ts";
import { localChange } from "./server/admin/local_change.ts";
import { Passwords } from "./server/accounts/passwords.ts";
import { RoomAdmin } from "./server/store/room_admin.ts";
import { toStoreError } from "./server/store/sqlite_errors.ts";
import { IN_MEMORY } from "./server/store/sqlite_file.ts";
import { UserAdmin } from "./server/store/user_admin.ts";

async function main(args: string[]): Promise<void> {
  if (args.some((arg) => /^--nats(?![a-z])/.test(arg))) {
    throw new UsageError(
      "--nats goes with deno task cluster-users, which may use the network and needs no database",
    );
  }
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
  const openRooms = (): RoomAdmin => RoomAdmin.open(flags.db, now);
  try {
    if (!isChange(command, options)) {
      await command.read!(
        { users, openRooms, now, say, untilInterrupted, options },
        ...named,
      );
      return;
    }
    if (users.isCopy) refuseOnCopy(positional, options);
    await command.change!({
      change: localChange(users, openRooms),
      hasAccount: (folded) => users.has(folded),
      clash: users.clash,
      passwords: new Passwords(),
      ...{ say, askPassword, options },
    }, ...named);
  } catch (error) {
    if (error instanceof UsageError || error instanceof StartError) throw error;
    if (error instanceof Deno.errors.BrokenPipe) throw error; // of standard output
    throw new StartError(toStoreError(error).message, { cause: error });
  }
}

/** Not when the terminal is closed: whether `nohup` is to keep it from that cannot be seen here. */
function untilInterrupted(): AbortSignal {
  const interrupt = new AbortController();
  new Interrupts().listen(stopSignals(), (signal) => signal !== "SIGHUP").first
    .then(() => interrupt.abort(new Error("it was interrupted")));
  return interrupt.signal;
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
