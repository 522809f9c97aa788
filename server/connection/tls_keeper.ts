/**
 * The server's certificate and key: read, checked, renewed.
 *
 * @module
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";

import { StartError, whyUnreadable } from "../../common/errors.ts";
import type { Link } from "../../common/link.ts";
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
  const cert = readPem("--tls-cert", files.cert, "CERTIFICATE");
  const key = readPem("--tls-key", files.key, "PRIVATE KEY");
  const chain = cert.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [""];
  const [leaf] = chain.map((text, index) =>
    parse(
      () => new X509Certificate(text),
      `--tls-cert: certificate ${index + 1} in ${files.cert} is not valid`,
    )
  );
  const privateKey = parse(
    () => createPrivateKey(key),
    `--tls-key: ${files.key} holds no usable private key; it must be PEM without a passphrase`,
  );
  if (!leaf!.checkPrivateKey(privateKey)) {
    throw new StartError(`--tls-key: ${files.key} is not the key of the certificate ${files.cert}`);
  }
  // What the TLS engine itself says of the pair: `createSecureContext` takes everything, and each handshake
  // would fail later. The listener is closed before it has accepted anything.
  parse(
    () => Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close(),
    `--tls-cert, --tls-key: TLS cannot use ${files.cert} with ${files.key}; ` +
      "allowed are RSA from 2048 bits, ECDSA on P-256 or P-384, and Ed25519",
  );
  return [createSecureContext({ cert, key }), new Date(leaf!.validTo)];
}

function readPem(flag: string, path: string, kind: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (cause) {
    throw new StartError(`${flag}: cannot read ${path}: ${whyUnreadable(cause)}`, { cause });
  }
  if (new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(text)) return text;
  throw new StartError(`${flag}: ${path} must hold a ${kind.toLowerCase()} in PEM format`);
}

function parse<T>(read: () => T, complaint: string): T {
  try {
    return read();
  } catch (cause) {
    throw new StartError(complaint, { cause });
  }
}
