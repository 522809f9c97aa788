/**
 * Runs one process of a chat in a tmux pane or a window, and ends it when the launcher ends.
 *
 * Called by the launcher as `guard.ts PORT TOKEN SEAT`; see `lifeline.ts`.
 *
 * @module
 */

import { messageOf, StartError } from "../../common/errors.ts";
import { Interrupts } from "../../common/interrupts.ts";
import { printable } from "../../common/printable.ts";
import { Child, eachLine } from "../child.ts";
import { type Command, listeningPlace } from "../commands.ts";
import { readMessages, writeLine } from "./lifeline.ts";
import { isEndRequest, isJob, isRelease, type Job, LOOPBACK } from "./messages.ts";
import { LineWriter } from "../output.ts";
import { SERVER_GRACE_MS } from "../server_process.ts";

/** How many last lines the launcher is told. */
const KEPT_LINES = 20;
/** A client has nothing to save: it is given little time. */
const CLIENT_GRACE_MS = 2_000;
/** The status of a process that its terminal took with it (128 + SIGHUP). */
const HUNG_UP = 129;

interface Guarded {
  /** Resolves with the exit status. */
  ended: Promise<number>;
  /** Asks it to end, then makes it. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

class Guard {
  readonly #conn: Deno.Conn;
  readonly #interrupts: Interrupts;
  readonly #words: string[] = [];
  readonly #stdout = new LineWriter(Deno.stdout);
  readonly #stderr = new LineWriter(Deno.stderr);

  constructor(conn: Deno.Conn, interrupts: Interrupts) {
    this.#conn = conn;
    this.#interrupts = interrupts;
  }

  /** Runs the process and resolves with its exit status. */
  async run(job: Job, messages: AsyncIterable<unknown>): Promise<number> {
    const guarded = job.role === "server" ? this.#server(job.command) : this.#client(job.command);
    let isAsked = false;
    const stop = (): void => {
      isAsked = true;
      guarded.stop();
    };
    this.#obey(messages, stop);
    this.#interrupts.first.then(stop);
    this.#interrupts.second.then(() => guarded.kill());
    // A client that is asked to end, or whose window is closed, has not failed.
    const ended = await guarded.ended;
    const status = job.role === "client" && (isAsked || ended === HUNG_UP) ? 0 : ended;
    await this.#tell({ ended: { status, words: this.#words } });
    await Promise.all([this.#stdout.flush(), this.#stderr.flush()]);
    if (job.atEnd !== undefined) await runOnce(job.atEnd);
    return status;
  }

  #server(command: Command): Guarded {
    const child = new Child(command, {
      onLine: (line, stream) => {
        this.#keep(line);
        (stream === "stdout" ? this.#stdout : this.#stderr).writeLine(printable(line));
        const place = stream === "stdout" ? listeningPlace(line) : undefined;
        if (place !== undefined) this.#tell({ listening: place });
      },
    });
    return {
      ended: child.ended,
      stop: () => void child.stop(SERVER_GRACE_MS),
      kill: () => child.kill(),
    };
  }

  #client(command: Command): Guarded {
    const child = new Deno.Command(command.program, {
      args: [...command.args],
      stdin: "inherit",
      stdout: "inherit",
      stderr: "piped",
    }).spawn();
    const relayed = eachLine(child.stderr, (line) => {
      this.#keep(line);
      this.#stderr.writeLine(printable(line));
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const signal = (name: Deno.Signal): void => {
      try {
        child.kill(name);
      } catch {
        // It has ended before.
      }
    };
    return {
      ended: Promise.all([child.status, relayed]).then(([{ code }]) => code)
        .finally(() => clearTimeout(timer)),
      stop: () => {
        signal("SIGTERM");
        timer ??= setTimeout(() => signal("SIGKILL"), CLIENT_GRACE_MS);
      },
      kill: () => signal("SIGKILL"),
    };
  }

  /** Does what the launcher says, until it is released or the launcher is gone. */
  async #obey(messages: AsyncIterable<unknown>, stop: () => void): Promise<void> {
    try {
      for await (const message of messages) {
        if (isRelease(message)) return;
        if (isEndRequest(message)) stop();
      }
    } catch {
      // A line that broke has ended.
    }
    stop();
  }

  #keep(line: string): void {
    this.#words.push(printable(line));
    if (this.#words.length > KEPT_LINES) this.#words.shift();
  }

  async #tell(message: unknown): Promise<void> {
    try {
      await writeLine(this.#conn, message);
    } catch {
      // The launcher is gone, or has released this process.
    }
  }
}

async function runOnce(command: Command): Promise<void> {
  await new Deno.Command(command.program, {
    args: [...command.args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
}

async function main([port, token, seat]: string[]): Promise<number> {
  const conn = await Deno.connect({ hostname: LOOPBACK, port: Number(port) });
  const messages = readMessages(conn);
  await writeLine(conn, { hello: token, seat: Number(seat) });
  const { value: first } = await messages.next();
  if (!isJob(first)) throw new StartError("The launcher has ended");
  const interrupts = new Interrupts();
  if (first.job.role === "server") interrupts.listen();
  else listenForClient(interrupts);
  return await new Guard(conn, interrupts).run(first.job, messages);
}

/** A client's Ctrl-C is the client's own affair. */
function listenForClient(interrupts: Interrupts): void {
  Deno.addSignalListener("SIGINT", () => {});
  if (Deno.build.os !== "windows") interrupts.listen(["SIGTERM", "SIGHUP"]);
}

if (import.meta.main) {
  let status = 1;
  try {
    status = await main(Deno.args);
  } catch (error) {
    const words = messageOf(error);
    Deno.stderr.writeSync(new TextEncoder().encode(`Cannot guard a process: ${words}\n`));
  }
  Deno.exit(status);
}
