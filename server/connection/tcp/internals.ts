/**
 * What `node:net` is made of in Deno: handles of sockets that call back, instead of an operation and a promise for each
 * read and write.
 *
 * Node.js has the same under the same names, but promises them to nobody. So this module says all that is expected of
 * them, and whoever uses it does without where they are not there.
 *
 * @module
 */

import process from "node:process";

/** A request to a {@linkcode SocketHandle} that may take its time. */
export interface HandleRequest {
  /** Called with 0, or with what went wrong; not if the call that made the request said that all is done. */
  oncomplete?: (status: number) => void;
}

/** A socket. What methods return is 0, or less than that: a code of what went wrong (libuv's, a negated errno on Unix). */
export interface SocketHandle {
  /** Whom it belongs to: for `onread`, which is the same function for all. */
  owner?: unknown;
  /** Called, as a method, when something was read: see {@linkcode TcpInternals.state}. */
  onread?: () => void;
  /** What was read is put there, whole reads from its start. */
  useUserBuffer(buffer: Uint8Array): void;
  /** Reads whenever there is something to read, up to 32 times in a row, until `readStop`. */
  readStart(): number;
  /** See `readStart`. */
  readStop(): number;
  /** Writes at once what the system takes, and the rest when it takes that: a copy of it. */
  writeBuffer(request: HandleRequest, bytes: Uint8Array): number;
  /** The same with the bytes of UTF-8 that the text has. */
  writeUtf8String(request: HandleRequest, text: string): number;
  /** Ends the output behind all that was written. */
  shutdown(request: HandleRequest): number;
  /** Fills in where the peer is. */
  getpeername(address: { address?: string; port?: number }): number;
  /** See `Deno.TcpConn.setNoDelay`. */
  setNoDelay(isOn: boolean): number;
  /** See `Deno.TcpConn.setKeepAlive`. */
  setKeepAlive(isOn: boolean, delaySeconds: number): number;
  /** Closes the socket at once; requests that are under way complete with ECANCELED. */
  close(): void;
}

/** A socket that listens. */
export interface ServerHandle {
  /** Called when there is a connection to be accepted. */
  onconnection?: (status: number) => void;
  /** Takes an address, with permission for the network only; flags are {@linkcode TcpInternals.reusePort} or 0. */
  bindWithFlags(hostname: string, port: number, flags: number): number;
  /** The same for an address of IPv6. */
  bind6(hostname: string, port: number, flags: number): number;
  /** Begins to listen, or looks anew whether there is a connection. */
  listen(backlog: number): number;
  /** Makes a new socket the one of the connection that came first. */
  accept(socket: SocketHandle): number;
  /** Fills in where it listens. */
  getsockname(address: { address?: string; port?: number }): number;
  /** Closes the socket at once. */
  close(): void;
}

/** See the module. */
export interface TcpInternals {
  /** A socket that is not connected yet. */
  readonly makeSocket: () => SocketHandle;
  /** A socket that will listen. */
  readonly makeServer: () => ServerHandle;
  /**
   * What the last call or callback was about: at {@linkcode READ} how many bytes were read, or a code of what went wrong;
   * at {@linkcode WRITTEN} how many are to be written, at {@linkcode IS_ASYNC} whether that goes on.
   */
  readonly state: Int32Array;
  /** Lets several processes listen on one port. */
  readonly reusePort: number;
  /** A code's name: `ECONNRESET`. */
  readonly nameOf: (code: number) => string;
}

/** See {@linkcode TcpInternals.state}. */
export const READ = 0;
/** See {@linkcode TcpInternals.state}. */
export const WRITTEN = 2;
/** See {@linkcode TcpInternals.state}. */
export const IS_ASYNC = 3;

/** The code of the end of input: UV_EOF. */
export const END: number = -4095;

/** What this runtime has of it; `undefined` if something is missing. */
export function findTcpInternals(): TcpInternals | undefined {
  try {
    const { binding } = process as unknown as {
      binding(name: string): Record<string, unknown>;
    };
    const { TCP, constants } = binding("tcp_wrap") as unknown as {
      TCP: new (kind: number) => SocketHandle & ServerHandle;
      constants: { SOCKET: number; SERVER: number; UV_TCP_REUSEPORT: number };
    };
    const { streamBaseState: state } = binding("stream_wrap");
    const { errname } = binding("uv");
    const { SOCKET, SERVER, UV_TCP_REUSEPORT: reusePort } = constants;
    const isThere = state instanceof Int32Array && typeof errname === "function" &&
      METHODS.every((name) => typeof TCP.prototype[name] === "function") &&
      [SOCKET, SERVER, reusePort].every(Number.isInteger);
    if (!isThere) return undefined;
    return {
      makeSocket: () => new TCP(SOCKET),
      makeServer: () => new TCP(SERVER),
      state,
      reusePort,
      nameOf: errname as (code: number) => string,
    };
  } catch {
    return undefined; // no such thing as `binding`, or as one of these
  }
}

/** What a handle must be able to do. */
const METHODS = [
  "useUserBuffer",
  "readStart",
  "readStop",
  "writeBuffer",
  "writeUtf8String",
  "shutdown",
  "getpeername",
  "setNoDelay",
  "setKeepAlive",
  "close",
  "bindWithFlags",
  "bind6",
  "listen",
  "accept",
  "getsockname",
] as const satisfies readonly (keyof SocketHandle | keyof ServerHandle)[];
