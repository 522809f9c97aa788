/**
 * What a measured server is, and those of this project: how each is configured and started.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { StartError } from "../common/errors.ts";
import type { LoadOptions } from "./generator.ts";
import type { Processes } from "./processes.ts";

/** How long a server may take until it accepts connections. */
const START_MS = 15_000;

/** Several nodes that are one server; see `nodes/`. */
export type NodesId =
  | "node"
  | "nodes"
  | "nodes-3"
  | "kept-nodes"
  | "kept-nodes-r3"
  | "linked"
  | "linked-3"
  | "echoing"
  | "echoing-3";

/** Whether messages are kept: what a power failure leaves of those that were acknowledged. */
export type Keeping = "no" | "not synced" | "synced";

/** Ours as one process. */
type OursId = "jim" | "control" | "metered" | "tls" | "haproxy" | "kept" | "unkept";

/** A server as it is measured. */
export interface Server {
  /** Short name: in the JSON output and in the log. */
  readonly id:
    | OursId
    | `${OursId | NodesId}-before`
    | "relay"
    | "answering"
    | "inspircd"
    | "inspircd-echo"
    | "ngircd"
    | "nats"
    | "prosody"
    | "prosody-sqlite"
    | NodesId;
  /** Its name for people. */
  readonly title: string;
  /** What the load generator speaks with it. */
  readonly protocol: "jim" | "irc" | "nats" | "relay" | "xmpp";
  /** How many connections log in at the same time. */
  readonly concurrency: number;
  /** Whether it answers each message. */
  readonly answers: boolean;
  /** Whether what it carries is kept, and then whether it is synced to a disk before the answer. @default {"no"} */
  readonly keeps?: Keeping;
  /** Whether connections to it are encrypted. @default {false} */
  readonly tls?: boolean;
  /** It is ours with other flags, or none: for those, and only those, scenarios that compare it with ours. */
  readonly isVariant?: boolean;
  /** The same of ours as it is now, of one from another commit: takes part where that does. */
  readonly twinOf?: Server;
  /** What to tell the load generator besides; for those, and only those, of the scenario `kept`. */
  readonly keeping?: LoadOptions;
  /** It is so slow at keeping that nobody can wait for more messages in flight, those of all senders together. */
  readonly maxInFlight?: number;
  /** The version, found out before anything is measured. */
  version(host: Host): Promise<string>;
  /**
   * Starts it on a port of 127.0.0.1 and waits until it accepts connections.
   *
   * @param host See {@linkcode Host}.
   * @param rate Our server's `--rate`, requests a second of a connection; 0 is no limit, and the default.
   */
  start(host: Host, rate?: number): Promise<RunningServer>;
}

/** What starting a server takes. */
export interface Host {
  /** Starts and ends processes. */
  readonly processes: Processes;
  /** For configuration files. */
  readonly directory: string;
  /** The command that starts our server, without the flags that the benchmark adds. */
  readonly command: readonly string[];
  /** The directory of our server's files. @default {this project's} */
  readonly root?: string;
}

/** The directory of this project. */
export const ROOT = new URL("..", import.meta.url).pathname.slice(0, -1);

/** A server that accepts connections, until it is disposed of. */
export interface RunningServer extends AsyncDisposable {
  /** See {@linkcode Server.id}. */
  readonly id: Server["id"];
  /** See {@linkcode Server.title}. */
  readonly title: string;
  /** See {@linkcode Server.protocol}. */
  readonly protocol: Server["protocol"];
  /** See {@linkcode Server.concurrency}. */
  readonly concurrency: number;
  /** See {@linkcode Server.answers}. */
  readonly answers: boolean;
  /** See {@linkcode Server.tls}. */
  readonly tls: boolean | undefined;
  /** The port on 127.0.0.1; of several nodes the first one's. */
  readonly port: number;
  /** The process; of several nodes the first one's. */
  readonly pid: number;
  /** The ports of the nodes, if it has several. */
  readonly ports?: readonly number[];
  /** The processes that do its work, if there are several. */
  readonly pids?: readonly number[];
}

/** Our own server: nothing is limited, nothing but warnings is logged, nothing is kept on disk. */
export const JIM: Server = ours("jim", "this server");

/** The very same once more: as much as it differs, two servers differ by chance. */
export const CONTROL: Server = { ...ours("control", "a second one"), isVariant: true };

