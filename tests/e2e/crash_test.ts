import { assert, assertEquals } from "@std/assert";

import { LIMITS } from "../../common/limits.ts";
import { Passwords } from "../../server/accounts/passwords.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { seededRandom } from "../support/random.ts";
import type { Frame, RawClient } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const PASSWORD = "correct horse";
const ROUNDS = 8;
const SENDERS = 5;
/** Requests that each sender has under way at once, so that a transaction holds several messages. */
const PIPELINED = 12;

Deno.test("kill -9 loses no message that was accepted, repeats none and keeps their order", async () => {
  await withDatabasePath(async (db) => {
    // Accounts, since all guests together may have less in a mailbox than gathers here.
    const rounds = Array.from({ length: ROUNDS }, (_, round) => senderNames(round));
    await makeAccounts(db, ["bob", ...rounds.flat()]);
    const random = seededRandom(7777);
    /** What bob's mailbox must hold, oldest first, and what may be behind it since the last kill. */
    let mailbox: string[] = [];
    let senders: Sender[] = [];
    let accepted = 0;
    for (let round = 0; round <= ROUNDS; round++) {
      await using server = await ServerProcess.start(["--rate", "0"], { db, hashesCheaply: true });
      const { client, texts, numbers } = await logIn(server);
      assertEquals(texts.slice(0, mailbox.length), mailbox, `round ${round}: lost or come again`);
      const added = texts.slice(mailbox.length);
      assertEquals(new Set(added).size, added.length, `round ${round}: something came twice`);
      for (const { name, sent, answered } of senders) {
        // What went to disk when the kill cut off the answer may be there, too; nothing else.
        const held = added.filter((text) => text.startsWith(`${name} `));
        assertEquals(held, sent.slice(0, held.length), `round ${round}, ${name}: order`);
        assert(held.length >= answered, `round ${round}, ${name}: ${held.length} of ${answered}`);
        accepted += answered;
      }
      const count = Math.floor(random() * (texts.length + 1));
      if (count > 0) {
        const { response } = await client.ask({ event: "ack", stored: numbers[count - 1]! });
        assertEquals(response, 200);
      }
      mailbox = texts.slice(count);
      assertEquals((await client.ask({ event: "quit" })).response, 200);
      if (round < ROUNDS) {
        senders = await sendUntilKilled(server, round, 20 + Math.floor(random() * 200));
      }
    }
    assert(accepted >= ROUNDS * 20, `only ${accepted} messages were accepted`);
  });
});

function senderNames(round: number): string[] {
  return Array.from({ length: SENDERS }, (_, n) => `sender${round}-${n}`);
}

async function makeAccounts(db: string, names: readonly string[]): Promise<void> {
  // Cheap hashes, and the server must not compute its own: that would be nine tenths of this test's time.
  const hash = await new Passwords({ cost: { logN: 4, r: 8, p: 1 } }).hash(PASSWORD);
  using users = UserAdmin.open(db, true, () => Math.floor(Date.now() / 1000));
  for (const name of names) users.add(name, name, hash);
}

/** Logs in and takes the stored messages: all that come before the answer to a probe. */
async function logIn(
  server: ServerProcess,
): Promise<{ client: RawClient; texts: string[]; numbers: number[] }> {
  const client = await server.connect();
  const user = { account_name: "bob", password: PASSWORD };
  assertEquals((await client.ask({ event: "authenticate", user })).response, 200);
  const frames = await client.pending();
  const numbers = frames.map(({ stored }) => stored as number);
  assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  return { client, texts: frames.map(({ message }) => message as string), numbers };
}

/** What one sender sent, and how many of these messages got their 202. */
interface Sender {
  readonly name: string;
  readonly sent: string[];
  answered: number;
}

/** Lets senders store messages, and kills the server in the middle, after so many answers. */
async function sendUntilKilled(
  server: ServerProcess,
  round: number,
  killAfter: number,
): Promise<Sender[]> {
  let left = killAfter;
  const senders = await Promise.all(
    senderNames(round).map(async (name) => {
      const client = await server.connect();
      const user = { account_name: name, password: PASSWORD };
      assertEquals((await client.ask({ event: "authenticate", user })).response, 200);
      return { client, sender: { name, sent: [], answered: 0 } as Sender };
    }),
  );
  await Promise.all(senders.map(async ({ client, sender }) => {
    const count = (frame: Frame): void => {
      assertEquals(frame.response, 202);
      sender.answered++;
      if (--left === 0) server.kill("SIGKILL");
    };
    const isCutOff = (error: unknown): void => {
      if (left > 0) throw error;
    };
    while (left > 0 && sender.sent.length + PIPELINED <= LIMITS.maxSenderLetters) {
      const batch = Array.from({ length: PIPELINED }, () => {
        const message = `${sender.name} ${sender.sent.length}`;
        sender.sent.push(message);
        return { event: "msg", to: "bob", message, store: true };
      });
      await client.send(...batch).catch(isCutOff);
      for (let n = 0; n < batch.length && left > 0; n++) {
        const frame = await client.response().catch(isCutOff);
        if (frame !== undefined) count(frame);
      }
    }
    for (const frame of (await client.ended()).frames) count(frame);
  }));
  return senders.map(({ sender }) => sender);
}
