/**
 * The chat server: flags → {@linkcode ChatServer}; signals; exit status.
 *
 * @module
 */

import { StartError, UsageError } from "./common/errors.ts";
import { helpText, parseCommand } from "./common/flags.ts";
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

  let isStopping = false;
  const stop = (): void => {
    if (isStopping) Deno.exit(130); // asked twice: at once
    isStopping = true;
    logging.logger.info("stopping", server.counts);
    server.shutdown();
  };
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);

  logging.logger.info("started", { address, db: flags.db, pid: Deno.pid });
  say(`listening on ${address}`);
  await server.serve(listener);
  await server.shutdown();
  logging.logger.info("stopped");
  return 0;
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
