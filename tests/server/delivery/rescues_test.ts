import { assert, assertEquals } from "@std/assert";

import { Envelope, Message } from "../../../server/delivery/message.ts";
import { Rescues, type RescuesOptions } from "../../../server/delivery/rescues.ts";
import { type Letter, StoreError, type StoreOutcome } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { RecordingLog } from "../../support/recording_log.ts";
import { settle } from "../../support/settle.ts";

const RETRY_MS = 5_000;

function message(text: string, to = "Bob"): Message {
  const address = (name: string): { name: string; nameJson: string } => ({
    name,
    nameJson: JSON.stringify(name),
  });
  return new Message(new Envelope(address("eve"), address(to), 7), JSON.stringify(text));
}

const messages = (...texts: string[]): Message[] => texts.map((text) => message(text));

/** Rescues with a disk that takes nothing until a test says so. */
class Stage {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  isBroken = true;
  outcome: StoreOutcome = "stored";
  attempts = 0;
  /** What is in the mailboxes. */
  readonly stored: string[] = [];
  /** Who was to get what waits, and how. */
  readonly delivered: string[] = [];
  deliver: RescuesOptions["deliver"] = (folded) => {
    this.delivered.push(folded);
    return undefined;
  };
  readonly rescues: Rescues;

  constructor(maxBytes?: number) {
    this.rescues = new Rescues({
      post: (letter) => this.#post(letter),
      deliver: (folded) => this.deliver(folded),
      clock: this.clock,
      log: this.log,
      ...(maxBytes !== undefined && { maxBytes }),
    });
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settle();
  }

  said(): string[] {
    return this.log.records.map(({ message, fields }) =>
      [message, fields.to, fields.count ?? ""].join(" ").trim()
    );
  }

  async #post({ folded, message }: Letter): Promise<StoreOutcome> {
    this.attempts++;
    await Promise.resolve();
    if (this.isBroken) throw new StoreError("Database failed: the disk is full; make room");
    if (this.outcome === "stored") this.stored.push(`${folded} ${message}`);
    return this.outcome;
  }
}

Deno.test("what the disk does not take is tried again every five seconds, in order, and said once", async () => {
  const stage = new Stage();
  await stage.rescues.begin("bob", messages("1", "2"));
  assertEquals(stage.said(), ["letters not rescued yet Bob"]);
  assertEquals(stage.delivered, ["bob"], "it may be online again");
  for (let n = 1; n <= 3; n++) {
    await stage.pass(RETRY_MS);
    assertEquals(stage.attempts, 2 + n, "the first alone shows that it is no use");
  }
  assertEquals(stage.said().length, 1);
  stage.isBroken = false;
  await stage.pass(RETRY_MS);
  assertEquals(stage.stored, ["bob 1", "bob 2"]);
  assertEquals(stage.said().slice(1), ["letter rescued Bob", "letter rescued Bob"]);
  assert(stage.rescues.isIdle);
  assertEquals(stage.clock.pending, 0);
});

Deno.test("what an account was handed comes back before what still waits; a later message comes behind", async () => {
  const stage = new Stage();
  await stage.rescues.begin("bob", messages("1", "2", "3"));
  const taken: Message[] = [];
  stage.rescues.handOver({
    folded: "bob",
    take: (message) => taken.length < 1 && taken.push(message) > 0,
  });
  await stage.rescues.begin("bob", taken); // the connection ended before it was confirmed
  stage.isBroken = false;
  assertEquals(stage.rescues.before("carol"), undefined);
  assertEquals(stage.rescues.isIdle, false);
  await stage.rescues.before("bob");
  assertEquals(stage.stored, ["bob 1", "bob 2", "bob 3"]);
  assertEquals(stage.rescues.before("bob"), undefined);
  await stage.pass(RETRY_MS);
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a rescue waits for one that is under way", async () => {
  const stage = new Stage();
  await stage.rescues.begin("bob", messages("1", "2"));
  stage.isBroken = false;
  const retried = stage.rescues.retry("bob");
  assertEquals(stage.rescues.retry("bob"), retried);
  await Promise.all([retried, stage.rescues.begin("bob", messages("3"))]);
  assertEquals(stage.stored, ["bob 1", "bob 2", "bob 3"]);
});

Deno.test("an account that is online gets what waits, and the rest stays", async () => {
  const stage = new Stage();
  await stage.rescues.begin("bob", messages("1", "2", "3"));
  const taken: Message[] = [];
  const bob = {
    folded: "bob",
    take: (message: Message) => taken.length < 2 && taken.push(message) > 0,
  };
  stage.rescues.handOver(bob);
  stage.rescues.handOver({ folded: "carol", take: () => true });
  assertEquals(taken.map((message) => message.toLetter("bob").message), ["1", "2"]);
  stage.isBroken = false;
  await stage.pass(RETRY_MS);
  assertEquals(stage.stored, ["bob 3"]);
});

Deno.test("who is online when it is time gets it the way of a login", async () => {
  const stage = new Stage();
  await stage.rescues.begin("bob", messages("1"));
  const taken: Message[] = [];
  stage.deliver = async (folded) => {
    await stage.rescues.retry(folded);
    stage.rescues.handOver({ folded, take: (message) => taken.push(message) > 0 });
  };
  await stage.pass(RETRY_MS);
  assertEquals(taken.length, 1);
  assert(stage.rescues.isIdle);
  await stage.pass(RETRY_MS);
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a mailbox that is gone loses its letters, and the log says so", async () => {
  const stage = new Stage();
  await stage.rescues.begin("bob", messages("1"));
  [stage.isBroken, stage.outcome] = [false, "no-account"];
  await stage.pass(RETRY_MS);
  assertEquals(stage.said(), ["letters not rescued yet Bob", "letter lost Bob"]);
  assert(stage.rescues.isIdle);
});

Deno.test("what waits is bounded: what is more is lost, what waits already is not, and room comes back", async () => {
  const stage = new Stage(2_500);
  await stage.rescues.begin("bob", messages("a".repeat(300), "b".repeat(300), "c".repeat(300)));
  assertEquals(stage.said(), ["letters lost Bob 1", "letters not rescued yet Bob"]);
  await stage.rescues.begin("ann", [message("d".repeat(300), "Ann")]);
  assertEquals(stage.said()[2], "letters lost Ann 1");
  await stage.pass(RETRY_MS);
  await stage.rescues.retry("bob");
  stage.isBroken = false;
  await stage.pass(RETRY_MS);
  assertEquals(stage.stored.map((text) => text.slice(0, 5)), ["bob a", "bob b"]);
  stage.isBroken = true;
  await stage.rescues.begin("ann", [message("d".repeat(300), "Ann")]);
  assertEquals(stage.said().filter((said) => said.startsWith("letters lost")).length, 2);
});

Deno.test("at the end it is tried once more, then the log says how many are lost", async () => {
  for (const isBroken of [true, false]) {
    const stage = new Stage();
    await stage.rescues.begin("bob", messages("1", "2"));
    await stage.rescues.begin("ann", [message("3", "Ann")]);
    stage.isBroken = isBroken;
    await stage.rescues.close();
    assertEquals(
      stage.said().slice(2).sort(),
      isBroken
        ? ["letters lost Ann 1", "letters lost Bob 2"]
        : ["letter rescued Ann", "letter rescued Bob", "letter rescued Bob"],
    );
    assertEquals(stage.clock.pending, 0);
    assert(stage.rescues.isIdle);
  }
});
