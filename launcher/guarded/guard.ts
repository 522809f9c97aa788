/**
 * Runs one process of a chat in a tmux pane or a window, and ends it when the launcher ends.
 *
 * Called by the launcher as `guard.ts PORT TOKEN`; see `lifeline.ts`.
 *
 * @module
 */

import { messageOf, StartError } from "../../common/errors.ts";
import { exitStatus } from "../../common/exit_status.ts";
import { Interrupts } from "../../common/interrupts.ts";
import { printable } from "../../common/printable.ts";
import type { End } from "../chat.ts";
import { Child, type OutputStream, type Say } from "../child.ts";
import { LineWriter } from "../output.ts";
import { ServerChild } from "../server_child.ts";
import { type Job, LOOPBACK, messagesOf, type Order, type Report } from "./messages.ts";

/** How many last lines the launcher is told. */
const KEPT_LINES = 20;
/** A client has nothing to save: it is given little time. */
const CLIENT_GRACE_MS = 2_000;
/** The status of a process that its terminal took with it (128 + SIGHUP). */
const HUNG_UP = 129;

async function main([port, token = ""]: readonly string[]): Promise<number | undefined> {
  const conn = await Deno.connect({ hostname: LOOPBACK, port: Number(port) });
  const line = new LineWriter(conn);
  const tell = (report: Report): void => line.writeLine(JSON.stringify(report));
  const orders = messagesOf<Order>(conn);
  tell({ token });
  const { value: first } = await orders.next();
  if (first?.job === undefined) throw new StartError("The launcher has ended");
  const [stdout, stderr] = [new LineWriter(Deno.stdout), new LineWriter(Deno.stderr)];
  const { status, words } = await guard(first.job, orders, tell, { stdout, stderr });
  tell({ ended: { status, words } });
  await Promise.all([line, stdout, stderr].map((writer) => writer.flush()));
  const { atEnd } = first.job;
  if (atEnd !== undefined) {
    await new Deno.Command(atEnd.program, { args: [...atEnd.args], stdin: "null" }).output();
  }
  return status;
}

/** Runs the process until it has ended. */
async function guard(
  job: Job,
  orders: AsyncIterable<Order>,
  tell: (report: Report) => void,
  terminal: Record<OutputStream, LineWriter>,
): Promise<End> {
  const interrupts = listen(job);
  const words: string[] = [];
  const child = start(job, tell, (_, text, stream) => {
    const line = printable(text);
    terminal[stream].writeLine(line);
    if (words.push(line) > KEPT_LINES) words.shift();
  });
  let isAsked = false;
  const stop = (): void => {
    isAsked = true;
    child.stop();
  };
  interrupts.first.then(stop);
  interrupts.second.then(() => child.kill());
  obey(orders, stop, () => child.kill());
  const { status } = await child.ended;
  // A client that is asked to end, or whose window is closed, has not failed.
  const isFine = job.role === "client" && (isAsked || status === HUNG_UP);
  return { status: isFine ? 0 : status, words };
}

function start({ role, command }: Job, tell: (report: Report) => void, say: Say): Child {
  if (role === "client") {
    return new Child(role, command, { say, graceMs: CLIENT_GRACE_MS, inTerminal: true });
  }
  const server = new ServerChild(command, say);
  server.listening().then((listening) => tell({ listening }));
  return server;
}

/** The wishes to end that come from the terminal: a client's Ctrl-C is the client's own affair. */
function listen({ role }: Job): Interrupts {
  const interrupts = new Interrupts();
  if (role === "server") return interrupts.listen();
  Deno.addSignalListener("SIGINT", () => {});
  return Deno.build.os === "windows" ? interrupts : interrupts.listen(["SIGTERM", "SIGHUP"]);
}

/** Does what the launcher says, until it releases the process or is gone. */
async function obey(
  orders: AsyncIterable<Order>,
  stop: () => void,
  kill: () => void,
): Promise<void> {
  try {
    for await (const { ask } of orders) {
      if (ask === "release") return;
      if (ask === "stop") stop();
      if (ask === "kill") kill();
    }
  } catch {
    // A line that broke has ended.
  }
  stop();
}

if (import.meta.main) {
  const guarding = (): Promise<number | undefined> =>
    main(Deno.args).catch((error) => {
      throw new StartError(`Cannot guard a process: ${messageOf(error)}`);
    });
  Deno.exit(await exitStatus(guarding));
}
