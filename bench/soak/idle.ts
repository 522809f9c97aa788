/**
 * `deno task idle`: what connections cost that are online and say nothing but the answers to probes.
 *
 * @module
 */

import { exitStatus } from "../../common/exit_status.ts";
import { type CommandSpec, type FlagTable, parseCommand } from "../../common/flags.ts";
import { alignTable } from "../../common/table.ts";
import { ServerProcess } from "../../tests/support/server_process.ts";
import { TlsDirectory } from "../../tests/support/tls_files.ts";
import { LineClient } from "../line_client.ts";
import { sampleProcess } from "./server_sample.ts";
import { printLine } from "../../common/output.ts";

const IDLE_FLAGS = {
  connections: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 1_000_000,
    default: 10_000,
    help: "connections; this process and the server need a descriptor for each (ulimit -n)",
  },
  seconds: {
    kind: "integer",
    value: "S",
    min: 1,
    max: 86_400,
    default: 60,
    help: "how long to watch them; each is probed once a minute",
  },
  tls: { kind: "switch", help: "over TLS" },
} as const satisfies FlagTable;

const IDLE_COMMAND: CommandSpec<typeof IDLE_FLAGS> = {
  name: "deno task idle",
  usage: "[flags]",
  about: "Measures what idle connections cost a server process.",
  flags: IDLE_FLAGS,
  maxPositional: 0,
};

/** Connections that are made at once. */
const AT_ONCE = 50;

async function main(args: string[]): Promise<void> {
  const { flags, info } = parseCommand(IDLE_COMMAND, args);
  if (info !== undefined) return printLine(info);
  const dir = await Deno.makeTempDir({ prefix: "jim-idle-" });
  try {
    const serverFlags = [
      ...["--log-level", "WARN", "--max-per-ip", "0", "--max-connections", "0"],
      ...["--max-names-per-ip", "0", "--max-pending", "0"],
    ];
    await using tls = flags.tls ? await TlsDirectory.make() : undefined;
    if (tls !== undefined) {
      serverFlags.push("--tls-cert", tls.files.cert, "--tls-key", tls.files.key);
    }
    const ca = tls?.pair.cert;
    await using server = await ServerProcess.start(serverFlags, { db: `${dir}/jim.db` });
    const before = await sampleProcess(server.pid);
    const clients: LineClient[] = [];
    const connecting = performance.now();
    for (let made = 0; made < flags.connections; made += AT_ONCE) {
      const count = Math.min(AT_ONCE, flags.connections - made);
      clients.push(
        ...await Promise.all(Array.from(
          { length: count },
          (_, i) => LineClient.online({ ...server.address, ca }, `idle${made + i}`),
        )),
      );
    }
    const connectSeconds = (performance.now() - connecting) / 1_000;
    const start = await sampleProcess(server.pid);
    await new Promise((resolve) => setTimeout(resolve, flags.seconds * 1_000));
    const end = await sampleProcess(server.pid);
    const gained = end.rssMib - before.rssMib;
    const rows = [
      ["connections", `${flags.connections}`],
      ["made in", `${connectSeconds.toFixed(1)} s`],
      ["descriptors", `${end.descriptors}`],
      ["RSS without them", `${before.rssMib.toFixed(0)} MiB`],
      ["RSS with them", `${end.rssMib.toFixed(0)} MiB`],
      ["memory each", `${(gained * 1_024 / flags.connections).toFixed(1)} KiB`],
      ["probes answered", `${clients.reduce((sum, { probes }) => sum + probes, 0)}`],
      [
        "share of one core",
        `${(100 * (end.cpuSeconds - start.cpuSeconds) / flags.seconds).toFixed(1)} %`,
      ],
    ];
    for (const line of alignTable(rows, [1])) printLine(line);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
