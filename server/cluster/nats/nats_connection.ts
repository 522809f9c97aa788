/**
 * The connection to NATS.
 *
 * @module
 */

import { subscribe } from "node:diagnostics_channel";
import { isIP, type Socket } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import {
  type Authenticator,
  connect,
  type ConnectionOptions,
  credsAuthenticator,
  errors,
  nkeyAuthenticator,
} from "@nats-io/transport-node";

import { type Clock, systemClock } from "../../../common/clock.ts";
import { messageOf, StartError } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import { readNamedFile } from "../../../common/named_file.ts";
import { printable } from "../../../common/printable.ts";
import type { Client } from "./client_types.ts";
import type { NatsLogin, NatsSettings } from "./nats_settings.ts";

/** A server that does not answer for so long is given up, and another one tried: 2 or 3 of them. */
const PING_MS = 1_000;
const MAX_PINGS_OUT = 2;

/** So long does one attempt take at most, and so long is the wait between two of them at one address, about. */
const DIAL_MS = 2_000;
const RETRY_MS = 250;

// The client takes all listeners off a socket between two steps, and when it gives one up. An error that is on its way
// then would be an uncaught one of the process, so a listener that does nothing takes their place.
subscribe("net.client.socket", (message) => {
  const { socket } = message as { socket: Socket };
  const { removeAllListeners } = socket;
  socket.removeAllListeners = (...of) => {
    removeAllListeners.apply(socket, of);
    return of.length === 0 ? socket.on("error", () => {}) : socket;
  };
});

/** What a {@linkcode NatsConnection} needs. */
export interface NatsConnectionOptions {
  /** Where it is. */
  readonly settings: NatsSettings;
  /** Is told when the connection breaks, and when it is there again. */
  readonly log: Log;
  /**
   * How long to try at the start, in milliseconds.
   *
   * @default {10_000}
   */
  readonly patienceMs?: number;
  /**
   * What times are taken by.
   *
   * @default {systemClock}
   */
  readonly clock?: Clock;
}

/**
 * A connection that comes back: it is tried for as long as the process lives, at each address about four times a second.
 * That the other end is dead without a word is noticed after 3 s.
 */
export class NatsConnection implements AsyncDisposable {
  /** The client. */
  readonly client: Client;
  /** What all names and subjects begin with. */
  readonly prefix: string;
  readonly #log: Log;
  readonly #listeners = new Set<(isConnected: boolean) => void>();
  #isConnected = true;
  #isClosing = false;
  /** Told of what NATS refuses; without it, the log is. */
  #onRefusal: ((refusal: StartError) => void) | undefined;

  private constructor(client: Client, { settings, log }: NatsConnectionOptions) {
    this.client = client;
    this.prefix = settings.prefix;
    this.#log = log;
    this.#watch();
  }

