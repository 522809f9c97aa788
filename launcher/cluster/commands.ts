/**
 * The command lines that start NATS servers and nodes on this machine.
 *
 * @module
 */

import { type Command, type Runtime, serverCommand } from "../commands.ts";
import type { ClusterPlan } from "./flags.ts";

/** Ports of a NATS server on the loopback interface. */
export interface NatsPorts {
  /** For clients. */
  readonly client: number;
  /** For the other NATS servers. */
  readonly cluster: number;
}

/** With this status the shell says that there is no such program. */
export const NOT_INSTALLED = 127;

/**
 * Runs `nats-server` so that it ends when standard input does, whatever becomes of who has started it: nothing else
 * would end it after a SIGKILL of its parent. What it makes, directories above its own included, is for its user alone:
 * the log in it has what people write and the hashes of their passwords.
 */
const GUARDED = `command -v nats-server >/dev/null || exit ${NOT_INSTALLED}; ` +
  `umask 077; exec 3<&0; nats-server "$@" & nats=$!; ` +
  // Only nats-server keeps the outputs: the shell says nothing of its own, and they end when nats-server does.
  `exec >/dev/null 2>&1; trap 'kill $nats' TERM INT; (cat; kill $nats) <&3 & wait $nats`;

/**
 * Runs one of several NATS servers with JetStream.
 *
 * @param index From 0 on.
 * @param all The ports of all of them.
 */
export function natsCommand(
  { data }: Pick<ClusterPlan, "data">,
  index: number,
  all: readonly NatsPorts[],
): Command {
  const { client, cluster } = all[index]!;
  const name = `nats-${index + 1}`;
  const routes = all.map((ports) => `nats://127.0.0.1:${ports.cluster}`).join(",");
  const args = [
    ...["--addr", "127.0.0.1", "--port", String(client), "--name", name],
    ...["--jetstream", "--store_dir", `${data}/${name}`],
    ...(all.length > 1
      ? ["--cluster_name", "jim", "--cluster", `nats://127.0.0.1:${cluster}`, "--routes", routes]
      : []),
  ];
  return { program: "sh", args: ["-c", GUARDED, "nats-server", ...args] };
}

/** Where NATS servers are, as `--nats` takes them. */
export function natsUrls(nats: readonly NatsPorts[]): string {
  return nats.map(({ client }) => `nats://127.0.0.1:${client}`).join(",");
}

/** Runs one of several nodes. */
export function nodeCommand(
  runtime: Runtime,
  { addr, port, isOnePort, data, nodeArgs }: ClusterPlan,
  index: number,
  nats: readonly NatsPorts[],
): Command {
  const folder = `${data}/node-${index + 1}`;
  const args = [
    ...["--addr", addr, "--port", String(port === 0 || isOnePort ? port : port + index)],
    ...["--db", `${folder}/jim.db`, "--log-dir", `${folder}/logs`, "--nats", natsUrls(nats)],
    // Where it listens would tell none from the others.
    ...(isOnePort ? ["--reuse-port", "--node", `node-${index + 1}`] : []),
    ...withOwnMetrics(nodeArgs, index),
  ];
  const command = serverCommand(runtime, args);
  if (!isOnePort) return command;
  const [run, ...others] = command.args;
  return { ...command, args: [run!, "--unstable-net", ...others] };
}

/** Each node answers monitoring at a port of its own, `index` behind that of the first. What is no port stays as it is. */
function withOwnMetrics(args: readonly string[], index: number): string[] {
  return args.map((arg, i) =>
    arg.startsWith("--metrics=") || args[i - 1] === "--metrics"
      ? arg.replace(/(?<=^|[=:])\d+$/, (port) => String(port === "0" ? 0 : Number(port) + index))
      : arg
  );
}
