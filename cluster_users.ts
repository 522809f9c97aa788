/**
 * Administration of the accounts and rooms that several nodes share: `deno task cluster-users COMMAND --nats URL`, whether or
 * not they run.
 *
 * @module
 */

import { UsageError } from "./common/errors.ts";
import { exitStatus } from "./common/exit_status.ts";
import { parseCommand } from "./common/flags.ts";
import { printLine as say } from "./common/output.ts";
import { Passwords } from "./server/accounts/passwords.ts";
import { askPassword } from "./server/admin/ask_password.ts";
import { CLUSTER_COMMANDS, CLUSTER_USERS_COMMAND } from "./server/admin/cluster_flags.ts";
import { ADMIN_COMMANDS, type AdminOptions } from "./server/admin/commands.ts";
import { findCommand } from "./server/admin/find_command.ts";
import { NATS_FLAGS, natsOf } from "./server/admin/nats_flags.ts";

async function main(args: string[]): Promise<void> {
  const parsed = parseCommand(CLUSTER_USERS_COMMAND, args);
  if (parsed.info !== undefined) return say(parsed.info);
  const { flags, given, positional } = parsed;
  const options: AdminOptions = Object.fromEntries(
    Object.entries(flags).filter(([flag]) => !(flag in NATS_FLAGS) && given.has(flag)),
  );
  refuseReading(positional);
  const { command, args: named } = findCommand(positional, options, {
    commands: CLUSTER_COMMANDS,
    program: CLUSTER_USERS_COMMAND.name,
  });
  const settings = natsOf(parsed, ["cluster_users.ts", ...args]);
  const { EnteredError, NatsAdministration } = await import(
    "./server/cluster/nats/nats_administration.ts"
  );
  await using nodes = await NatsAdministration.open(settings);
  const { change } = nodes;
  try {
    await command.change!(
      { change, passwords: new Passwords(), say, askPassword, options },
      ...named,
    );
  } catch (error) {
    if (!(error instanceof EnteredError)) throw error;
    say(error.message);
  }
}

/** @throws {UsageError} If a command needs a database: says with which task it is typed. */
function refuseReading([first = "", second = ""]: readonly string[]): void {
  const name = [first, `${first} ${second}`].find((words) => ADMIN_COMMANDS.has(words));
  if (name === undefined || CLUSTER_COMMANDS.has(name)) return;
  throw new UsageError(
    `${name} reads the database of a node: deno task users ${name} --db FILE`,
  );
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
