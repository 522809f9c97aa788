/**
 * What is to be started, whatever the mode.
 *
 * @module
 */

/** Where a client finds its server. */
export interface Place {
  /** A host name or an address, IPv6 without brackets. */
  readonly address: string;
  /** 1–65535. */
  readonly port: number;
}

/** Where the scripts and the Deno that runs them are. */
export interface Runtime {
  /** The Deno to run: `Deno.execPath()`. */
  readonly deno: string;
  /** The project's folder as a URL that ends with `/`. */
  readonly root: string;
}

/** Which server the clients talk to: one of the launcher's own, with flags for `server.ts`, or a running one. */
export type ServerChoice =
  | { readonly kind: "own"; readonly args: readonly string[] }
  | Place & { readonly kind: "attach"; readonly tls: boolean; readonly ca: string | undefined };

/** A chat that is to be started. */
export interface ChatPlan {
  /** The Deno and the scripts to run. */
  readonly runtime: Runtime;
  /** The server. */
  readonly server: ServerChoice;
  /** The clients' names. */
  readonly names: readonly string[];
  /** The clients' language; `undefined`: their own choice. */
  readonly lang: string | undefined;
}