  /**
   * Connects.
   *
   * @throws {StartError} If a file cannot be used, or there is no connection within `patienceMs`.
   */
  static async open(options: NatsConnectionOptions): Promise<NatsConnection> {
    const { settings, patienceMs = 10_000, clock = systemClock } = options;
    const clientOptions = optionsOf(settings);
    const end = clock.monotonicMs() + patienceMs;
    for (;;) {
      try {
        const client = await connect(clientOptions);
        options.log.info("NATS connected", serverOf(client));
        return new NatsConnection(client, options);
      } catch (cause) {
        const isFinal = cause instanceof errors.AuthorizationError ||
          cause instanceof errors.UserAuthenticationExpiredError;
        if (isFinal || clock.monotonicMs() + RETRY_MS >= end) {
          const addresses = printable(settings.servers.join(", "));
          const reason = printable(whyNot(cause));
          throw new StartError(`Cannot connect to NATS at ${addresses}: ${reason}; see --nats`, {
            cause,
          });
        }
        await new Promise<void>((resolve) => clock.setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Whether it is there, as far as is known. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /**
   * Has a function called each time that it breaks and each time that it is there again. It must not throw.
   *
   * @returns Ends that.
   */
  onChange(listener: (isConnected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Does something for which NATS has to give rights: fails at once if it does not.
   *
   * @throws {StartError} If NATS refuses anything meanwhile: says what, and which rights are needed.
   */
  async permitted<T>(work: () => Promise<T>): Promise<T> {
    const { promise: refusal, reject } = Promise.withResolvers<never>();
    let isRefused = false;
    this.#onRefusal = (error) => {
      isRefused = true; // one is enough: what else is refused until the end is not told
      reject(error);
    };
    try {
      const result = await Promise.race([work(), refusal]);
      // What NATS says of all that was sent until now is here before its answer to this.
      if (this.#isConnected) {
        await Promise.race([this.client.flush().catch(() => {}), later(500), refusal]);
      }
      await Promise.race([later(0), refusal]);
      return result;
    } finally {
      refusal.catch(() => {});
      if (!isRefused) this.#onRefusal = undefined;
    }
  }

  /** Sends what waits, if NATS is there, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#listeners.clear();
    if (this.#isConnected) await Promise.race([this.client.flush().catch(() => {}), later(500)]);
    await this.client.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.client.status()) {
      if (this.#isClosing) continue;
      switch (status.type) {
        case "disconnect":
          this.#log.warn("NATS connection lost", { server: printable(status.server) });
          this.#change(false);
          break;
        case "reconnect":
          this.#log.info("NATS connected again", serverOf(this.client));
          this.#change(true);
          break;
        case "error":
          this.#refused(status.error);
          break;
        case "close":
          this.#log.error("NATS connection closed by the client");
          this.#change(false);
          break;
      }
    }
  }

  #refused(error: Error): void {
    if (this.#onRefusal === undefined || !(error instanceof errors.PermissionViolationError)) {
      this.#log.warn("NATS refuses something", { reason: printable(messageOf(error)) });
      return;
    }
    const what = error.operation === "publish" ? "publish to" : "subscribe to";
    const { prefix } = this;
    this.#onRefusal(
      new StartError(
        `NATS does not let this user ${what} ${
          printable(error.subject)
        }: it needs both rights for ` +
          `${prefix}.> and _INBOX.>, and may publish to $JS.API.>, $JS.FC.> and $KV.*.>; see --nats-prefix`,
        { cause: error },
      ),
    );
  }

  #change(isConnected: boolean): void {
    this.#isConnected = isConnected;
    for (const listener of this.#listeners) listener(isConnected);
  }
}

function whyNot(error: unknown): string {
  const reason = messageOf(error).toLowerCase();
  return /^getaddrinfo (enotfound|eai_)/.test(reason) ? "no such host" : reason;
}

function serverOf(client: Client): { server: string; version: string } {
  return {
    server: printable(client.getServer()),
    version: printable(client.info?.version ?? "unknown"),
  };
}

function optionsOf(settings: NatsSettings): ConnectionOptions {
  const { servers, isTls, login, ca, certificate } = settings;
  return {
    servers: [...servers],
    name: `jim ${Deno.pid}`,
    timeout: DIAL_MS,
    pingInterval: PING_MS,
    maxPingOut: MAX_PINGS_OUT,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: RETRY_MS,
    reconnectJitterTLS: RETRY_MS,
    // A password that is being changed on the servers one after the other must not end it.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(isTls && {
      tls: {
        ...nameCheck(servers),
        ...(ca !== undefined && { ca: readText("--nats-ca", ca) }),
        ...(certificate && {
          cert: readText("--nats-cert", certificate.cert),
          key: readText("--nats-key", certificate.key),
        }),
      },
    }),
    ...(login && authentication(login)),
  };
}

/**
 * Of a server that is named by its address the client does not say which: Node then takes it for `localhost`. So the
 * certificate may be for any address of the list, all of which are the same NATS.
 */
function nameCheck(servers: readonly string[]): object {
  const addresses = servers.map((server) => server.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1"))
    .filter((host) => isIP(host) !== 0);
  if (addresses.length === 0) return {};
  return {
    checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined {
      const fault = checkServerIdentity(host, certificate);
      const isRight = addresses.some((address) =>
        checkServerIdentity(address, certificate) === undefined
      );
      return isRight ? undefined : fault;
    },
  };
}

function authentication(login: NatsLogin): Partial<ConnectionOptions> {
  switch (login.by) {
    case "password":
      return { user: login.user, pass: login.password };
    case "token":
      return { token: login.token };
    case "creds": {
      const text = readText("--nats-creds", login.path);
      const authenticator = credsAuthenticator(new TextEncoder().encode(text));
      return { authenticator: tried(authenticator, "--nats-creds", login.path) };
    }
    case "nkey": {
      const text = readText("--nats-nkey", login.path);
      // `nk -gen user` writes the seed alone; comments and a line end are usual.
      const seed = /^\s*(S[A-Z2-7]{57})\s*$/m.exec(text)?.[1] ?? "";
      const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
      return { authenticator: tried(authenticator, "--nats-nkey", login.path) };
    }
  }
}

/** The client would find out with the first connection, and say less. */
function tried(authenticator: Authenticator, flag: string, path: string): Authenticator {
  try {
    authenticator("nonce");
  } catch (cause) {
    const what = flag === "--nats-creds" ? "a user's credentials, as nsc writes them" : "a seed";
    throw new StartError(`${flag}: ${printable(path)} must hold ${what}`, { cause });
  }
  return authenticator;
}

function readText(flag: string, path: string): string {
  return new TextDecoder().decode(readNamedFile(flag, path, StartError));
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
