/**
 * Opens the listening socket, with one clear line where that fails.
 *
 * @module
 */

import { messageOf, StartError } from "../../common/errors.ts";

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
): Deno.TcpListener {
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

function open(hostname: string, port: number, isShared: boolean): Deno.TcpListener {
  try {
    return Deno.listen({
      ...{ hostname, port, transport: "tcp" },
      ...(isShared && { reusePort: true }),
    });
  } catch (cause) {
    const where = formatAddress({ transport: "tcp", hostname, port });
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
  // What is left is mostly a name that does not resolve.
  return `${messageOf(error)}; choose another address with --addr`;
}
