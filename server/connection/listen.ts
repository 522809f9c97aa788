/**
 * Opens the listening socket, with one clear line where that fails.
 *
 * @module
 */

import { messageOf, StartError } from "../../common/errors.ts";
import { shown } from "../../common/printable.ts";
import type { ConnectionSource } from "./accept.ts";
import { HandleListener } from "./tcp/handle_listener.ts";
import { findTcpInternals, type TcpInternals } from "./tcp/internals.ts";

/** A listening socket. Disposing closes it. */
export interface TcpSource extends ConnectionSource, Disposable {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
}

/** Characters of the system's own reason. */
const MAX_REASON = 120;

/** Found when it is first wanted; `null` if this runtime has none. */
let internals: TcpInternals | null | undefined;

/**
 * Listens for connections.
 *
 * @param address A host name or address; `undefined` for all addresses, IPv4 and IPv6.
 * @param port 0 lets the system choose.
 * @param isShared Whether other processes may listen there, too, and the system deals connections out.
 * @throws {StartError} If it cannot.
 */
export function listen(
  address: string | undefined,
  port: number,
  isShared: boolean = false,
): TcpSource {
  if (address !== undefined) return open(address, port, isShared);
  try {
    return open("::", port, isShared); // with IPv4 peers, too, where the system has both
  } catch (error) {
    if (error instanceof StartError && error.cause instanceof Deno.errors.AddrInUse) throw error;
    return open("0.0.0.0", port, isShared); // a system without IPv6
  }
}

/** An address for people: `127.0.0.1:7777`, `[::]:7777`. */
export function formatAddress({ hostname, port }: Deno.NetAddr): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function open(hostname: string, port: number, isShared: boolean): TcpSource {
  internals ??= findTcpInternals() ?? null;
  try {
    if (internals !== null) return new HandleListener(internals, { hostname, port, isShared });
  } catch {
    // The other way says why it cannot be, or works.
  }
  try {
    return Deno.listen({
      ...{ hostname, port, transport: "tcp" },
      ...(isShared && { reusePort: true }),
    });
  } catch (cause) {
    const where = formatAddress({ transport: "tcp", hostname: shown(hostname), port });
    throw new StartError(`Cannot listen on ${where}: ${whyNot(cause, port)}`, { cause });
  }
}

function whyNot(error: unknown, port: number): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "the port is in use; stop the other program or choose another one with --port";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine has no such address; choose another one with --addr";
  }
  if (error instanceof Deno.errors.NotCapable) return "run with --allow-net";
  if (error instanceof Deno.errors.PermissionDenied && port > 0 && port < 1024) {
    return "ports below 1024 need more rights; choose one from 1024 with --port";
  }
  // What is left is mostly a name that does not resolve; some of the texts repeat it.
  return `${shown(messageOf(error), MAX_REASON)}; choose another address with --addr`;
}
