/**
 * The servers that are measured: how each is configured, started and spoken to.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { StartError } from "../common/errors.ts";
import type { LoadOptions } from "./generator.ts";
import type { Processes } from "./processes.ts";

/** How long a server may take until it accepts connections. */
const START_MS = 15_000;

/** A server as it is measured. */
export interface Server {
  /** Short name: in the JSON output and in the log. */
  readonly id:
    | "jim"
    | "control"
    | "metered"
    | "relay"
    | "answering"
    | "inspircd"
    | "ngircd"
    | "nats"
    | "kept"
    | "unkept"
    | "prosody"
    | "prosody-sqlite";
  /** Its name for people. */
  readonly title: string;
  /** What the load generator speaks with it. */
  readonly protocol: "jim" | "irc" | "nats" | "relay" | "xmpp";
  /** How many connections log in at the same time. */
  readonly concurrency: number;
  /** Whether it answers each message. */
  readonly answers: boolean;
  /** It is ours with other flags, or none: for those, and only those, scenarios that compare it with ours. */
  readonly isVariant?: boolean;
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
}

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
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** The process. */
  readonly pid: number;
}

/** Our own server: nothing is limited, nothing but warnings is logged, nothing is kept on disk. */
export const JIM: Server = ours("jim", "this server", []);

/** The very same once more: as much as it differs, two servers differ by chance. */
export const CONTROL: Server = { ...ours("control", "a second one", []), isVariant: true };

/** The same with `--metrics`; nobody asks for them. */
export const METERED: Server = {
  ...ours("metered", "one with --metrics", ["--metrics", "0"]),
  isVariant: true,
};

function ours(id: Server["id"], title: string, flags: readonly string[]): Server {
  return {
    id,
    title,
    protocol: "jim",
    concurrency: 64,
    answers: true,
    version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
    start(host, rate = 0) {
      return startUnlimited(this, host, ["--db", ":memory:", "--rate", `${rate}`, ...flags]);
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

/** InspIRCd, with its limits out of the way. */
export const INSPIRCD: Server = {
  id: "inspircd",
  title: "InspIRCd",
  protocol: "irc",
  // It completes logins once a second, all that are waiting: many at a time are its best case.
  concurrency: 1_024,
  answers: false,
  async version({ processes }) {
    const install = "apt-get install inspircd";
    return firstVersion(await processes.run("inspircd", ["--version"], { install }));
  },
  async start(host) {
    const port = freePort();
    const path = `${host.directory}/inspircd-${port}.conf`;
    await Deno.writeTextFile(
      path,
      `<server name="bench.test" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@bench.test">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect name="bench" allow="*" timeout="60" pingfreq="3600" resolvehostnames="no" useident="no"
  fakelag="no" threshold="1000000" commandrate="1000000000" localmax="1000000" globalmax="1000000"
  limit="1000000" recvq="1M" softsendq="16M" hardsendq="64M" maxconnwarn="no">
<performance softlimit="100000" somaxconn="4096" netbuffersize="65534" quietbursts="yes">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default"
  target="${host.directory}/inspircd-${port}.log">
`,
    );
    // Root has to say that this is intended; for others the flag changes nothing.
    const args = ["--config", path, "--nofork", "--nopid", "--runasroot"];
    return startPeer(this, host, port, "inspircd", args);
  },
};

/** ngIRCd, with its limits and penalties out of the way. */
export const NGIRCD: Server = {
  id: "ngircd",
  title: "ngIRCd",
  protocol: "irc",
  concurrency: 8, // it lets no more than ten connections wait to be accepted
  answers: false,
  async version({ processes }) {
    const install = "apt-get install ngircd";
    return firstVersion(await processes.run("ngircd", ["--version"], { install }));
  },
  async start(host) {
    const port = freePort();
    const path = `${host.directory}/ngircd-${port}.conf`;
    await Deno.writeTextFile(
      path,
      `[Global]
Name = bench.test
Info = bench
AdminEMail = bench@bench.test
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = bench
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
MaxNickLength = 20
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
`,
    );
    return startPeer(this, host, port, "ngircd", ["--nodaemon", "--config", path]);
  },
};

/** NATS: not a chat server, but what messages through one process can reach with threads. */
export const NATS: Server = {
  id: "nats",
  title: "NATS",
  protocol: "nats",
  concurrency: 64,
  answers: false,
  async version({ processes }) {
    const install = "apt-get install nats-server";
    return firstVersion(await processes.run("nats-server", ["--version"], { install }));
  },
  start(host) {
    const port = freePort();
    return startPeer(this, host, port, "nats-server", ["-a", "127.0.0.1", "-p", String(port)]);
  },
};

/** The servers that `--peers` adds. */
export const PEERS: readonly Server[] = [INSPIRCD, NGIRCD, NATS];

/** Starts one of ours, which chooses its port and prints it. */
async function startDeno(
  server: Server,
  { processes }: Host,
  program: string,
  args: readonly string[],
): Promise<RunningServer> {
  const child = processes.start(program, args, {
    cwd: new URL("..", import.meta.url).pathname,
  });
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
  { id, title, protocol, concurrency, answers }: Server,
  processes: Processes,
  child: Deno.ChildProcess,
  port: number,
): RunningServer {
  return {
    ...{ id, title, protocol, concurrency, answers, port, pid: child.pid },
    [Symbol.asyncDispose]: () => processes.end(child),
  };
}

/** A port that is free at the moment: the peers cannot tell which one the system has chosen. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The first thing in a program's output that looks like a version. */
export function firstVersion({ stdout, stderr }: { stdout: string; stderr: string }): string {
  return /\d+(\.\d+)+/.exec(stdout + stderr)?.[0] ?? "of unknown version";
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]!;
}
