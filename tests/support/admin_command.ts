/**
 * An administrator's commands in this process.
 *
 * @module
 */

import { Passwords } from "../../server/accounts/passwords.ts";
import { type AdminOptions, refuseOnCopy } from "../../server/admin/commands.ts";
import { findCommand } from "../../server/admin/find_command.ts";
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
  refuseOnCopy(command, users);
  const openRooms = (): RoomAdmin => RoomAdmin.open(path, now);
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const askPassword = (): Promise<string> => Promise.resolve(password);
  await command.run({ users, openRooms, now, passwords, say, askPassword, options }, ...args);
  return lines;
}
