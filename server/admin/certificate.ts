/**
 * Self-signed certificates: for trying TLS, and for a small circle that pins them.
 *
 * @module
 */

import { isIP } from "node:net";
// Not in the imports of deno.json: what stands there is downloaded by every task.
import { generate } from "npm:selfsigned@5.5.0";

/** What a certificate says. */
export interface CertificateOptions {
  /**
   * Host names and addresses that it is for.
   *
   * @default {["localhost", "127.0.0.1", "::1"]}
   */
  hosts?: readonly string[];
  /**
   * From when it is valid.
   *
   * @default {new Date()}
   */
  from?: Date;
  /**
   * For how many days it is valid.
   *
   * @default {365}
   */
  days?: number;
}

/** A certificate and its private key, in PEM format. */
export interface CertifiedKey {
  /** The certificate. */
  cert: string;
  /** The private key, not encrypted. */
  key: string;
}

const DAY_MS = 86_400_000;

/**
 * Makes a key (ECDSA on P-256) and a certificate for it.
 *
 * The certificate is no authority (RFC 5280, 4.2.1.9): whoever trusts it trusts this one server, and its key
 * can certify nothing else.
 *
 * @throws {Error} If the engine refuses, for example a host that is no name.
 */
export async function makeCertificate(options: CertificateOptions = {}): Promise<CertifiedKey> {
  const { hosts = ["localhost", "127.0.0.1", "::1"], from = new Date(), days = 365 } = options;
  const { cert, private: key } = await generate([{ name: "commonName", value: hosts[0] ?? "" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: from,
    notAfterDate: new Date(from.getTime() + days * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: hosts.map((host) =>
          isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }
        ),
      },
    ],
  });
  return { cert, key };
}
