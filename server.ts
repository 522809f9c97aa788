/**
 * The chat server: flags → {@linkcode ChatServer}; signals; exit status.
 *
 * @module
 */

import { StartError, UsageError } from "./common/errors.ts";
import { helpText, parseCommand } from "./common/flags.ts";
import { Interrupts } from "./common/interrupts.ts";
import { logSettingsOf } from "./logs/flags.ts";
import { setupLogging } from "./logs/setup.ts";
import { ChatServer } from "./server/chat_server.ts";
import { SERVER_COMMAND, settingsOf } from "./server/flags.ts";
import { formatAddress, listen } from "./server/listen.ts";
import { openSqliteStore } from "./server/store/sqlite.ts";

async function main(args: string[]): Promise<number> {
  const command = parseCommand(SERVER_COMMAND, args);
  if (command.help) {
    say(helpText(SERVER_COMMAND));
    return 0;
  }
  const { flags } = command;
  await using logging = await setupLogging("server", logSettingsOf(flags));
  await using store = openSqliteStore(flags.db, {
    knownDays: flags["known-days"],
    mailDays: flags["mail-days"],
    onFault: ({ message }) => logging.logger.error("store failed", { reason: message }),
  });
  const listener = listen(flags.addr, flags.port);
  const address = formatAddress(listener.addr as Deno.NetAddr);
  const log = logging.child("session");
  const server = new ChatServer({ store, settings: settingsOf(flags), log });

  const stop = (): void => {
    logging.logger.info("stopping", server.counts);
    server.shutdown();
  };
  const interrupts = new Interrupts().listen();
  interrupts.first.then(stop);
  interrupts.second.then(() => Deno.exit(130));
  if (flags["stop-at-eof"]) inputEnds().then(() => interrupts.request());

  logging.logger.info("started", { address, db: flags.db, pid: Deno.pid });
  say(`listening on ${address}`);
  await server.serve(listener);
  await server.shutdown();
  logging.logger.info("stopped");
  return 0;
}

/** Resolves when nobody holds the other end of standard input any more; what comes from there is ignored. */
async function inputEnds(): Promise<void> {
  try {
    for await (const _ of Deno.stdin.readable);
  } catch {
    // A broken input has ended, too.
  }
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

if (import.meta.main) {
  let status = 1;
  try {
    status = await main(Deno.args);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StartError)) throw error;
    Deno.stderr.writeSync(new TextEncoder().encode(error.message + "\n"));
    status = error instanceof UsageError ? 2 : 1;
  }
  Deno.exit(status);
}
