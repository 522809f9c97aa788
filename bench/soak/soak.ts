/**
 * `deno task soak`: mixed traffic against a real server process. Prints a table; the exit
 * status is 1 if anything was lost, doubled, wrong or left behind.
 *
 * @module
 */

import { messageOf } from "../../common/errors.ts";
import { exitStatus } from "../../common/exit_status.ts";
import { type CommandSpec, type FlagTable, parseCommand } from "../../common/flags.ts";
import { alignTable } from "../../common/table.ts";
import { seededRandom } from "../../tests/support/random.ts";
import { ServerProcess } from "../../tests/support/server_process.ts";
import { TlsDirectory } from "../../tests/support/tls_files.ts";
import { type Address, LineClient } from "../line_client.ts";
import { classic } from "./classic.ts";
import { comeback } from "./comeback.ts";
import { type Sample, sampleProcess } from "./server_sample.ts";
import { Tally } from "./tally.ts";
import * as workers from "./workers.ts";
import { printLine } from "../../common/output.ts";

const SOAK_FLAGS = {
  minutes: {
    kind: "number",
    value: "M",
    min: 0.1,
    max: 10_000,
    default: 1,
    help: "how long",
  },
  seed: {
    kind: "integer",
    value: "N",
    min: 0,
    max: 4_294_967_295,
    default: 1,
    help: "where the random choices begin",
  },
  tls: { kind: "switch", help: "over TLS" },
} as const satisfies FlagTable;

const SOAK_COMMAND: CommandSpec<typeof SOAK_FLAGS> = {
  name: "deno task soak",
  usage: "[flags]",
  about: "Mixed traffic, friendly and hostile, against a server process; shows what it does to it.",
  flags: SOAK_FLAGS,
  maxPositional: 0,
};

/** How many of each worker there are, and what each must have done. */
const CAST: readonly [worker: workers.Worker, count: number, what: string][] = [
  [workers.pair, 10, "messages"],
  [workers.room, 4, "room messages"],
  [workers.account, 2, "stored messages"],
  [workers.account, 0, "logins"],
  [workers.visitor, 8, "joins, leaves"],
  [workers.flooder, 2, "flooded requests"],
  [workers.resetter, 4, "resets"],
  [workers.slowReader, 2, "slow readers closed"],
  [workers.halfCloser, 2, "half-closes"],
  [workers.babbler, 1, "wrong lines"],
  [comeback, 6, "comebacks"],
  [classic, 4, "classic messages"],
];

/** Memory that the server may have gained from the tenth part of the time to the end. */
const MAX_GROWTH_MIB = 64;
/** By how many descriptors the server's number may grow: some of the database may come late. */
const MAX_DESCRIPTORS = 3;

