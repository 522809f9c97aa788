/**
 * Opens a connection: TCP or TLS, with a deadline.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import type { Link } from "../../common/link.ts";
import { ConnectError, type ConnectFailure } from "./errors.ts";

/** Where to connect, and how. */
export interface DialOptions {
  /** Host name or address, without brackets. */
  hostname: string;
  /** 1–65535. */
  port: number;
  /**
   * Speak TLS, and check the server's certificate against `hostname`.
   *
   * @default {false}
   */
  tls?: boolean;
  /** Further certificates to trust, in PEM. */
  caCerts?: string[];
  /**
   * Milliseconds before giving up.
   *
   * @default {10000}
   */
  timeoutMs?: number;
  /** Ends the attempt; `dial` then throws its reason. */
  signal?: AbortSignal | undefined;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
}

/** How long a server has to accept a connection. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens a connection to a server. All addresses of the host are tried. `localhost` is the loopback
 * interface whatever the machine's hosts file says (RFC 6761 section 6.3), of IPv4 and of IPv6.
 *
 * @throws {ConnectError} If it cannot be made.
 */
export async function dial(options: DialOptions): Promise<Link> {
  const { hostname, port, signal, clock = systemClock } = options;
  const deadline = new AbortController();
  const timer = clock.setTimeout(
    () => deadline.abort(new DOMException("no answer in time", "TimeoutError")),
    options.timeoutMs ?? CONNECT_TIMEOUT_MS,
  );
  const either = signal === undefined
    ? deadline.signal
    : AbortSignal.any([signal, deadline.signal]);
  try {
    either.throwIfAborted();
    const conn = await connectTcp(hostname, port, either);
    return options.tls ? await startTls(conn, options, either) : conn;
  } catch (error) {
    signal?.throwIfAborted();
    const failure = deadline.signal.aborted ? "timeout" : classify(error);
    throw new ConnectError(failure, `Cannot connect to ${hostname}:${port}: ${WORDS[failure]}`, {
      cause: error,
      hosts: failure === "certificate-host" ? hostsOf(error) : [],
    });
  } finally {
    clock.clearTimeout(timer);
  }
}

async function connectTcp(
  hostname: string,
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const hosts = hostname === "localhost" ? [hostname, "127.0.0.1", "::1"] : [hostname];
  let first: unknown;
  for (const host of hosts) {
    try {
      const conn = await Deno.connect({ hostname: host, port, signal });
      conn.setNoDelay(true);
      return conn;
    } catch (error) {
      first ??= error;
      signal.throwIfAborted();
    }
  }
  throw first;
}

async function startTls(
  conn: Deno.TcpConn,
  { hostname, caCerts = [] }: DialOptions,
  signal: AbortSignal,
): Promise<Link> {
  let link: Deno.TcpConn | Deno.TlsConn = conn;
  const close = (): void => {
    try {
      link.close();
    } catch {
      // A failed handshake closes it, too.
    }
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    const secure = link = await Deno.startTls(conn, { hostname, caCerts });
    await secure.handshake();
    signal.throwIfAborted();
    return secure;
  } catch (error) {
    close();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

const WORDS: Readonly<Record<ConnectFailure, string>> = {
  refused: "nobody listens there",
  "unknown-host": "no such host",
  timeout: "no answer in time",
  certificate: "the server's certificate is not trusted",
  "certificate-host": "the server's certificate is for other hosts",
  tls: "the server does not speak TLS",
  network: "the network does not reach it",
};

function classify(error: unknown): ConnectFailure {
  if (error instanceof Deno.errors.ConnectionRefused) return "refused";
  if (error instanceof Deno.errors.TimedOut) return "timeout";
  const text = error instanceof Error ? error.message : "";
  if (hostsOf(error).length > 0) return "certificate-host";
  if (/certificate/i.test(text)) return "certificate";
  if (/lookup|resolve/i.test(text)) return "unknown-host";
  if (
    error instanceof Deno.errors.InvalidData || error instanceof Deno.errors.UnexpectedEof ||
    /tls|handshake|corrupt/i.test(text)
  ) return "tls";
  return "network";
}

/** The hosts of a certificate that is not for the one that was dialled: the runtime tells them only in its sentence. */
function hostsOf(error: unknown): string[] {
  const text = error instanceof Error ? error.message : "";
  const [, list = ""] = /certificate not valid for name .*only valid for (.*)$/s.exec(text) ?? [];
  return [...list.matchAll(/DnsName\("([^"]*)"\)|IpAddress\(([^)]*)\)/g)]
    .map(([, name, address]) => name ?? address!);
}
