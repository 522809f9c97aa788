/**
 * Certificates and keys in a directory that is gone after the test.
 *
 * @module
 */

import { type CertifiedKey, makeCertificate } from "../../server/admin/certificate.ts";
import type { TlsFiles } from "../../server/flags.ts";

/** Files of a certificate for localhost and its key. */
export class TlsDirectory implements AsyncDisposable {
  /** Where it is. */
  readonly path: string;
  /** What `--tls-cert` and `--tls-key` are given. */
  readonly files: TlsFiles;
  /** What is in the files. */
  pair: CertifiedKey;

  private constructor(path: string, pair: CertifiedKey) {
    this.path = path;
    this.files = { cert: `${path}/cert.pem`, key: `${path}/key.pem` };
    this.pair = pair;
  }

  /** Makes the directory, with a certificate and its key. */
  static async make(): Promise<TlsDirectory> {
    const path = await Deno.makeTempDir({ prefix: "jim-tls-" });
    const directory = new TlsDirectory(path, await makeCertificate());
    await directory.put(directory.pair);
    return directory;
  }

  /** Flags of a server that uses them. */
  get flags(): string[] {
    return ["--tls-cert", this.files.cert, "--tls-key", this.files.key];
  }

  /** Replaces both files. */
  async put(pair: CertifiedKey): Promise<void> {
    this.pair = pair;
    await Deno.writeTextFile(this.files.cert, pair.cert);
    await Deno.writeTextFile(this.files.key, pair.key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
