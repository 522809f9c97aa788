import { assertEquals } from "@std/assert";

import { Child } from "../../../launcher/child.ts";
import { denoRun } from "../../../launcher/commands.ts";
import {
  Lifeline,
  readMessages,
  type Seat,
  writeLine,
} from "../../../launcher/guarded/lifeline.ts";
import { LOOPBACK } from "../../../launcher/guarded/messages.ts";

const deno = Deno.execPath();
const root = new URL("../../../", import.meta.url).href;
const SERVER = new URL("../fake_chat/server.ts", import.meta.url).href;

/** A guard as a child of the test, in a pipe instead of a terminal. */
function guard(lifeline: Lifeline, seat: Seat, said: string[] = []): Child {
  const permissions = [`--allow-net=${LOOPBACK}:${lifeline.port}`, `--allow-run=${deno}`];
  const args = lifeline.guardArgs(seat);
  const command = denoRun({ deno, root }, "launcher/guarded/guard.ts", permissions, args);
  return new Child(command, { onLine: (line) => said.push(line) });
}

function serverSeat(lifeline: Lifeline, ...args: string[]): Seat {
  const command = { program: deno, args: ["run", SERVER, ...args] };
  return lifeline.seat({ command, role: "server" });
}

Deno.test("a guard tells where its server listens, and ends it when the launcher says so", async () => {
  const lifeline = new Lifeline("token");
  const seat = serverSeat(lifeline, "--port", "4321");
  const said: string[] = [];
  const child = guard(lifeline, seat, said);
  assertEquals(await seat.listening, { address: "127.0.0.1", port: 4321 });
  await seat.end();
  const { status, words } = await seat.ended;
  assertEquals(status, 0);
  assertEquals(words.slice(1), ["listening on 127.0.0.1:4321", "drained"]);
  assertEquals(await child.ended, 0);
  assertEquals(said, words);
  lifeline.close();
});

Deno.test("a guard ends its server when the line to the launcher is cut", async () => {
  const lifeline = new Lifeline("token");
  const seat = serverSeat(lifeline);
  const said: string[] = [];
  const child = guard(lifeline, seat, said);
  await seat.listening;
  lifeline.close();
  assertEquals(await child.ended, 0);
  assertEquals(said.at(-1), "drained");
});

Deno.test("a released server lives on without the launcher", async () => {
  const lifeline = new Lifeline("token");
  const seat = serverSeat(lifeline);
  const said: string[] = [];
  const child = guard(lifeline, seat, said);
  await seat.listening;
  await lifeline.release();
  const sleep = new Child({ program: deno, args: ["eval", ""] }, { onLine: () => {} });
  await sleep.ended; // as long as a process takes
  assertEquals(child.hasEnded, false);
  child.kill(); // its server sees the end of its input
  assertEquals(await child.ended, 137);
  assertEquals(said.includes("drained"), false);
});

Deno.test("the words of a server that fails come with its status", async () => {
  const lifeline = new Lifeline("token");
  const seat = serverSeat(lifeline, "--fail", "port \x1b taken");
  const child = guard(lifeline, seat);
  assertEquals(await seat.ended, { status: 1, words: ["port \\u{1b} taken"] });
  assertEquals(await child.ended, 1);
  lifeline.close();
});

Deno.test("a guard that is killed counts as the end of its process", async () => {
  const lifeline = new Lifeline("token");
  const seat = serverSeat(lifeline);
  const child = guard(lifeline, seat);
  await seat.listening;
  assertEquals(seat.isRunning, true);
  child.kill();
  assertEquals(await seat.ended, { status: undefined, words: [] });
  assertEquals(seat.isRunning, false);
  await child.ended;
  lifeline.close();
});

Deno.test("who does not know the token, or comes second, gets no job", async () => {
  const lifeline = new Lifeline("token");
  const seat = lifeline.seat({ command: { program: "x", args: [] }, role: "client" });
  const answer = async (hello: unknown): Promise<unknown> => {
    using conn = await Deno.connect({ hostname: LOOPBACK, port: lifeline.port });
    await writeLine(conn, hello);
    return (await readMessages(conn).next()).value;
  };
  for (const wrong of [{ hello: "guess", seat: 0 }, { hello: "token", seat: 7 }, { seat: 0 }]) {
    assertEquals(await answer(wrong), undefined);
  }
  using first = await Deno.connect({ hostname: LOOPBACK, port: lifeline.port });
  await writeLine(first, { hello: "token", seat: 0 });
  await seat.joined;
  assertEquals(await answer({ hello: "token", seat: 0 }), undefined);
  lifeline.close();
});
