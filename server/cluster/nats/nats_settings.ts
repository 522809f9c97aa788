/**
 * What `--nats` and the flags beside it say. Loads nothing of the client: a server without NATS reads them, too.
 *
 * @module
 */

import { FlagError } from "../../../common/errors.ts";
import { printable } from "../../../common/printable.ts";

/** The port that a NATS server listens on if nothing else is said. */
const DEFAULT_PORT = 4222;

/** How to get to NATS, and what is there. */
export interface NatsSettings {
  /** `host:port` each; an IPv6 address is in brackets. At least one. */
  readonly servers: readonly string[];
  /** Whether nothing may be said before the connection is encrypted. */
  readonly isTls: boolean;
  /** What names of streams, buckets and subjects begin with: 1–32 of letters, digits, `-` and `_`. */
  readonly prefix: string;
  /** Who this is; without it NATS is not told. */
  readonly login?: NatsLogin;
  /** Path of the authorities to trust (PEM); without it those of the system. */
  readonly ca?: string;
  /** Paths of the certificate to show and of its key (PEM). */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** One of the ways to say who one is. */
export type NatsLogin =
  | { readonly by: "password"; readonly user: string; readonly password: string }
  | { readonly by: "token"; readonly token: string }
  /** Path of a file with a user's JWT and seed, as `nsc` writes it. */
  | { readonly by: "creds"; readonly path: string }
  /** Path of a file with the seed of a user's NKey. */
  | { readonly by: "nkey"; readonly path: string };

/** The flags that mean something beside `--nats` only. */
const COMPANIONS: readonly Companion[] = [
  "nats-prefix",
  "nats-creds",
  "nats-nkey",
  "nats-ca",
  "nats-cert",
  "nats-key",
];

/** One of them. */
export type Companion = `nats-${"prefix" | "creds" | "nkey" | "ca" | "cert" | "key"}`;

/** The flags, by their names. */
export type NatsFlags = { readonly [name in "nats" | Companion]?: string | undefined };

/**
 * Reads the flags; no file is opened.
 *
 * @returns `undefined` if the server is to be alone.
 * @throws {FlagError} If a value is wrong, or they do not fit together. No password is in it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const settings = natsSettingsOf({ nats: "nats://jim:secret@10.0.0.1,nats://10.0.0.2:4333" });
 * assertEquals(settings?.servers, ["10.0.0.1:4222", "10.0.0.2:4333"]);
 * assertEquals(settings?.login, { by: "password", user: "jim", password: "secret" });
 * ```
 */
export function natsSettingsOf(flags: NatsFlags): NatsSettings | undefined {
  if (flags.nats === undefined) {
    const lonely = COMPANIONS.find((name) => flags[name] !== undefined);
    if (lonely !== undefined) {
      throw new FlagError(lonely, (shown) => `${shown(lonely)} needs ${shown("nats")}`);
    }
    return undefined;
  }
  const prefix = flags["nats-prefix"] ?? "jim";
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(prefix)) {
    throw new FlagError(
      "nats-prefix",
      (shown) =>
        `${shown("nats-prefix")} must be 1 to 32 letters (A to Z), digits, - and _, ` +
        `received '${printable(prefix.slice(0, 60))}'`,
    );
  }
  const urls = flags.nats.split(",").map((part) => readUrl(part, flags.nats!));
  const isTls = urls[0]!.protocol === "tls:";
  if (urls.some(({ protocol }) => protocol !== urls[0]!.protocol)) {
    throw new FlagError(
      "nats",
      (shown) => `${shown("nats")} must have all URLs with nats:// or all with tls://`,
    );
  }
  const { "nats-cert": cert, "nats-key": key, "nats-ca": ca } = flags;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined
      ? ["nats-key", "nats-cert"] as const
      : ["nats-cert", "nats-key"] as const;
    throw new FlagError(given, (shown) => `${shown(given)} needs ${shown(missing)}, too`);
  }
  if (!isTls && (ca ?? cert) !== undefined) {
    const flag = ca === undefined ? "nats-cert" : "nats-ca";
    throw new FlagError(flag, (shown) => `${shown(flag)} needs ${shown("nats")} tls://…`);
  }
  const login = loginOf(urls, flags);
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || DEFAULT_PORT}`),
    ...{ isTls, prefix },
    ...(login && { login }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && key !== undefined && { certificate: { cert, key } }),
  };
}

/**
 * The value of `--nats` as others may see it: without users, passwords and tokens.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(maskUrls("nats://jim:secret@a,nats://b"), "nats://***@a,nats://b");
 * ```
 */
export function maskUrls(text: string): string {
  const mask = (part: string): string => part.replace(/^([a-z]*:\/\/)?.*@/is, "$1***@");
  const parts = text.split(",");
  // A password may have a comma that stands for itself: then it is not known where one URL ends.
  return parts.every(isWhole) ? parts.map(mask).join() : mask(text);
}

function isWhole(part: string): boolean {
  return /^(nats|tls):\/\/./.test(part) && URL.canParse(part);
}

function readUrl(part: string, all: string): URL {
  const url = isWhole(part) ? new URL(part) : undefined;
  const isRight = url !== undefined && url.hostname !== "" && url.port !== "0" &&
    ["", "/"].includes(url.pathname) && url.search === "" && url.hash === "" &&
    /^([\w.-]+|\[[\da-f:.]+\])$/i.test(url.hostname);
  if (isRight) return url;
  throw new FlagError(
    "nats",
    (shown) =>
      `${
        shown("nats")
      } must be nats://[USER:PASSWORD@|TOKEN@]HOST[:PORT] or tls://…, several with ` +
      `commas, received '${printable(maskUrls(all).slice(0, 60))}'`,
  );
}

function loginOf(urls: readonly URL[], flags: NatsFlags): NatsLogin | undefined {
  const inUrls = urls.filter(({ username }) => username !== "").map(({ username, password }) => {
    const user = decoded(username);
    return password === ""
      ? { by: "token", token: user } as const
      : { by: "password", user, password: decoded(password) } as const;
  });
  if (new Set(inUrls.map((login) => JSON.stringify(login))).size > 1) {
    throw new FlagError(
      "nats",
      (shown) => `${shown("nats")} must have the same user and password in all URLs, or in one`,
    );
  }
  const { "nats-creds": creds, "nats-nkey": nkey } = flags;
  const all: NatsLogin[] = [
    ...inUrls.slice(0, 1),
    ...(creds === undefined ? [] : [{ by: "creds", path: creds } as const]),
    ...(nkey === undefined ? [] : [{ by: "nkey", path: nkey } as const]),
  ];
  if (all.length > 1) {
    throw new FlagError(
      "nats",
      (shown) =>
        `${shown("nats")} takes one login: a user or token in the URL, ${shown("nats-creds")} or ` +
        shown("nats-nkey"),
    );
  }
  return all[0];
}

/** A per cent sign that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