async function main(args: string[]): Promise<number> {
  const { flags, info } = parseCommand(SOAK_COMMAND, args);
  if (info !== undefined) {
    printLine(info);
    return 0;
  }
  const dir = await Deno.makeTempDir({ prefix: "jim-soak-" });
  try {
    const serverFlags = ["--log-level", "WARN", "--write-timeout", "2"];
    await using tls = flags.tls ? await TlsDirectory.make() : undefined;
    if (tls !== undefined) {
      serverFlags.push("--tls-cert", tls.files.cert, "--tls-key", tls.files.key);
    }
    const ca = tls?.pair.cert;
    await using server = await ServerProcess.start(serverFlags, { db: `${dir}/jim.db` });
    return await soak(server, { ...server.address, ca }, flags);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function soak(
  server: ServerProcess,
  address: Address,
  { minutes, seed }: { minutes: number; seed: number },
): Promise<number> {
  const tally = new Tally();
  await wake(address);
  const start = await sampleProcess(server.pid);
  const stop = new AbortController();
  const running = CAST.flatMap(([worker, count], kind) =>
    Array.from({ length: count }, async (_, index) => {
      const random = seededRandom(seed + 1_000 * kind + index);
      try {
        await worker({ address, tally, signal: stop.signal, random }, index);
      } catch (error) {
        tally.fault(`${worker.name} ended: ${messageOf(error)}`);
      }
    })
  );
  const samples: Sample[] = [];
  const ends = performance.now() + minutes * 60_000;
  for (let left = Infinity; left > 0;) {
    left = ends - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(left, minutes * 600))));
    samples.push(await sampleProcess(server.pid));
  }
  stop.abort();
  await Promise.all(running);

  await drained(server, start.descriptors + MAX_DESCRIPTORS);
  const last = await LineClient.online(address, "last");
  const { total } = await last.ask({ event: "who" });
  const room = await last.ask({ event: "join", room: "#room0" });
  last.close();
  await drained(server, start.descriptors + MAX_DESCRIPTORS);
  const end = await sampleProcess(server.pid);
  const stopping = performance.now();
  server.kill("SIGTERM");
  const { code, stderr } = await server.ended();
  const stoppingMs = performance.now() - stopping;

  const early = samples[Math.floor(samples.length / 10)]!;
  const peak = Math.max(...samples.map(({ rssMib }) => rssMib));
  const errors = stderr.split("\n").filter((line) => / (ERROR|CRITICAL) /.test(line));
  const rows: [what: string, value: string, isRight: boolean][] = [
    ...CAST.map(([, , what]): [string, string, boolean] => {
      const count = tally.done.get(what) ?? 0;
      return [what, `${count}`, count > 0];
    }),
    ["round trip p50", `${tally.roundTrips.quantile(0.5).toFixed(2)} ms`, true],
    ["round trip p99", `${tally.roundTrips.quantile(0.99).toFixed(2)} ms`, true],
    ["messages lost", `${tally.lost}`, tally.lost === 0],
    ["messages doubled", `${tally.doubled}`, tally.doubled === 0],
    ["faults", `${tally.faultCount}`, tally.faultCount === 0],
    ["errors in the log", `${errors.length}`, errors.length === 0],
    [
      "RSS after a tenth, at the end, at most",
      `${mib(early.rssMib)}, ${mib(end.rssMib)}, ${mib(peak)}`,
      end.rssMib - early.rssMib <= MAX_GROWTH_MIB,
    ],
    [
      "descriptors at the start, at most, at the end",
      `${start.descriptors}, ${
        Math.max(...samples.map(({ descriptors }) => descriptors))
      }, ${end.descriptors}`,
      end.descriptors <= start.descriptors + MAX_DESCRIPTORS,
    ],
    ["sessions left behind", `${(total as number) - 1}`, total === 1],
    ["rooms left behind", room.response === 201 ? "0" : "1 or more", room.response === 201],
    [
      "end after SIGTERM",
      `${code === 0 ? "in order" : `status ${code}`}, ${stoppingMs.toFixed(0)} ms`,
      code === 0 && stoppingMs < 5_000,
    ],
  ];
  const cells = rows.map(([what, value, isRight]) => [what, value, isRight ? "" : "WRONG"]);
  for (const line of alignTable(cells, [1])) printLine(line);
  for (const fault of [...tally.faults, ...errors.slice(0, 10)]) printLine(fault);
  return rows.every(([, , isRight]) => isRight) ? 0 : 1;
}

/** Has the server open all that it opens late: its database for writing, and the thread that reads what is kept. */
async function wake(address: Address): Promise<void> {
  const user = { account_name: "first", password: "correct horse" };
  const first = await LineClient.connect(address);
  await first.ask({ event: "authenticate", user, register: true });
  await first.ask({ event: "msg", to: "first", message: "hello" });
  const { response } = await first.ask({ event: "search", text: "hello" });
  if (response !== 200) throw new Error(`The server cannot search: ${response}`);
  await first.ask({ event: "quit" });
  await first.ended;
}

/** Waits, ten seconds at most, until the server has closed its connections; the table shows what is left. */
async function drained(server: ServerProcess, descriptors: number): Promise<void> {
  for (let i = 0; i < 50 && (await sampleProcess(server.pid)).descriptors > descriptors; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function mib(value: number): string {
  return `${value.toFixed(0)} MiB`;
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
