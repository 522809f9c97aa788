/**
 * A server in this process, on a port that the system chooses.
 *
 * @module
 */

import { ChatServer, type ChatServerOptions } from "../../server/chat_server.ts";
import { Passwords } from "../../server/passwords.ts";
import { openSqliteStore, type SqliteStoreOptions } from "../../server/store/sqlite.ts";
import type { Store } from "../../server/store/store.ts";
import { Peer } from "./peer.ts";

/** What differs from a server in memory whose passwords are cheap to check. */
export interface ChatFixtureOptions extends Partial<ChatServerOptions> {
  /** The database. */
  db?: string;
  /** How it is opened. */
  storeOptions?: SqliteStoreOptions;
}

/** The server, its store, and a way to it. */
export interface ChatFixture {
  readonly server: ChatServer;
  readonly store: Store;
  /** A new connection; closed when the test ends. */
  connect(): Promise<Peer>;
}

/** Runs a test against a server that is gone afterwards, with all connections. */
export async function withChatServer(
  options: ChatFixtureOptions,
  run: (fixture: ChatFixture) => Promise<void>,
): Promise<void> {
  const { db = ":memory:", storeOptions = {}, ...serverOptions } = options;
  await using opened = openSqliteStore(db, storeOptions);
  const passwords = new Passwords({ cost: { logN: 4, r: 8, p: 1 } });
  const server = new ChatServer({ store: opened, passwords, ...serverOptions });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = server.serve(listener);
  using peers = new DisposableStack();
  try {
    await run({
      server,
      store: options.store ?? opened,
      connect: async () => peers.use(await Peer.connect(listener.addr)),
    });
  } finally {
    peers.dispose();
    await server.shutdown(0);
    await serving;
  }
}
