/**
 * The chat server: flags → {@linkcode ChatServer}; signals; exit status.
 *
 * @module
 */

import { StartError, UsageError } from "./common/errors.ts";
import { helpText, parseCommand } from "./common/flags.ts";
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
  await using store = openSqliteStore(flags.db);
  const server = new ChatServer({ store, settings: settingsOf(flags) });
  const listener = listen(flags.addr, flags.port);

  let isStopping = false;
  const stop = (): void => {
    if (isStopping) Deno.exit(130); // asked twice: at once
    isStopping = true;
    server.shutdown();
  };
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);

  say(`listening on ${formatAddress(listener.addr as Deno.NetAddr)}`);
  await server.serve(listener);
  await server.shutdown();
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
