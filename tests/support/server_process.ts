/**
 * `server.ts` as a process of its own, with the permissions that its task has, for its own files.
 *
 * @module
 */

import { parseCommand } from "../../common/flags.ts";
import { type ServerPaths, serverPermissions } from "../../common/server_permissions.ts";
import { serverRun } from "../../common/server_run.ts";
import { SERVER_COMMAND } from "../../server/flags.ts";
import { pathsOf } from "../../server/require_files.ts";
import { RawClient, withDeadline } from "./raw_client.ts";

const ROOT = new URL("../../", import.meta.url);
const CHEAP_PASSWORDS = new URL("cheap_passwords.ts", import.meta.url);

/** How a process ended and what it said. */
export interface ProcessEnd {
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** How the server is started. */
export interface ServerProcessOptions {
  /** Instead of `:memory:`. */
  db?: string;
  /** A command that runs the rest of its own command line, such as `["setpriv", …]`. */
  wrapper?: readonly string[];
  /** Where it writes a log file; by default it writes none. */
  logDir?: string;
  /** Instead of a free port of 127.0.0.1. */
  listenOn?: readonly string[];
  /**
   * Whether it hashes passwords at next to no cost, see `cheap_passwords.ts`.
   *
   * @default {false} As the server that people start.
   */
  hashesCheaply?: boolean;
}

/** The arguments after `deno`: what the task allows, for the files that these flags name. */
function serverTask(flags: readonly string[]): string[] {
  return serverRun(serverPermissions(pathsNamedBy(flags))).slice(1);
}

function pathsNamedBy(flags: readonly string[]): ServerPaths {
  try {
    return pathsOf(parseCommand(SERVER_COMMAND, flags).flags);
  } catch {
    return { db: ":memory:" }; // the server is to say what is wrong
  }
}

function spawn(
  flags: readonly string[],
  {
    db = ":memory:",
    wrapper = [],
    logDir,
    listenOn = ["-a", "127.0.0.1", "-p", "0"],
    hashesCheaply = false,
  }: ServerProcessOptions,
): Deno.ChildProcess {
  const preload = hashesCheaply ? [`--preload=${CHEAP_PASSWORDS.pathname}`] : [];
  const log = logDir === undefined ? ["--no-log-file"] : ["--log-dir", logDir];
  const own = [...listenOn, "--db", db, ...log, ...flags];
  const [run, ...task] = serverTask(own);
  return spawnWords([
    ...wrapper,
    Deno.execPath(),
    run!,
    ...preload,
    ...task,
    ...own,
  ]);
}

function spawnWords(
  [program, ...args]: readonly string[],
  cwd: string | URL = ROOT,
): Deno.ChildProcess {
  return new Deno.Command(program!, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a server that is to end by itself. */
export async function runServer(
  flags: readonly string[],
  options: ServerProcessOptions = {},
): Promise<ProcessEnd> {
  const child = spawn(flags, options);
  try {
    const { code, signal, stdout, stderr } = await withDeadline(
      child.output(),
      () => `the end of server.ts ${flags.join(" ")}`,
    );
    const decoder = new TextDecoder();
    return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

/** A server that runs. Killed at the end of the test, if it has not ended before. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #outputs: Promise<void>[];
  readonly #clients: RawClient[] = [];
  #stdout = "";
  #stderr = "";
  #isOver = false;
  #news = Promise.withResolvers<void>();

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#outputs = [
      this.#gather(child.stdout, (text) => this.#stdout += text),
      this.#gather(child.stderr, (text) => this.#stderr += text),
    ];
    child.status.then(() => this.#isOver = true);
  }

  /** Starts a server and waits until it accepts connections. */
  static async start(
    flags: readonly string[] = [],
    options: ServerProcessOptions = {},
  ): Promise<ServerProcess> {
    return await ServerProcess.#ready(ServerProcess.begin(flags, options));
  }

  /** The same with a whole command, in a directory of its own. */
  static async run(command: readonly string[], cwd: string): Promise<ServerProcess> {
    return await ServerProcess.#ready(new ServerProcess(spawnWords(command, cwd)));
  }

  static async #ready(server: ServerProcess): Promise<ServerProcess> {
    try {
      await server.ready();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Starts a server that need not accept connections yet: see {@linkcode ServerProcess.ready}. */
  static begin(flags: readonly string[] = [], options: ServerProcessOptions = {}): ServerProcess {
    return new ServerProcess(spawn(flags, options));
  }

  /** Waits until it accepts connections. */
  async ready(): Promise<void> {
    const end = this.#outputs[0]!.then(() => {
      throw new Error(`The server ended: ${this.#stderr}`);
    });
    end.catch(() => {});
    const listens = async (): Promise<void> => {
      while (!this.#stdout.includes("\n")) await Promise.race([this.#news.promise, end]);
    };
    await withDeadline(listens(), () => `"listening on", received ${this.#stderr}`);
  }

  /** The process's id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What it printed so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** What it logged so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Where it listens, as it says itself. */
  get address(): { hostname: string; port: number } {
    const [, hostname, port] = /listening on \[?([^\]\s]+?)\]?:(\d+)/.exec(this.#stdout)!;
    return { hostname: hostname!, port: Number(port) };
  }

  /** How many descriptors it holds. */
  get descriptors(): number {
    return [...Deno.readDirSync(`/proc/${this.pid}/fd`)].length;
  }

  /** A new connection; closed with the server at the latest. */
  async connect(): Promise<RawClient> {
    const client = await RawClient.connect(this.address);
    this.#clients.push(client);
    return client;
  }

  /** Sends a signal, unless the process has ended. */
  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended, whether we have heard of it or not.
    }
  }

  /** Waits until it has logged something, for so many milliseconds at most. */
  async logs(text: string, ms?: number): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!this.#stderr.includes(text)) await this.#news.promise;
    };
    await withDeadline(wait(), () => `"${text}" in the log, received ${this.#stderr}`, ms);
  }

  /** Waits until it has ended. */
  async ended(): Promise<ProcessEnd> {
    const { code, signal } = await withDeadline(
      this.#child.status,
      () => "the end of the process",
    );
    await Promise.all(this.#outputs);
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    if (!this.#isOver) this.#child.kill("SIGKILL");
    await this.ended();
  }

  async #gather(stream: ReadableStream<Uint8Array>, add: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      add(decoder.decode(chunk, { stream: true }));
      const { resolve } = this.#news;
      this.#news = Promise.withResolvers<void>();
      resolve();
    }
  }
}
