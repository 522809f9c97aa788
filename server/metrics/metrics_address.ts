/**
 * What `--metrics` says.
 *
 * @module
 */

import { FlagError } from "../../common/errors.ts";
import { printable } from "../../common/printable.ts";

/** Who may read the metrics where no address is given: programs on this machine. */
const LOOPBACK = "127.0.0.1";

/** Where the metrics are served. */
export interface MetricsAddress {
  /** A host name or address; an IPv6 address has no brackets. */
  readonly hostname: string;
  /** 0–65535; 0 lets the system choose. */
  readonly port: number;
}

/**
 * Reads `PORT`, `ADDRESS:PORT` or `[IPv6 ADDRESS]:PORT`.
 *
 * @throws {FlagError} If it is none of these.
 */
export function readMetricsAddress(text: string): MetricsAddress {
  const match = /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new FlagError(
      "metrics",
      (shown) =>
        `${shown("metrics")} must be PORT, ADDRESS:PORT or [ADDRESS]:PORT, with a port from 0 to ` +
        `65535, received '${printable(text.slice(0, 60))}'`,
    );
  }
  return { hostname: match[1] ?? match[2] ?? LOOPBACK, port };
}
