/**
 * What is wrong with the server's flags beyond what each row of their table says: the one list of it, for the start,
 * `--print-config` and SIGHUP.
 *
 * @module
 */

import { FlagError } from "../common/errors.ts";
import type { ParsedCommand } from "../common/flags.ts";
import { type NatsSettings, natsSettingsOf } from "./cluster/nats/nats_settings.ts";
import { CidrList } from "./connection/proxy_protocol/cidr_list.ts";
import { type SERVER_FLAGS, type TlsFiles, tlsFilesOf } from "./flags.ts";
import { type MetricsAddress, readMetricsAddress } from "./metrics/metrics_address.ts";
import { stopsWith } from "./stops_with.ts";

/** What these flags say. */
export interface CheckedFlags {
  /** Certificate and key; `undefined` for plain connections. */
  readonly tlsFiles: TlsFiles | undefined;
  /** The networks of the proxies, if there are any. */
  readonly proxies: CidrList | undefined;
  /** Ids of the processes that the server ends with. */
  readonly following: readonly number[];
  /** How to get to the other nodes; `undefined` for a server alone. */
  readonly nats: NatsSettings | undefined;
  /** Where monitoring asks, if it may. */
  readonly metrics: MetricsAddress | undefined;
}

/**
 * Reads all flags that are more than a value of their kind. Opens nothing.
 *
 * @throws {UsageError} If one is wrong, or does not go with the others; mostly a {@linkcode FlagError}.
 */
export function checkFlags(flags: ParsedCommand<typeof SERVER_FLAGS>["flags"]): CheckedFlags {
  const { workers, metrics, "proxy-protocol": networks } = flags;
  if (workers > 1) {
    // That takes another program, which starts them and NATS.
    throw new FlagError(
      "workers",
      (shown) =>
        `${shown("workers")} must be 1 here; 'deno task workers ${workers}' starts ${workers} ` +
        "processes that share the port",
    );
  }
  return {
    tlsFiles: tlsFilesOf(flags),
    proxies: networks === undefined ? undefined : CidrList.parse(networks),
    following: stopsWith(flags),
    nats: natsSettingsOf(flags),
    metrics: metrics === undefined ? undefined : readMetricsAddress(metrics),
  };
}
