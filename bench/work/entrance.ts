/**
 * Many who come at once into a room of many, and what the members are told of it.
 *
 * @module
 */

import { StartError } from "../../common/errors.ts";
import type { Link } from "../../common/link.ts";
import { inLanes } from "../in_lanes.ts";
import { type Frame, LineClient } from "../line_client.ts";
import { type Host, JIM, startUnlimited } from "../servers.ts";
import { sampleProcess } from "../soak/server_sample.ts";

/** How members are told who comes: as lists, which they announce at their login, or one by one. */
export const TOLD = ["one by one", "as lists"] as const;

/** One of {@linkcode TOLD}. */
export type Told = typeof TOLD[number];

/** What the members were told. */
export interface EntranceResult {
  /** How. */
  told: Told;
  /** How many were in before. */
  members: number;
  /** How many came. */
  newcomers: number;
  /** Frames that a member got, on average. */
  frames: number;
  /** Bytes that a member got, on average. */
  bytes: number;
  /** From the first `join` until the last member knew of all. */
  seconds: number;
  /** CPU time of the server meanwhile. */
  cpuSeconds: number;
}

/** How many take part. */
export interface EntranceOptions {
  /** Who is in before. */
  readonly members: number;
  /** Who comes. */
  readonly newcomers: number;
}

const ROOM = "#entrance";
/** After that it has failed. */
const PATIENCE_MS = 120_000;
/** The quiet second before, in which nothing is told of earlier ones any more; and half a one for slow machines. */
const QUIET_MS = 1_500;

/**
 * Lets them come once for each of {@linkcode TOLD}, on a server of its own without limits on what one address may do.
 *
 * @throws {StartError} If a member does not learn of all who came.
 */
export async function runEntrance(host: Host, options: EntranceOptions): Promise<EntranceResult[]> {
  const results: EntranceResult[] = [];
  for (const told of TOLD) results.push(await enter(host, told, options));
  return results;
}

async function enter(
  host: Host,
  told: Told,
  { members, newcomers }: EntranceOptions,
): Promise<EntranceResult> {
  await using server = await startUnlimited(JIM, host, ["--db", ":memory:"]);
  using stack = new DisposableStack();
  const come = async (name: string): Promise<Member> => {
    const member = stack.use(await Member.connect(server.port));
    await member.goOnline(name, told);
    return member;
  };
  const audience = await inLanes(members, (n) => come(`member${n}`));
  await inLanes(members, (n) => audience[n]!.join());
  const arriving = await inLanes(newcomers, (n) => come(`newcomer${n}`));
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));

  const before = await sampleProcess(server.pid);
  const start = performance.now();
  const knowing = audience.map((member) => member.learns(newcomers));
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new StartError("Cannot measure work: a member was not told of all who came"));
  }, PATIENCE_MS);
  try {
    const answered = arriving.map((newcomer) => newcomer.join());
    await Promise.race([Promise.all([...knowing, ...answered]), late.promise]);
  } finally {
    clearTimeout(timer);
  }
  const seconds = (performance.now() - start) / 1_000;
  const after = await sampleProcess(server.pid);
  const mean = (figure: (member: Member) => number): number =>
    audience.reduce((sum, member) => sum + figure(member), 0) / members;
  return {
    ...{ told, members, newcomers, seconds },
    frames: mean(({ frames }) => frames),
    bytes: mean(({ bytes }) => bytes),
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
  };
}

/** Somebody in the room, who counts what they are told. */
class Member implements Disposable {
  readonly #client: LineClient;
  readonly #link: CountingLink;
  #bytesBefore = 0;
  /** Frames since `learns`. */
  frames = 0;

  private constructor(link: CountingLink) {
    this.#link = link;
    this.#client = new LineClient(link);
  }

  static async connect(port: number): Promise<Member> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    conn.setNoDelay();
    return new Member(new CountingLink(conn));
  }

  /** Bytes since `learns`. */
  get bytes(): number {
    return this.#link.bytesRead - this.#bytesBefore;
  }

  async goOnline(name: string, told: Told): Promise<void> {
    const features = told === "as lists" ? ["gathered"] : [];
    const user = { account_name: name };
    const { response } = await this.#client.ask({ event: "presence", user, features });
    if (response !== 200) throw new StartError(`Cannot measure work: ${name} is not let in`);
  }

  async join(): Promise<void> {
    await this.#client.ask({ event: "join", room: ROOM });
  }

  /** Begins to count; resolves when so many have come. */
  learns(newcomers: number): Promise<void> {
    const all = Promise.withResolvers<void>();
    let left = newcomers;
    this.#bytesBefore = this.#link.bytesRead;
    this.#client.onFrame = ({ joined }: Frame) => {
      this.frames++;
      left -= Array.isArray(joined) ? joined.length : 1;
      if (left === 0) all.resolve();
    };
    return all.promise;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/** A connection that counts the bytes that are read. */
class CountingLink implements Link {
  readonly #conn: Deno.TcpConn;
  bytesRead = 0;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const count = await this.#conn.read(buffer);
    this.bytesRead += count ?? 0;
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }
}
