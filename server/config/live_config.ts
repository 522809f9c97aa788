/**
 * The file of `--config`, read again while the server runs.
 *
 * @module
 */

import { atPlace } from "../../common/config/at_place.ts";
import { readConfigFile } from "../../common/config/config_file.ts";
import { configKeys, type ConfigSpec } from "../../common/config/config_keys.ts";
import { withConfig } from "../../common/config/with_config.ts";
import { messageOf, UsageError } from "../../common/errors.ts";
import { type Flag, shownValue } from "../../common/flags.ts";
import type { Log } from "../../common/log.ts";

/** What {@linkcode LiveConfig} is told. */
export interface LiveConfigOptions<Values extends object> {
  /** Where the file is. */
  readonly path: string;
  /** What may stand in it; flags with `live` can change. */
  readonly spec: ConfigSpec;
  /** The command line, which goes on winning over the file. */
  readonly command: { readonly flags: Values; readonly given: ReadonlySet<string> };
  /** The values that hold. */
  readonly flags: Values;
  /** Throws a {@linkcode UsageError} if the values do not fit together. */
  readonly check: (flags: Values) => unknown;
  /** Gets the values that hold from now on; only those of live flags differ from the values before. */
  readonly apply: (flags: Values) => void;
  /** Where to say what has changed. */
  readonly log: Log;
}

/** Reads the file again, has what can change do so, and says what cannot. */
export class LiveConfig<Values extends object> {
  readonly #options: LiveConfigOptions<Values>;
  #flags: Values;

  /** Reads nothing yet. */
  constructor(options: LiveConfigOptions<Values>) {
    this.#options = options;
    this.#flags = options.flags;
  }

  /**
   * Reads the file. A wrong one changes nothing, since a running server must go on. What needs a restart is said each
   * time, until there was one.
   */
  reload(): void {
    const { path, spec: { keys: table }, apply, log } = this.#options;
    const wanted = this.#read();
    if (wanted === undefined) return;
    const before = new Map<string, unknown>(Object.entries(this.#flags));
    const after = new Map<string, unknown>(Object.entries(wanted));
    const differing = configKeys(table).filter((name) => before.get(name) !== after.get(name));
    const live = differing.filter((name) => table[name]!.live);
    // Before and after the level of the log changes: one of the two is written at whichever level is the lower.
    for (const name of differing) {
      const [from, to] = [before, after].map((values) => shown(table[name]!, values.get(name)));
      const fields = { setting: name, from, to };
      if (live.includes(name)) log.info("setting changed", fields);
      else log.warn("setting needs a restart", fields);
    }
    const changes = Object.fromEntries(live.map((name) => [name, after.get(name)]));
    this.#flags = { ...this.#flags, ...changes };
    if (live.length > 0) apply(this.#flags);
    const counts = { changed: live.length, waiting: differing.length - live.length };
    log.info("settings read again", { path, ...counts });
  }

  #read(): Values | undefined {
    const { path, spec, command, check, log } = this.#options;
    try {
      const file = readConfigFile(path, spec);
      const flags = withConfig(command, file);
      atPlace(command.given, { path, file }, () => check(flags));
      return flags;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      log.error("settings not read, those before stay", { reason: messageOf(error) });
      return undefined;
    }
  }
}

function shown(flag: Flag, value: unknown): string {
  return value === undefined ? "not set" : String(shownValue(flag, value));
}
