/**
 * One server and N clients at once: command line → a mode; exit status.
 *
 * @module
 */

import { StartError, UsageError } from "./common/errors.ts";
import { helpText } from "./common/flags.ts";
import type { Runtime } from "./launcher/commands.ts";
import { runInline } from "./launcher/inline_mode.ts";
import { Interrupts } from "./common/interrupts.ts";
import { ProcessConsole } from "./launcher/launch_console.ts";
import { LAUNCH_COMMAND, readRequest } from "./launcher/options.ts";

async function main(args: string[]): Promise<number> {
  const request = readRequest(args);
  if (request.action === "help") {
    say(Deno.stdout, helpText(LAUNCH_COMMAND));
    return 0;
  }
  if (request.action === "stop") throw new StartError("x");
  const { options } = request;
  const interrupts = new Interrupts().listen();
  const console = new ProcessConsole(interrupts);
  try {
    return await runInline(
      { ...options, names: options.names ?? [], runtime: runtime() },
      console,
      interrupts,
    );
  } finally {
    await console.close();
  }
}

function runtime(): Runtime {
  return { deno: Deno.execPath(), root: new URL(".", import.meta.url).href };
}

function say(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  stream.writeSync(new TextEncoder().encode(text + "\n"));
}

if (import.meta.main) {
  let status = 1;
  try {
    status = await main(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StartError)) throw error;
    say(Deno.stderr, error.message);
    status = error instanceof UsageError ? 2 : 1;
  }
  Deno.exit(status);
}
