import { assertEquals, assertRejects } from "@std/assert";

import { StartError } from "../../common/errors.ts";
import type { ChatPlan } from "../../launcher/commands.ts";
import { Interrupts } from "../../common/interrupts.ts";
import { runInline } from "../../launcher/inline_mode.ts";
import { FakeConsole } from "./fake_console.ts";

/** A server and clients that chat with nobody; see `fake_chat/`. */
function options(names: string[], ...serverArgs: string[]): ChatPlan {
  const root = new URL("fake_chat/", import.meta.url).href;
  return {
    runtime: { deno: Deno.execPath(), root },
    server: { kind: "own", args: ["--port", "4321", ...serverArgs] },
    names,
    lang: undefined,
  };
}

/** Input that never ends. */
const forever: AsyncIterable<string> = {
  async *[Symbol.asyncIterator]() {
    yield await new Promise<string>(() => {});
  },
};

Deno.test("lines go to their clients, one after the other, and their answers are all shown", async () => {
  const console = new FakeConsole(["1 one", "2 two", "", "@ann three", "@all four", "9 five"]);
  assertEquals(await runInline(options(["eve", "ann"]), console, new Interrupts()), 0);
  const chat = console.stdout.filter((line) => !line.startsWith("server"));
  assertEquals(chat.slice(0, 2).toSorted(), [
    "ann      | ann at 127.0.0.1:4321",
    "eve      | eve at 127.0.0.1:4321",
  ]);
  assertEquals(chat.slice(2, 8), [
    "eve      | > one",
    "eve      | eve did one",
    "ann      | > two",
    "ann      | ann did two",
    "ann      | > three",
    "ann      | ann did three",
  ]);
  assertEquals(chat.slice(8, 12).toSorted(), [
    "ann      | > four",
    "ann      | ann did four",
    "eve      | > four",
    "eve      | eve did four",
  ]);
  assertEquals(chat.slice(12), ["eve      | eve left", "ann      | ann left"]);
  assertEquals(console.stdout.at(-1), "server   | drained");
  assertEquals(console.saidBy("launcher"), [
    "Cannot type: a line begins with 1–2, @all or @eve, received '9'",
  ]);
});

Deno.test("what a child prints does not steer the terminal", async () => {
  const console = new FakeConsole(["1 escape"]);
  await runInline(options(["eve"]), console, new Interrupts());
  assertEquals(console.saidBy("eve").includes("\\u{1b}[2J\\u{7}"), true);
});

Deno.test("a client that has ended is not typed for; the last one ends the chat", async () => {
  const console = new FakeConsole(async function* () {
    yield* ["1 exit", "1 again", "2 crash"];
    yield* forever;
  }());
  assertEquals(await runInline(options(["eve", "bob"]), console, new Interrupts()), 1);
  assertEquals(console.saidBy("launcher"), [
    "Cannot type: client 1 (eve) has ended",
    "All clients have ended",
  ]);
  assertEquals(console.stdout.at(-1), "server   | drained");
});

Deno.test("a server that does not listen ends the launch with its words", async () => {
  const console = new FakeConsole(forever);
  await assertRejects(
    () => runInline(options(["eve"], "--fail", "port taken"), console, new Interrupts()),
    StartError,
    "The server ended with status 1 while the chat was starting",
  );
  assertEquals(console.stderr, ["server   | port taken"]);
  assertEquals(console.stdout, []);
});

Deno.test("a client that does not come online ends the launch with its words", async () => {
  const console = new FakeConsole(forever);
  await assertRejects(
    () => runInline(options(["refused", "eve"]), console, new Interrupts()),
    StartError,
    "refused ended with status 1 while the chat was starting",
  );
  assertEquals(console.stderr, ["refused  | the name is taken"]);
  assertEquals(console.stdout.at(-1), "server   | drained");
});

Deno.test("a server that ends later ends the chat with its words", async () => {
  const console = new FakeConsole(forever);
  const status = await runInline(options(["eve"], "--die-later"), console, new Interrupts());
  assertEquals(status, 1);
  assertEquals(console.saidBy("server").at(-1), "out of \\u{1b}[31mluck");
  assertEquals(console.saidBy("launcher"), ["The server ended with status 70"]);
});

Deno.test("a wish to end is followed in order, also while the chat starts", async () => {
  const early = new Interrupts();
  const console = new FakeConsole(forever);
  early.request();
  assertEquals(await runInline(options(["eve"]), console, early), 0);

  const later = new Interrupts();
  const running = new FakeConsole(async function* () {
    yield "1 hi";
    later.request();
    yield* forever;
  }());
  assertEquals(await runInline(options(["eve"]), running, later), 0);
  assertEquals(running.saidBy("eve").at(-1), "eve left");
  assertEquals(running.stdout.at(-1), "server   | drained");
});
