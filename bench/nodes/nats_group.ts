/**
 * NATS servers with JetStream, for nodes of our server to meet on.
 *
 * @module
 */

import { NATS } from "../peers.ts";
import { freePorts, type Host, type RunningServer, startPeer } from "../servers.ts";

/** NATS servers that accept connections; several are a cluster, which may not have chosen its leader yet. */
export interface NatsGroup extends AsyncDisposable {
  /** Where they are, as `--nats` takes it. */
  readonly urls: string;
  /** The servers. */
  readonly servers: readonly RunningServer[];
}

/**
 * Starts NATS servers on free ports of 127.0.0.1; each keeps what it is given in a directory of its own.
 *
 * @param host See {@linkcode Host}.
 * @param count How many: as many copies there are of what is kept. 1, or an odd number.
 * @throws {StartError} If there is no nats-server, or one does not start.
 */
export async function startNats(host: Host, count: number): Promise<NatsGroup> {
  const ports = freePorts(count * 2);
  const clients = ports.slice(0, count);
  const routes = ports.slice(count).map((port) => `nats://127.0.0.1:${port}`);
  await using stack = new AsyncDisposableStack();
  const servers: RunningServer[] = [];
  for (const [index, port] of clients.entries()) {
    const store = await Deno.makeTempDir({ dir: host.directory, prefix: "nats-" });
    const args = ["--addr", "127.0.0.1", "--port", `${port}`, "--jetstream", "--store_dir", store];
    if (count > 1) {
      args.push("--name", `nats-${index + 1}`, "--cluster_name", "bench");
      args.push("--cluster", routes[index]!, "--routes", routes.join());
    }
    servers.push(stack.use(await startPeer(NATS, host, port, "nats-server", args)));
  }
  const ending = stack.move();
  return {
    urls: clients.map((port) => `nats://127.0.0.1:${port}`).join(),
    servers,
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}
