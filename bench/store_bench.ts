/**
 * How many messages a second the server stores, and what others notice of it: the round trip of a direct message
 * between two other users meanwhile.
 *
 * `deno run -A bench/store_bench.ts [--senders 1,200] [--in-flight 1,32] [--seconds 5] [--dir DIR]`; the
 * directory decides which disk is measured. A message is counted when its 202 has arrived, so when it is on that disk.
 *
 * @module
 */

import { type CommandSpec, type FlagTable, parseCommand } from "../common/flags.ts";
import { printLine } from "../common/output.ts";
import { UserAdmin } from "../server/store/user_admin.ts";
import { ServerProcess } from "../tests/support/server_process.ts";
import { type Address, LineClient } from "./line_client.ts";
import { measureRoundTrips, percentiles } from "./round_trips.ts";

/** Enough mailboxes that not all are full before the time is over: guests may have a fifth of each. */
const MAILBOXES = 2_000;

const FLAGS = {
  senders: {
    kind: "text",
    value: "N,N",
    default: "1,200",
    help: "senders at once, one number a round",
  },
  "in-flight": {
    kind: "text",
    value: "N,N",
    default: "1,32",
    help: "messages of each sender that wait for their answers, one number a round",
  },
  seconds: {
    kind: "number",
    value: "S",
    min: 0.1,
    max: 60,
    default: 5,
    help: "duration of a round",
  },
  dir: { kind: "text", value: "DIR", default: "/tmp", help: "where the database is" },
} as const satisfies FlagTable;

const COMMAND: CommandSpec<typeof FLAGS> = {
  name: "deno run -A bench/store_bench.ts",
  usage: "[flags]",
  about: "Measures how many messages are stored a second.",
  flags: FLAGS,
  maxPositional: 0,
};

async function main(): Promise<void> {
  const { flags } = parseCommand(COMMAND, Deno.args);
  const { seconds, dir: parent } = flags;
  const [senderCounts, windows] = [flags.senders, flags["in-flight"]].map((list) =>
    list.split(",").map(Number)
  ) as [number[], number[]];
  const dir = await Deno.makeTempDir({ prefix: "jim-bench-", dir: parent });
  try {
    const db = `${dir}/jim.db`;
    {
      using users = UserAdmin.open(db, true, () => Date.now() / 1000);
      for (let n = 0; n < MAILBOXES; n++) users.add(`box${n}`, `box${n}`, "no password fits");
    }
    await using server = await ServerProcess.start(["--rate", "0", "--max-names-per-ip", "0"], {
      db,
    });
    report("nothing stored", 0, await measureRoundTrips(server.address, seconds));
    for (const senders of senderCounts) {
      for (const inFlight of windows) {
        const end = performance.now() + seconds * 1000;
        const [counts, trips] = await Promise.all([
          Promise.all(
            Array.from({ length: senders }, (_, n) => storeUntil(server.address, n, inFlight, end)),
          ),
          measureRoundTrips(server.address, seconds),
        ]);
        const stored = counts.reduce((sum, count) => sum + count, 0) / seconds;
        report(`${senders} senders × ${inFlight}`, stored, trips);
      }
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Stores messages with that many in flight until it is time; resolves with how many were. */
async function storeUntil(
  address: Address,
  sender: number,
  inFlight: number,
  end: number,
): Promise<number> {
  const name = `sender${sender}-${crypto.randomUUID().slice(0, 8)}`;
  using client = await LineClient.online(address, name);
  let box = sender;
  let count = 0;
  const storeOneByOne = async (): Promise<void> => {
    while (performance.now() < end) {
      const to = `box${box % MAILBOXES}`;
      const { response } = await client.ask({
        event: "msg",
        to,
        message: "x".repeat(100),
        store: true,
      });
      if (response === 202) count++;
      else if (response !== 410) throw new Error(`Expected 202 or 410, received ${response}`);
      else if (to === `box${box % MAILBOXES}`) box++; // full, and the first to notice
    }
  };
  await Promise.all(Array.from({ length: inFlight }, storeOneByOne));
  return count;
}

function report(what: string, stored: number, trips: number[]): void {
  const rate = stored.toFixed(0).padStart(7);
  printLine(`${what.padEnd(18)} ${rate} stored/s   ${percentiles(trips)}`);
}

if (import.meta.main) await main();
