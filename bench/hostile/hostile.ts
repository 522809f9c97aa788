/**
 * Attacks on a server that others use meanwhile.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";

import { sampleProcess } from "../soak/server_sample.ts";
import { type Host, startAsInstalled } from "../servers.ts";
import type { Attack } from "./attacks.ts";
import { Village, type VillageSample } from "./village.ts";

/** What one attack did. */
export interface HostileResult {
  /** The attack's name. */
  name: string;
  /** What was done, for people. */
  title: string;
  /** What the users noticed before it. */
  quiet: VillageSample;
  /** What they noticed of it. */
  attacked: VillageSample;
  /** What the attack achieved, by its own count. */
  achieved: Record<string, number>;
  /** By how much the server's files have grown meanwhile, in bytes. */
  diskBytes: number;
  /** The server's memory at the end, in MiB. */
  rssMib: number;
}

/** How to attack. */
export interface HostileOptions {
  /** What is done, one after the other. */
  readonly attacks: readonly Attack[];
  /** Seconds without an attack, and then with it. */
  readonly seconds: number;
  /** Told what is being done. */
  readonly onProgress: (text: string) => void;
}

/** Puts each attack on a server of its own that runs with its default limits, and keeps what it is to keep. */
export async function runHostile(host: Host, options: HostileOptions): Promise<HostileResult[]> {
  const results: HostileResult[] = [];
  for (const attack of options.attacks) {
    options.onProgress(attack.title);
    results.push(await underAttack(attack, host, options));
  }
  return results;
}

async function underAttack(
  attack: Attack,
  host: Host,
  { seconds }: HostileOptions,
): Promise<HostileResult> {
  const { name, title } = attack;
  const directory = await Deno.makeTempDir({ dir: host.directory });
  await using server = await startAsInstalled(host, directory);
  using village = await Village.settle(server.port);
  const quiet = await village.watch(seconds);
  const before = bytesIn(directory);

  await using attacker = await Attacker.start(host, name, server.port);
  const attacked = await village.watch(seconds);
  const achieved = await attacker.stop();
  const diskBytes = bytesIn(directory) - before;
  const { rssMib } = await sampleProcess(server.pid);
  return { name, title, quiet, attacked, achieved, diskBytes, rssMib };
}

/** The process of an attack. */
class Attacker implements AsyncDisposable {
  readonly #host: Host;
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(host: Host, child: Deno.ChildProcess) {
    this.#host = host;
    this.#child = child;
    child.stderr.cancel();
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
  }

  /** Starts an attack; resolves when it has begun. */
  static async start(host: Host, name: string, port: number): Promise<Attacker> {
    const script = new URL("attacker.ts", import.meta.url).pathname;
    const deno = [Deno.execPath(), "run", "--allow-net=127.0.0.0/8", script, name, `${port}`];
    // The attacker of a real server has a machine of its own: here it must not take the users' time.
    const child = host.processes.start("nice", ["-n", "19", ...deno], { stdin: true });
    const attacker = new Attacker(host, child);
    await attacker.#lines.read();
    return attacker;
  }

  /** Ends the attack; resolves with what it has achieved. */
  async stop(): Promise<Record<string, number>> {
    await this.#child.stdin.close();
    const { value } = await this.#lines.read();
    return JSON.parse(value ?? "{}");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.processes.end(this.#child);
  }
}

function bytesIn(directory: string): number {
  let bytes = 0;
  for (const entry of Deno.readDirSync(directory)) {
    const path = `${directory}/${entry.name}`;
    bytes += entry.isDirectory ? bytesIn(path) : Deno.statSync(path).size;
  }
  return bytes;
}
