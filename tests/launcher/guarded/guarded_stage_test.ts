import { assertEquals } from "@std/assert";

import { Child } from "../../../launcher/child.ts";
import { GuardedStage } from "../../../launcher/guarded/guarded_stage.ts";
import { LOOPBACK, messagesOf } from "../../../launcher/guarded/messages.ts";
import type { Seat } from "../../../launcher/guarded/seat.ts";
import { LineWriter } from "../../../launcher/output.ts";

const deno = Deno.execPath();
const root = new URL("../../../", import.meta.url).href;
const SERVER = new URL("../fake_chat/server.ts", import.meta.url).href;

/** A process of the test's own. */
function run(args: readonly string[], said: string[] = []): Child {
  const command = { program: deno, args };
  return new Child("test", command, { say: (_, line) => said.push(line), graceMs: 0 });
}

/** A guard as a child of the test, in a pipe instead of a terminal. */
function guard(seat: Seat, said: string[] = []): Child {
  assertEquals(seat.command.program, deno);
  return run(seat.command.args, said);
}

/** Tokens are numbers here. */
function open(): GuardedStage {
  let tokens = 0;
  return new GuardedStage({ deno, root }, () => `token ${tokens++}`);
}

function serverSeat(stage: GuardedStage, ...args: string[]): Seat {
  const command = { program: deno, args: ["run", SERVER, ...args] };
  return stage.seat("server", { command, role: "server" });
}

Deno.test("a guard tells where its server listens, and ends it when the launcher says so", async () => {
  const stage = open();
  const seat = serverSeat(stage, "--port", "4321");
  const said: string[] = [];
  const child = guard(seat, said);
  assertEquals(await seat.listening(), { address: "127.0.0.1", port: 4321 });
  await seat.stop();
  const { status, words } = await seat.ended;
  assertEquals(status, 0);
  assertEquals(words.slice(1), ["listening on 127.0.0.1:4321", "drained"]);
  assertEquals((await child.ended).status, 0);
  assertEquals(said, words);
  stage.close();
});

Deno.test("a guard ends its server when the line to the launcher is cut", async () => {
  const stage = open();
  const seat = serverSeat(stage);
  const said: string[] = [];
  const child = guard(seat, said);
  await seat.listening();
  stage.close();
  assertEquals((await child.ended).status, 0);
  assertEquals(said.at(-1), "drained");
});

Deno.test("a released server lives on without the launcher", async () => {
  const stage = open();
  const seat = serverSeat(stage);
  const said: string[] = [];
  const child = guard(seat, said);
  await seat.listening();
  await stage.release();
  const other = run(["eval", ""]); // as long as a process takes
  const first = await Promise.race([child.ended.then(() => "ended"), other.ended]);
  assertEquals(first, { status: 0, words: [] });
  child.kill(); // its server sees the end of its input
  assertEquals((await child.ended).status, 137);
  assertEquals(said.includes("drained"), false);
});

Deno.test("the words of a server that fails come with its status", async () => {
  const stage = open();
  const seat = serverSeat(stage, "--fail", "port \x1b taken");
  const child = guard(seat);
  assertEquals(await seat.ended, { status: 1, words: ["port \\u{1b} taken"] });
  assertEquals((await child.ended).status, 1);
  stage.close();
});

Deno.test("a guard that is killed counts as the end of its process", async () => {
  const stage = open();
  const seat = serverSeat(stage);
  const child = guard(seat);
  await seat.listening();
  assertEquals(seat.isRunning, true);
  child.kill();
  assertEquals(await seat.ended, { status: undefined, words: [] });
  assertEquals(seat.isRunning, false);
  await child.ended;
  stage.close();
});

Deno.test("who knows no token, or comes second, gets no job", async () => {
  const stage = open();
  const job = { command: { program: "x", args: [] }, role: "client" } as const;
  const seat = stage.seat("eve", job);
  const hello = async (conn: Deno.Conn, message: unknown): Promise<unknown> => {
    const line = new LineWriter(conn);
    line.writeLine(typeof message === "string" ? message : JSON.stringify(message));
    return (await messagesOf(conn).next()).value;
  };
  const answer = async (message: unknown): Promise<unknown> => {
    using conn = await Deno.connect({ hostname: LOOPBACK, port: stage.port });
    return await hello(conn, message);
  };
  const wrong = [{ token: "guess" }, { token: "token 1" }, {}, null, 7, "no JSON", { token: null }];
  for (const message of wrong) assertEquals(await answer(message), undefined);
  assertEquals(seat.isRunning, false);
  using first = await Deno.connect({ hostname: LOOPBACK, port: stage.port });
  assertEquals(await hello(first, { token: "token 0" }), { job });
  await seat.ready();
  assertEquals(seat.isRunning, true);
  assertEquals(await answer({ token: "token 0" }), undefined);
  const empty = stage.seat("bob", job);
  stage.close();
  assertEquals(await seat.ended, { status: undefined, words: [] });
  assertEquals(await empty.ended, { status: undefined, words: [] }); // nobody waits for its guard any more
});

Deno.test("a server that does not drain is killed when the launcher says so", async () => {
  const stage = open();
  const seat = serverSeat(stage);
  const said: string[] = [];
  const child = guard(seat, said);
  await seat.listening();
  seat.kill();
  assertEquals((await seat.ended).status, 137);
  assertEquals((await child.ended).status, 137);
  assertEquals(said.includes("drained"), false);
  stage.close();
});
