/**
 * The server's certificate and key: read, checked, renewed.
 *
 * @module
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";

import { StartError } from "../../common/errors.ts";
import type { Link } from "../../common/link.ts";
import { readNamedFile } from "../../common/named_file.ts";
import { printable } from "../../common/printable.ts";
import { TlsConnection } from "./tls_connection.ts";
import type { TlsFiles } from "../flags.ts";

/**
 * Puts TLS on connections, with the certificate that was read last.
 *
 * @example
 * ```ts ignore
 * const tls = new TlsKeeper({ cert: "tls/cert.pem", key: "tls/key.pem" });
 * const server = new ChatServer({ store, tls });
 * Deno.addSignalListener("SIGHUP", () => tls.reload());
 * ```
 */
export class TlsKeeper {
  readonly #files: TlsFiles;
  #context: SecureContext;
  #expires: Date;

  /**
   * Reads the files.
   *
   * @param files Where they are.
   * @throws {StartError} If they cannot be read or do not fit: one line that says what is wrong.
   */
  constructor(files: TlsFiles) {
    this.#files = files;
    [this.#context, this.#expires] = load(files);
  }

  /** Where the certificate is. */
  get path(): string {
    return this.#files.cert;
  }

  /** When the certificate ends. */
  get expires(): Date {
    return this.#expires;
  }

  /**
   * Reads the files again: connections made from now on get what is in them. Those that exist stay as they
   * are, and the listening socket is not touched.
   *
   * @throws {StartError} As the constructor does; the certificate in use stays in use then.
   */
  reload(): void {
    [this.#context, this.#expires] = load(this.#files);
  }

  /** Begins the handshake on an accepted connection, which then belongs to the result. */
  secure(conn: Link): TlsConnection {
    return new TlsConnection(conn, this.#context);
  }
}

function load(files: TlsFiles): [SecureContext, Date] {
  // What a file has besides, a key beside the certificate for one, is none of the TLS engine's business.
  const chain = readPem("--tls-cert", files.cert, "certificate");
  const [key] = readPem("--tls-key", files.key, "private key");
  const [certPath, keyPath] = [printable(files.cert), printable(files.key)];
  const [leaf] = chain.map((text, index) =>
    parse(
      () => new X509Certificate(text),
      `--tls-cert: certificate ${index + 1} in ${certPath} is not valid`,
    )
  );
  const privateKey = parse(
    () => createPrivateKey(key!),
    `--tls-key: ${keyPath} holds no usable private key; it must be PEM without a passphrase`,
  );
  if (!leaf!.checkPrivateKey(privateKey)) {
    throw new StartError(`--tls-key: ${keyPath} is not the key of the certificate ${certPath}`);
  }
  const pair = { cert: chain.join("\n"), key: key! };
  // What the TLS engine itself says of the pair: `createSecureContext` takes everything, and each handshake
  // would fail later. The listener is closed before it has accepted anything.
  parse(
    () => Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...pair }).close(),
    `--tls-cert, --tls-key: TLS cannot use ${certPath} with ${keyPath}; allowed are X.509 v3 ` +
      "certificates with RSA from 2048 bits, ECDSA on P-256 or P-384, or Ed25519",
  );
  return [createSecureContext(pair), new Date(leaf!.validTo)];
}

/** What begins and ends as PEM has it. A block without an end goes on to the file's, for whoever reads it to refuse. */
const BLOCKS = {
  "certificate": /-----BEGIN (CERTIFICATE)-----.*?(?:-----END \1-----|$)/gs,
  "private key": /-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----.*?(?:-----END \1-----|$)/gs,
};

function readPem(flag: string, path: string, kind: keyof typeof BLOCKS): string[] {
  // A byte order mark goes with the decoding.
  const text = new TextDecoder().decode(readNamedFile(flag, path, StartError));
  const blocks = text.match(BLOCKS[kind]);
  if (blocks !== null) return blocks;
  throw new StartError(`${flag}: ${printable(path)} must hold a ${kind} in PEM format`);
}

function parse<T>(read: () => T, complaint: string): T {
  try {
    return read();
  } catch (cause) {
    throw new StartError(complaint, { cause });
  }
}
