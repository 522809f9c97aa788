/**
 * The settings that a command line asks for.
 *
 * @module
 */

import type { ConfigEntry } from "../../common/config/config_keys.ts";
import { type ClientCommand, namesServer } from "../flags.ts";
import { Profile } from "./profile.ts";
import { ProfileFile } from "./profile_file.ts";
import { SERVER_KEYS } from "./profile_keys.ts";

/**
 * Reads the file of `--profile`, or the one that is read where that is permitted.
 *
 * @throws {StartError} If it was asked for and must not be read.
 * @throws {UsageError} If what is in it is wrong.
 */
export async function openProfile(command: ClientCommand): Promise<Profile> {
  const file = new ProfileFile(command.flags.profile);
  const entries = await file.read(command.given.has("profile"));
  const ignored = namesServer(command) ? SERVER_KEYS : new Set<string>();
  return new Profile({ command: valuesOf(command), file, entries, ignored });
}

/** What was given, by the keys of the file. */
function valuesOf(
  { flags, given, positional }: ClientCommand,
): Record<string, ConfigEntry["value"]> {
  const values: Record<string, ConfigEntry["value"]> = {};
  for (const [name, value] of Object.entries(flags)) {
    if (given.has(name) && value !== undefined) values[name] = value;
  }
  const [addr, port] = positional;
  if (addr !== undefined) values.addr = addr;
  if (port !== undefined) values.port = port;
  if (flags.bell) values["notify.how"] = "bell";
  return values;
}
