/**
 * Our server with TLS: its own, and that of HAProxy in front of it.
 *
 * @module
 */

import { makeCertificate } from "../../server/admin/certificate.ts";
import { together } from "../nodes/together.ts";
import {
  firstVersion,
  freePort,
  type Host,
  JIM,
  type RunningServer,
  type Server,
  startPeer,
  startUnlimited,
} from "../servers.ts";

/** With `--tls-cert` and `--tls-key`. */
export const TLS: Server = {
  ...JIM,
  id: "tls",
  title: "its own TLS",
  tls: true,
  isVariant: true,
  async start(host) {
    const { cert, key } = await certify(host);
    const flags = ["--db", ":memory:", "--tls-cert", cert, "--tls-key", key];
    return await startUnlimited(this, host, flags);
  },
};

/** Behind a HAProxy that ends TLS and tells clients' addresses, both on this machine. */
export const HAPROXY: Server = {
  ...JIM,
  id: "haproxy",
  title: "TLS of HAProxy in front",
  tls: true,
  isVariant: true,
  async version(host) {
    const install = "apt-get install haproxy";
    const version = firstVersion(await host.processes.run("haproxy", ["-v"], { install }));
    return `${await JIM.version(host)}, HAProxy ${version}`;
  },
  async start(host) {
    await using stack = new AsyncDisposableStack();
    const flags = ["--db", ":memory:", "--proxy-protocol", "127.0.0.1"];
    const server = stack.use(await startUnlimited(this, host, flags));
    const proxy = stack.use(await startHaproxy(this, host, server.port));
    return together(this, [proxy], [server], stack.move());
  },
};

async function startHaproxy(
  server: Server,
  host: Host,
  behind: number,
): Promise<RunningServer> {
  const { cert, key, directory } = await certify(host);
  const both = await Promise.all([cert, key].map((path) => Deno.readTextFile(path)));
  await Deno.writeTextFile(`${directory}/both.pem`, both.join("\n"), { mode: 0o600 });
  const port = freePort();
  const path = `${directory}/haproxy.cfg`;
  await Deno.writeTextFile(path, configuration(port, `${directory}/both.pem`, behind));
  return await startPeer(server, host, port, "haproxy", ["-db", "-f", path]);
}

/** As in docs/operating.md, with room for all connections. */
function configuration(port: number, pem: string, behind: number): string {
  return `global
    maxconn 8000
defaults
    mode tcp
    timeout connect 5s
    timeout client 5m
    timeout server 5m
listen jim-tls
    bind 127.0.0.1:${port} backlog 4096 ssl crt ${pem}
    server jim 127.0.0.1:${behind} send-proxy-v2
`;
}

/** Makes a certificate in a directory of its own. */
async function certify(host: Host): Promise<{ directory: string; cert: string; key: string }> {
  const directory = await Deno.makeTempDir({ dir: host.directory, prefix: "tls-" });
  const files = { cert: `${directory}/cert.pem`, key: `${directory}/key.pem` };
  const { cert, key } = await makeCertificate();
  await Deno.writeTextFile(files.cert, cert);
  await Deno.writeTextFile(files.key, key, { mode: 0o600 });
  return { directory, ...files };
}
