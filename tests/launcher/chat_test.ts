import { assertEquals, assertRejects } from "@std/assert";

import { StartError } from "../../common/errors.ts";
import { Interrupts } from "../../common/interrupts.ts";
import { Chat, type Client, type End, type Server, type Stage } from "../../launcher/chat.ts";
import type { ChatPlan, Place } from "../../launcher/commands.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { settle } from "../support/settle.ts";

const plan: ChatPlan = {
  runtime: { deno: "deno", root: "file:///chat/" },
  server: { kind: "own", args: [] },
  names: ["eve", "bob"],
  lang: undefined,
};

/** A process that does what the test says. */
class FakeMember implements Server, Client {
  readonly #end = Promise.withResolvers<End>();
  readonly #place = Promise.withResolvers<Place>();
  readonly ended = this.#end.promise;

  constructor(readonly name: string, readonly history: string[]) {
    history.push(`start ${name}`);
  }

  up(): void {
    this.#place.resolve({ address: "localhost", port: 1 });
  }

  end(status: number | undefined, ...words: string[]): void {
    this.#end.resolve({ status, words });
  }

  listening(): Promise<Place> {
    return this.#place.promise;
  }

  async ready(): Promise<void> {
    await this.#place.promise;
  }

  async stop(): Promise<void> {
    this.history.push(`stop ${this.name}`);
    await settle();
    this.end(0);
    this.history.push(`${this.name} ended`);
  }

  kill(): void {
    this.history.push(`kill ${this.name}`);
  }
}

class FakeStage implements Stage<FakeMember> {
  readonly history: string[] = [];
  readonly members: FakeMember[] = [];

  constructor(readonly startMs = 0) {}

  server(): FakeMember {
    return this.client("server");
  }

  client(name: string): FakeMember {
    const member = new FakeMember(name, this.history);
    this.members.push(member);
    return member;
  }

  close(): Promise<void> {
    this.history.push("close");
    return Promise.resolve();
  }
}

/** A chat whose processes are all there. */
async function started(
  stage: FakeStage,
  clock = new FakeClock(),
): Promise<Chat<FakeMember>> {
  const chat = new Chat(plan, stage, clock);
  const starting = chat.run(new Interrupts(), () => Promise.resolve("started"));
  for (let i = 0; i < 3; i++) {
    await settle();
    for (const member of stage.members) member.up();
  }
  assertEquals(await starting, "started");
  return chat;
}

Deno.test("clients start when the server listens, and the act when all are ready", async () => {
  const stage = new FakeStage();
  const chat = new Chat(plan, stage);
  let acts = 0;
  const acting = chat.run(new Interrupts(), () => Promise.resolve(++acts));
  await settle();
  assertEquals(stage.history, ["start server"]);
  stage.members[0]!.up();
  await settle();
  assertEquals(stage.history, ["start server", "start eve", "start bob"]);
  stage.members[1]!.up();
  await settle();
  assertEquals(acts, 0);
  stage.members[2]!.up();
  assertEquals(await acting, 1);
  assertEquals(chat.clients.map(({ name }) => name), ["eve", "bob"]);
});

Deno.test("all end: the clients together or in turn, then the server, then the screen", async () => {
  const stage = new FakeStage();
  const chat = await started(stage);
  await chat.end();
  await chat.end("in turn");
  assertEquals(stage.history.slice(3), [
    ...["stop eve", "stop bob", "eve ended", "bob ended"],
    ...["stop server", "server ended", "close"],
  ]);
  const other = new FakeStage();
  await (await started(other)).end("in turn");
  assertEquals(other.history.slice(3, 7), ["stop eve", "eve ended", "stop bob", "bob ended"]);
});

Deno.test("a process that ends before it is of use ends the start with its words", async () => {
  const problem = async (who: number, status: number | undefined): Promise<string> => {
    const stage = new FakeStage();
    await using chat = new Chat(plan, stage);
    const starting = chat.run(new Interrupts(), () => Promise.resolve());
    for (let i = 0; i < who; i++) {
      await settle();
      stage.members[i]!.up();
    }
    await settle();
    stage.members[who]!.end(status, "port taken");
    return (await assertRejects(() => starting, StartError)).message;
  };
  assertEquals(
    await problem(0, 1),
    "port taken\nThe server ended with status 1 while the chat was starting",
  );
  assertEquals(
    await problem(2, undefined),
    "port taken\nbob ended with status unknown while the chat was starting",
  );
});

Deno.test("a wish to end cuts the start off: nothing starts after it", async () => {
  const stage = new FakeStage();
  const interrupts = new Interrupts();
  const chat = new Chat(plan, stage);
  const running = chat.run(interrupts, () => Promise.resolve());
  await settle();
  interrupts.request();
  assertEquals(await running, "interrupted");
  const ending = chat.end();
  stage.members[0]!.up(); // too late
  await ending;
  await settle();
  assertEquals(stage.history, ["start server", "stop server", "server ended", "close"]);
});

Deno.test("a second wish to end kills all", async () => {
  const stage = new FakeStage();
  let now = 0;
  const interrupts = new Interrupts(() => now);
  const running = new Chat(plan, stage).run(interrupts, () => Promise.resolve());
  await settle();
  stage.members[0]!.up();
  await settle();
  interrupts.request();
  await running;
  now = 499;
  interrupts.request();
  await settle();
  assertEquals(stage.history.length, 3);
  now = 500;
  interrupts.request();
  await settle();
  assertEquals(stage.history.slice(3).toSorted(), ["kill bob", "kill eve", "kill server"]);
});

Deno.test("a server that ends with its clients is the cause, whoever was faster", async () => {
  const stage = new FakeStage();
  const over = (await started(stage)).over();
  const [server, eve, bob] = stage.members as [FakeMember, FakeMember, FakeMember];
  eve.end(0);
  bob.end(0);
  await settle();
  server.end(137, "out of luck");
  const words = ["out of luck", "The server ended with status 137"];
  assertEquals(await over, { cause: "server", words, status: 1 });
});

Deno.test("a server that ends in order is no failure", async () => {
  const stage = new FakeStage();
  const over = (await started(stage)).over();
  stage.members[0]!.end(0);
  const words = ["The server ended with status 0"];
  assertEquals(await over, { cause: "server", words, status: 0 });
});

Deno.test("when all clients have ended the chat is over; one that failed counts", async () => {
  for (const [first, status] of [[0, 0], [1, 1]] as const) {
    const [stage, clock] = [new FakeStage(), new FakeClock()];
    const over = (await started(stage, clock)).over();
    stage.members[1]!.end(first);
    stage.members[2]!.end(0);
    await settle();
    clock.advance(1_000); // the server is not the cause
    assertEquals(await over, { cause: "clients", words: ["All clients have ended"], status });
  }
});

Deno.test("where clients do not tell that they are ready, one that fails soon has not started", async () => {
  for (const [ms, isEarly] of [[2_999, true], [3_000, false]] as const) {
    const [stage, clock] = [new FakeStage(3_000), new FakeClock()];
    const over = (await started(stage, clock)).over();
    stage.members[1]!.end(0); // has left
    await settle();
    clock.advance(ms);
    await settle();
    stage.members[2]!.end(1, "the name is taken");
    await settle();
    clock.advance(1_000);
    const early = ["the name is taken", "bob ended with status 1 while the chat was starting"];
    const words = isEarly ? early : ["All clients have ended"];
    assertEquals(await over, { cause: "clients", words, status: 1 });
    assertEquals(clock.pending, 0);
  }
});