function ours(id: Server["id"], title: string): Server {
  return {
    id,
    title,
    protocol: "jim",
    concurrency: 64,
    answers: true,
    version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
    start(host, rate = 0) {
      return startUnlimited(this, host, ["--db", ":memory:", "--rate", `${rate}`]);
    },
  };
}

/** Starts our own server without limits on what one address may do. */
export function startUnlimited(
  server: Server,
  host: Host,
  flags: readonly string[],
): Promise<RunningServer> {
  const [program = "", ...args] = host.command;
  return startDeno(server, host, program === "deno" ? Deno.execPath() : program, [
    ...args,
    ...["--addr", "127.0.0.1", "--port", "0", "--log-dir", host.directory, "--log-level", "WARN"],
    ...["--rate", "0", "--max-per-ip", "0", "--max-connections", "0", "--max-names-per-ip", "0"],
    ...["--max-pending", "0", "--work", "0"],
    ...flags,
  ]);
}

/** Starts our own server with its default limits; it keeps its database and its log in a directory. */
export function startAsInstalled(host: Host, directory: string): Promise<RunningServer> {
  const [program = "", ...args] = host.command;
  return startDeno(JIM, host, program === "deno" ? Deno.execPath() : program, [
    ...args,
    ...["--addr", "127.0.0.1", "--port", "0"],
    ...["--db", `${directory}/jim.db`, "--log-dir", `${directory}/logs`],
  ]);
}

/** What Deno itself can do: `relay.ts`. */
export const RELAY: Server = relay("relay", "bare Deno relay", false);

/** The same with a second write for each message, as our protocol asks for it. */
export const ANSWERING_RELAY: Server = relay("answering", "answering Deno relay", true);

function relay(id: Server["id"], title: string, answers: boolean): Server {
  return {
    id,
    title,
    protocol: "relay",
    concurrency: 64,
    answers,
    version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
    start(host) {
      const script = new URL("relay.ts", import.meta.url).pathname;
      const args = ["run", "--allow-net=127.0.0.1", script, ...(answers ? ["--answer"] : [])];
      return startDeno(this, host, Deno.execPath(), args);
    },
  };
}

/** Starts one of ours, which chooses its port and prints it. */
async function startDeno(
  server: Server,
  { processes, root = ROOT }: Host,
  program: string,
  args: readonly string[],
): Promise<RunningServer> {
  const child = processes.start(program, args, { cwd: root });
  const errors = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  for await (const line of lines) {
    const port = Number(/listening on .*:(\d+)/.exec(line)?.[1]);
    if (port > 0) return running(server, processes, child, port);
  }
  throw new StartError(`Cannot start ${server.title}: ${firstLine(await errors)}`);
}

/** Starts a peer on a port that was chosen for it. */
export async function startPeer(
  server: Server,
  { processes }: Host,
  port: number,
  program: string,
  args: readonly string[],
): Promise<RunningServer> {
  const child = processes.start(program, args);
  const output = Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  const deadline = Date.now() + START_MS;
  while (!hasEnded && Date.now() < deadline) {
    try {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conn.close();
      return running(server, processes, child, port);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await processes.end(child);
  const said = firstLine((await output).join("\n"));
  throw new StartError(`Cannot start ${server.title}: ${said || "it does not accept connections"}`);
}

function running(
  { id, title, protocol, concurrency, answers, tls }: Server,
  processes: Processes,
  child: Deno.ChildProcess,
  port: number,
): RunningServer {
  return {
    ...{ id, title, protocol, concurrency, answers, tls, port, pid: child.pid },
    [Symbol.asyncDispose]: () => processes.end(child),
  };
}

/** A port that is free at the moment: the peers cannot tell which one the system has chosen. */
export function freePort(): number {
  return freePorts(1)[0]!;
}

/** Ports that are free at the moment, all different. */
export function freePorts(count: number): number[] {
  using listeners = new DisposableStack();
  return Array.from({ length: count }, () => {
    return listeners.use(Deno.listen({ hostname: "127.0.0.1", port: 0 })).addr.port;
  });
}

/** The first thing in a program's output that looks like a version. */
export function firstVersion({ stdout, stderr }: { stdout: string; stderr: string }): string {
  return /\d+(\.\d+)+/.exec(stdout + stderr)?.[0] ?? "of unknown version";
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]!;
}
