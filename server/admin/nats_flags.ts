/**
 * How programs beside the server get to NATS.
 *
 * @module
 */

import { atPlace } from "../../common/config/at_place.ts";
import { readConfigFile } from "../../common/config/config_file.ts";
import { withConfig } from "../../common/config/with_config.ts";
import { StartError, UsageError } from "../../common/errors.ts";
import type { FlagTable, ParsedCommand } from "../../common/flags.ts";
import { printable } from "../../common/printable.ts";
import { NATS_FILES, permissionList } from "../../common/server_permissions.ts";
import { shellWord } from "../../common/shell_word.ts";
import { type NatsSettings, natsSettingsOf } from "../cluster/nats/nats_settings.ts";
import { SERVER_CONFIG, SERVER_FLAGS } from "../flags.ts";

/** The flags with which a server gets to NATS, with the same meaning. */
export const NATS_FLAGS = {
  nats: { ...SERVER_FLAGS.nats, help: "where the nodes meet (nats:// or tls://)" },
  "nats-prefix": SERVER_FLAGS["nats-prefix"],
  "nats-creds": SERVER_FLAGS["nats-creds"],
  "nats-nkey": SERVER_FLAGS["nats-nkey"],
  "nats-ca": SERVER_FLAGS["nats-ca"],
  "nats-cert": SERVER_FLAGS["nats-cert"],
  "nats-key": SERVER_FLAGS["nats-key"],
  config: {
    kind: "text",
    value: "FILE",
    help: "take those that are not given from a server's file of settings",
  },
} as const satisfies FlagTable;

/**
 * How to get to NATS, by the flags and the file that they name.
 *
 * @param script The program, and its command line, for the command that the error gives.
 * @throws {UsageError} If a flag or the file is wrong, or neither says where NATS is.
 * @throws {StartError} If this process may not read a file that they name: one line with a command that allows it.
 */
export function natsOf(
  command: ParsedCommand<typeof NATS_FLAGS>,
  script: readonly string[],
): NatsSettings {
  const { config } = command.flags;
  if (config !== undefined) requireReadable([config], script);
  const file = config === undefined ? undefined : readConfigFile(config, SERVER_CONFIG);
  const flags = file === undefined ? command.flags : withConfig(command, file);
  const files = NATS_FILES.map((flag) => flags[flag]).filter((path) => path !== undefined);
  requireReadable(config === undefined ? files : [config, ...files], script);
  const settings = atPlace(command.given, { path: config, file }, () => natsSettingsOf(flags));
  if (settings !== undefined) return settings;
  throw new UsageError("--nats URL is needed, or --config FILE with nats in it");
}

function requireReadable(paths: readonly string[], script: readonly string[]): void {
  const refused = paths.find((path) =>
    Deno.permissions.querySync({ name: "read", path }).state !== "granted"
  );
  if (refused === undefined) return;
  const read = `--allow-read=${permissionList(paths)}`;
  const command = ["deno", "run", "--allow-net", read, ...script].map(shellWord).join(" ");
  throw new StartError(
    `This task may not read ${printable(refused)}; in the project's directory run: ` +
      printable(command),
  );
}
