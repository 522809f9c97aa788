/**
 * Runs one process of a chat in a tmux pane or a window, and ends it when the launcher ends.
 *
 * Called by the launcher as `guard.ts PORT TOKEN`; see `guarded_stage.ts`.
 *
 * @module
 */

import { messageOf, StartError } from "../../common/errors.ts";
import { exitStatus } from "../../common/exit_status.ts";
import { Interrupts } from "../../common/interrupts.ts";
import { printable } from "../../common/printable.ts";
import { Child, type Say } from "../child.ts";
import { LineWriter } from "../output.ts";
import { ServerChild } from "../server_child.ts";
import { type Job, LOOPBACK, messagesOf, type Order, type Report } from "./messages.ts";

/** How many last lines the launcher is told. */
const KEPT_LINES = 20;
/** A client has nothing to save: it is given little time. */
const CLIENT_GRACE_MS = 2_000;
/** The status of a process that its terminal took with it (128 + SIGHUP). */
const HUNG_UP = 129;

type Tell = (report: Report) => void;

async function main([port, token = ""]: readonly string[]): Promise<number | undefined> {
  const conn = await Deno.connect({ hostname: LOOPBACK, port: Number(port) });
  const line = new LineWriter(conn);
  const tell: Tell = (report) => line.writeLine(JSON.stringify(report));
  const orders = messagesOf<Order>(conn);
  tell({ token });
  const job = (await orders.next()).value?.job;
  if (job === undefined) throw new StartError("The launcher has ended");
  const status = await guard(job, orders, tell);
  await line.flush();
  if (job.atEnd !== undefined) {
    const { program, args } = job.atEnd;
    await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
  }
  return status;
}

/** Runs the process in this terminal; resolves with its exit status. */
async function guard(
  job: Job,
  orders: AsyncIterable<Order>,
  tell: Tell,
): Promise<number | undefined> {
  const interrupts = new Interrupts();
  const terminal = { stdout: new LineWriter(Deno.stdout), stderr: new LineWriter(Deno.stderr) };
  const words: string[] = [];
  const child = start(job, interrupts, tell, (_, text, stream) => {
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
  obey(orders, child, stop);
  const end = await child.ended;
  // A client that is asked to end, or whose window is closed, has not failed.
  const isFine = job.role === "client" && (isAsked || end.status === HUNG_UP);
  const status = isFine ? 0 : end.status;
  tell({ ended: { status, words } });
  await Promise.all([terminal.stdout.flush(), terminal.stderr.flush()]);
  return status;
}

/** Starts the process; `interrupts` gets the terminal's wishes to end, but a client's Ctrl-C is its own affair. */
function start({ role, command }: Job, interrupts: Interrupts, tell: Tell, say: Say): Child {
  if (role === "client") {
    Deno.addSignalListener("SIGINT", () => {});
    if (Deno.build.os !== "windows") interrupts.listen(["SIGTERM", "SIGHUP"]);
    return new Child(role, command, { say, graceMs: CLIENT_GRACE_MS, inTerminal: true });
  }
  interrupts.listen();
  const server = new ServerChild(command, say);
  server.listening().then((listening) => tell({ listening }));
  return server;
}

/** Does what the launcher says, until it releases the process or is gone. */
async function obey(orders: AsyncIterable<Order>, child: Child, stop: () => void): Promise<void> {
  try {
    for await (const { ask } of orders) {
      if (ask === "release") return;
      if (ask === "stop") stop();
      if (ask === "kill") child.kill();
    }
  } catch {
    // A line that broke has ended.
  }
  stop();
}

if (import.meta.main) {
  const status = await exitStatus(() =>
    main(Deno.args).catch((error) => {
      throw new StartError(`Cannot guard a process: ${messageOf(error)}`);
    })
  );
  Deno.exit(status);
}
