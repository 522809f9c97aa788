import { assert, assertEquals } from "@std/assert";

import type { Frame, RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";
import { withDatabasePath } from "../support/database_path.ts";

const PASSWORD = "correct horse";
const PAIRS = 8;
const BATCH = 50;
/** So much has been said before the server is told to end. */
const ANSWERS_BEFORE = 3_000;
/** What the contract allows for ending. */
const MAX_MS = 5_000;

async function online(server: ServerProcess, name: string): Promise<RawClient> {
  const client = await server.connect();
  const { response } = await client.ask({ event: "presence", user: { account_name: name } });
  assertEquals(response, 200);
  return client;
}

async function authenticated(
  server: ServerProcess,
  name: string,
  register?: boolean,
): Promise<RawClient> {
  const client = await server.connect();
  const user = { account_name: name, password: PASSWORD };
  const { response } = await client.ask({ event: "authenticate", user, register });
  assertEquals(response, register ? 201 : 200);
  return client;
}

/** Sends as fast as the server answers, until it hangs up. */
class Flood {
  /** The ids of what was answered 200. */
  readonly accepted = new Set<unknown>();
  /** What the server said last. */
  last: Frame | undefined;
  readonly #client: RawClient;
  readonly #to: string;
  readonly #message: string;
  readonly #onAnswer: (frame: Frame) => void;

  constructor(
    client: RawClient,
    to: string,
    message: string,
    onAnswer: (frame: Frame) => void,
  ) {
    this.#client = client;
    this.#to = to;
    this.#message = message;
    this.#onAnswer = onAnswer;
  }

  async run(): Promise<void> {
    try {
      for (let id = 0;; id += BATCH) {
        const batch = Array.from({ length: BATCH }, (_, i) => id + i);
        await this.#client.send(
          ...batch.map((id) => ({ event: "msg", to: this.#to, id, message: this.#message })),
        );
        for (let i = 0; i < BATCH; i++) this.#hear(await this.#client.frame());
      }
    } catch {
      // The server has hung up.
    }
    for (const frame of (await this.#client.ended()).frames) this.#hear(frame);
  }

  #hear(frame: Frame): void {
    this.last = frame;
    if (frame.response === 200) this.accepted.add(frame.id);
    this.#onAnswer(frame);
  }
}

function idsOfMessages(frames: readonly Frame[]): Set<unknown> {
  return new Set(frames.filter(({ event }) => event === "msg").map(({ id }) => id));
}

Deno.test("SIGTERM under full load: 101 to all, nothing that was answered 200 is lost, exit 0", () =>
  withDatabasePath(async (db) => {
    const arrived = new Map<string, Set<unknown>>();
    const floods = new Map<string, Flood>();
    {
      await using server = await ServerProcess.start(["--rate", "0"], { db, hashesCheaply: true });
      // One reads nothing at all: what is queued for it has to go to its mailbox.
      const stalled = await authenticated(server, "stalled", true);
      stalled.pause();
      const readers = new Map<string, RawClient>();
      for (let i = 0; i < PAIRS; i++) readers.set(`reader${i}`, await online(server, `reader${i}`));

      const underWay = Promise.withResolvers<void>();
      let answers = 0;
      let isFull = false;
      const onAnswer = ({ response }: Frame): void => {
        answers++;
        isFull ||= response === 410;
        if (isFull && answers >= ANSWERS_BEFORE) underWay.resolve();
      };
      for (const to of [...readers.keys(), "stalled"]) {
        const message = to === "stalled" ? "\u{1f600}".repeat(4_000) : "hi";
        floods.set(to, new Flood(await online(server, `to-${to}`), to, message, onAnswer));
      }
      const ends = [...readers].map(async ([name, reader]) => {
        const { frames } = await reader.ended();
        arrived.set(
          name,
          idsOfMessages(frames),
        );
        assertEquals(frames.at(-1)?.response, 101, `${name} is told`);
        reader.close();
      });
      ends.push(...[...floods.values()].map((flood) => flood.run()));
      await underWay.promise;
      const start = performance.now();
      server.kill("SIGTERM");
      const { code, stderr } = await server.ended();
      assertEquals([code, stderr.match(/ (ERROR|CRITICAL) .*/)?.[0]], [0, undefined]);
      assert(performance.now() - start < MAX_MS);
      await Promise.all(ends);
      for (const [to, { last }] of floods) assertEquals(last?.response, 101, `who writes to ${to}`);
      stalled.resume();
      const { frames } = await stalled.ended();
      arrived.set(
        "stalled",
        idsOfMessages(frames),
      );
    }
    {
      await using server = await ServerProcess.start(["--rate", "0"], { db, hashesCheaply: true });
      const stalled = await authenticated(server, "stalled");
      const rest = await stalled.pending();
      assert(rest.length > 0, "some messages had to be rescued");
      for (const { id } of rest) arrived.get("stalled")!.add(id);
    }
    for (const [to, { accepted }] of floods) {
      assert(accepted.size > 0);
      const lost = [...accepted].filter((id) => !arrived.get(to)!.has(id));
      assertEquals(lost, [], `messages to ${to}`);
    }
  }));
