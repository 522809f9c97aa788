/**
 * `deno task server` with all that it prints, and its end.
 *
 * @module
 */

import { assertStringIncludes } from "@std/assert";

import { Family, ROOT, until } from "./launch.ts";

/** Flags of a server that leaves nothing behind. */
export const SERVER: readonly string[] = [
  "-a",
  "127.0.0.1",
  "-p",
  "0",
  "--db",
  ":memory:",
  "--no-log-file",
];
/** A server as a task. */
export const TASK: readonly string[] = [
  Deno.execPath(),
  "task",
  "--quiet",
  "server",
  ...SERVER,
];

/** A process with all that it and its descendants print. */
export class Printing {
  readonly pid: number;
  /** Resolves when it and all its descendants have closed their output. */
  readonly silent: Promise<unknown>;
  text = "";

  constructor(
    family: Family,
    [program, ...args]: readonly string[],
    env: Record<string, string> = {},
  ) {
    const child = new Deno.Command(program!, {
      args,
      cwd: ROOT,
      env: { ...family.env, NO_COLOR: "1", npm_lifecycle_event: "", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = child.pid;
    const gather = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) this.text += text;
    };
    this.silent = Promise.all([child.status, gather(child.stdout), gather(child.stderr)]);
  }

  async prints(text: string): Promise<void> {
    await until(
      `"${text}" is printed`,
      () => Promise.resolve(this.text.includes(text) || undefined),
    )
      .catch((error: Error) => {
        throw new Error(`${error.message}, received ${this.text}`);
      });
  }

  get port(): number {
    return Number(/listening on 127\.0\.0\.1:(\d+)/.exec(this.text)![1]);
  }
}

/** The server has ended, everything else of the family, too, and its port can be taken. */
export async function assertEnded(family: Family, server: Printing): Promise<void> {
  await server.silent;
  await family.gone();
  Deno.listen({ hostname: "127.0.0.1", port: server.port }).close();
}

/** A command that runs the task: asserts that its end by a signal is the server's end, in order. */
export async function assertEndsWith(
  command: readonly string[],
  env: Record<string, string>,
  signal: Deno.Signal,
): Promise<void> {
  using family = new Family();
  const server = new Printing(family, [...command], env);
  await server.prints("listening on");
  Deno.kill(server.pid, signal);
  await assertEnded(family, server);
  assertStringIncludes(server.text, "stopping");
  assertStringIncludes(server.text, "INFO server  stopped\n");
}
