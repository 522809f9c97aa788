/**
 * An administrator's commands in this process.
 *
 * @module
 */

import { Passwords } from "../../server/accounts/passwords.ts";
import {
  type AdminCommand,
  type AdminOptions,
  type ChangeContext,
  isChange,
  type ReadContext,
  refuseOnCopy,
} from "../../server/admin/commands.ts";
import { findCommand } from "../../server/admin/find_command.ts";
import { localChange } from "../../server/admin/local_change.ts";
import { RoomAdmin } from "../../server/store/room_admin.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";

const passwords = new Passwords({ cost: { logN: 4, r: 8, p: 1 } });

/** Where and when a command runs. */
export interface AdminCommandOptions {
  /** The database. */
  path: string;
  /** Unix seconds. */
  now: () => number;
  /** The password that is typed if one is asked for. */
  password?: string;
}

/** What {@linkcode runCommand} works with. */
export type RunContext = ReadContext & Omit<ChangeContext, "change" | "hasAccount" | "clash">;

/** Runs a command in a database, as `users.ts` does, with whatever it works with. */
export async function runCommand(
  command: AdminCommand,
  context: RunContext,
  ...args: readonly string[]
): Promise<void> {
  const { users, openRooms, options } = context;
  if (!isChange(command, options)) return await command.read!(context, ...args);
  const change = localChange(users, openRooms);
  const hasAccount = (folded: string): boolean => users.has(folded);
  await command.change!({ ...context, change, hasAccount, clash: users.clash }, ...args);
}

/**
 * Runs a command as `users.ts` does, with a connection to the database of its own.
 *
 * @returns The lines that it prints.
 */
export async function adminCommand(
  { path, now, password = "correct horse" }: AdminCommandOptions,
  words: readonly string[],
  options: AdminOptions = {},
): Promise<string[]> {
  const { command, args } = findCommand(words, options);
  const { creates = false, keepsClashes } = command;
  using users = UserAdmin.open(path, creates, now, keepsClashes);
  const openRooms = (): RoomAdmin => RoomAdmin.open(path, now);
  if (isChange(command, options) && users.isCopy) refuseOnCopy(words, options);
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const askPassword = (): Promise<string> => Promise.resolve(password);
  const context = { users, openRooms, now, passwords, say, askPassword, options };
  await runCommand(command, context, ...args);
  return lines;
}
