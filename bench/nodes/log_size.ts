/**
 * How much the log of several nodes grows with a message and with a login: bytes in the directory of a NATS server.
 *
 * `deno run -A --lock=tests/deno.lock bench/nodes/log_size.ts [--messages 20000] [--logins 500]`; needs nats-server. Two
 * nodes and one NATS server on this machine; the directory is measured before and after, by the size of its files.
 *
 * @module
 */

import { type CommandSpec, type FlagTable, parseCommand } from "../../common/flags.ts";
import { printLine } from "../../common/output.ts";
import { alignTable } from "../../common/table.ts";
import { PASSWORD } from "../kept/contestants.ts";
import { LineClient } from "../line_client.ts";
import { Processes } from "../processes.ts";
import { KEPT_NODES, startKeeping } from "./our_nodes.ts";

const FLAGS = {
  messages: {
    kind: "integer",
    value: "N",
    min: 64,
    max: 1_000_000,
    default: 20_000,
    help: "messages of each kind",
  },
  logins: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 100_000,
    default: 500,
    help: "logins of each kind",
  },
} as const satisfies FlagTable;

const COMMAND: CommandSpec<typeof FLAGS> = {
  name: "log_size.ts",
  usage: "[flags]",
  about: "Measures how much the log of several nodes grows.",
  flags: FLAGS,
  maxPositional: 0,
};

/** Requests that are sent in one go; the server lets 64 of a connection wait. */
const BATCH = 64;
/** A hundred characters. */
const TEXT =
  "so many characters as people write in a line of a chat, which is what ends up in the log of nodes..";

/** The size of all files of directories whose paths contain something. */
async function sizeOf(directory: string, part: RegExp): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) bytes += await sizeOf(path, part);
    else if (part.test(path)) bytes += (await Deno.stat(path)).size;
  }
  return bytes;
}

/** Sends one request many times. */
async function repeat(client: LineClient, count: number, frame: object): Promise<void> {
  for (let sent = 0; sent < count; sent += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - sent) }, () => client.ask(frame));
    for (const { response } of await Promise.all(batch)) {
      if (response !== 200 && response !== 202) throw new Error(`Refused: ${response}`);
    }
  }
}

async function logIn(port: number, account_name: string, more = {}): Promise<LineClient> {
  const client = await LineClient.connect({ hostname: "127.0.0.1", port });
  const user = { account_name, password: PASSWORD };
  const login = { event: "authenticate", takeover: true, user, ...more };
  const { response } = await client.ask(login);
  if (response !== 200) throw new Error(`${account_name} is not let in: ${response}`);
  return client;
}

const { info, flags } = parseCommand(COMMAND, Deno.args);
if (info !== undefined) {
  printLine(info);
  Deno.exit(0);
}
const directory = await Deno.makeTempDir();
const rows: string[][] = [["what", "bytes"]];
try {
  await using processes = new Processes();
  const command = "deno run --allow-net --allow-read --allow-write server.ts".split(" ");
  const host = { processes, directory, command };
  await using group = await startKeeping(KEPT_NODES, host, { nodes: 2, copies: 1 });
  const [first, second] = group.nodes.map(({ port }) => port);
  const logSize = (): Promise<number> => sizeOf(directory, /jim_log\/msgs\//);
  const row = async (what: string, count: number, run: () => Promise<unknown>): Promise<void> => {
    const before = await logSize();
    await run();
    rows.push([what, ((await logSize() - before) / count).toFixed(0)]);
  };
  using room = await logIn(first!, "a0");
  await room.ask({ event: "join", room: "#size" });
  using direct = await logIn(first!, "a1");
  using addressee = await logIn(second!, "b1");
  const { messages, logins } = flags;
  await row(
    "message of 100 characters to a lasting room",
    messages,
    () => repeat(room, messages, { event: "msg", to: "#size", message: TEXT }),
  );
  await row(
    "the same between two accounts on two nodes",
    messages,
    () => repeat(direct, messages, { event: "msg", to: "b1", message: TEXT }),
  );
  await addressee.ask({ event: "quit" });
  await row("account: login with a token for a new connection, quit", logins, async () => {
    for (let n = 0; n < logins; n++) {
      using client = await logIn(first!, "a2", { resume: true });
      await client.ask({ event: "quit" });
      await client.ended;
    }
  });
  await row("guest with a new name: login, quit", logins, async () => {
    for (let n = 0; n < logins; n++) {
      const address = { hostname: "127.0.0.1", port: first! };
      using client = await LineClient.online(address, `guest${n}`);
      await client.ask({ event: "quit" });
    }
  });
} finally {
  await Deno.remove(directory, { recursive: true });
}
for (const line of alignTable(rows, [1])) printLine(line);
