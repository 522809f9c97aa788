/**
 * Makes a self-signed certificate: `deno task cert`.
 *
 * @module
 */

import { messageOf, StartError, UsageError } from "./common/errors.ts";
import { exitStatus } from "./common/exit_status.ts";
import { type CommandSpec, type FlagTable, parseCommand } from "./common/flags.ts";
import { printable } from "./common/printable.ts";
import { makePrivateDirectory, openPrivateFile } from "./common/private_files.ts";
import { makeCertificate } from "./server/admin/certificate.ts";
import { printLine } from "./common/output.ts";

const CERT_FLAGS = {
  dir: { kind: "text", value: "DIR", default: "tls", help: "put cert.pem and key.pem there" },
  days: {
    kind: "integer",
    value: "DAYS",
    min: 1,
    max: 36_500,
    default: 365,
    help: "for how long the certificate is valid",
  },
} as const satisfies FlagTable;

const CERT_COMMAND: CommandSpec<typeof CERT_FLAGS> = {
  name: "deno task cert",
  usage: "[HOST …] [flags]",
  about: "Makes a self-signed certificate for a server, by default for localhost.",
  flags: CERT_FLAGS,
  maxPositional: 100,
};

/** A host name (RFC 1123, 2.1; a first label `*` stands for any) or an address. */
const HOST =
  /^(?=.{1,253}$)(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i;

async function main(args: string[]): Promise<void> {
  const { flags: { dir, days }, info, positional: hosts } = parseCommand(CERT_COMMAND, args);
  if (info !== undefined) return printLine(info);
  for (const host of hosts) {
    if (HOST.test(host) || (IPV6.test(host) && URL.canParse(`http://[${host}]`))) continue;
    throw new UsageError(`HOST must be a host name or an address, received '${printable(host)}'`);
  }
  const { cert, key } = await makeCertificate({ days, ...(hosts.length > 0 && { hosts }) });
  try {
    makePrivateDirectory(dir);
  } catch (error) {
    throw new StartError(`Cannot make the directory ${dir}: ${whyNot(error)}`);
  }
  const keyPath = `${dir}/key.pem`, certPath = `${dir}/cert.pem`;
  write(keyPath, () => {
    using file = openPrivateFile(keyPath, { createNew: true });
    file.writeSync(new TextEncoder().encode(key));
  });
  try {
    write(certPath, () => Deno.writeTextFileSync(certPath, cert, { mode: 0o644, createNew: true }));
  } catch (error) {
    await Deno.remove(keyPath); // it is the key of nothing
    throw error;
  }
  printLine(`${certPath} is the certificate; give it to the clients`);
  printLine(`${keyPath} is its private key; keep it to yourself`);
  printLine(`deno task server --tls-cert ${certPath} --tls-key ${keyPath}`);
  printLine(`deno run --allow-net --allow-read=${certPath} client.ts --tls --ca ${certPath}`);
}

/** Writes a file that did not exist, or says why not. */
function write(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new StartError(`Cannot write ${path}: ${whyNot(error)}`);
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.AlreadyExists) return "it exists; choose another --dir";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return messageOf(error);
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
