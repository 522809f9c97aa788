/**
 * Connections to a collector of log records.
 *
 * @module
 */

/** What {@linkcode SocketHandler} needs of a connection. */
export interface CollectorConn {
  /** Waits for bytes; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Sends some of the bytes and says how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the connection. */
  close(): void;
  /** Lets the process end in spite of the connection. */
  unref?(): void;
}

/** Opens a connection; gives up when the signal says so. */
export type ConnectToCollector = (
  address: { hostname: string; port: number; signal: AbortSignal },
) => Promise<CollectorConn>;

/** Connects, unless that would raise a prompt. */
export async function connectIfPermitted(
  address: { hostname: string; port: number; signal: AbortSignal },
): Promise<CollectorConn> {
  const { state } = await Deno.permissions.query({ name: "net", host: hostAndPort(address) });
  if (state !== "granted") throw new Error("no permission (--allow-net)");
  return await Deno.connect(address);
}

/** `host:port`, as a permission is named. */
export function hostAndPort({ hostname, port }: { hostname: string; port: number }): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Closes a connection that may have been closed already. */
export function close(conn: CollectorConn): void {
  try {
    conn.close();
  } catch {
    // It was.
  }
}

/** Waits, but keeps no process alive for it. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    Deno.unrefTimer(timer);
    signal.addEventListener("abort", finish);
  });
}
