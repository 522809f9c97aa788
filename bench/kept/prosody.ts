/**
 * Prosody, an XMPP server, with its archive of messages on.
 *
 * @module
 */

import {
  firstVersion,
  freePort,
  type Host,
  type RunningServer,
  type Server,
  startPeer,
} from "../servers.ts";

const INSTALL = "apt-get install prosody lua-dbi-sqlite3";

/** Its archive as it is by default: a file for each user and room, written to and not synced. */
export const PROSODY: Server = {
  ...prosody("prosody", "Prosody, files"),
  keeps: "not synced",
  start: (host) => start(PROSODY, host, `storage = "internal"`),
};

/** Its archive in SQLite: each record is a transaction of its own, and synced. */
export const PROSODY_SQLITE: Server = {
  ...prosody("prosody-sqlite", "Prosody, SQLite"),
  keeps: "synced",
  maxInFlight: 32,
  start: (host) =>
    start(
      PROSODY_SQLITE,
      host,
      `storage = "sql"
sql = { driver = "SQLite3", database = "prosody.sqlite" }`,
    ),
};

function prosody(id: Server["id"], title: string): Omit<Server, "start"> {
  return {
    id,
    title,
    protocol: "xmpp",
    concurrency: 64,
    answers: true,
    // The same names in each measurement: on each user's first message of a day it rewrites a list of all such users,
    // which belongs to the warm-up.
    keeping: { kept: 1, prefix: "" },
    async version({ processes }) {
      return firstVersion(await processes.run("prosodyctl", ["about"], { install: INSTALL }));
    },
  };
}

async function start(server: Server, host: Host, storage: string): Promise<RunningServer> {
  const port = freePort();
  const directory = await Deno.makeTempDir({ dir: host.directory });
  const path = `${directory}/prosody.cfg.lua`;
  await Deno.writeTextFile(path, configuration(port, directory, storage));
  return await startPeer(server, host, port, "prosody", ["-F", "--config", path]);
}

/** Limits are out of the way, everybody who gives a name is let in, and both archives are kept as long as ours. */
function configuration(port: number, directory: string, storage: string): string {
  return `run_as_root = true
pidfile = "${directory}/prosody.pid"
data_path = "${directory}"
certificates = "${directory}"
log = { warn = "${directory}/prosody.log" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
modules_enabled = { "roster", "saslauth", "smacks", "mam" }
modules_disabled = { "s2s", "tls", "offline", "admin_socket" }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "insecure"
insecure_open_authentication = "Yes please, I know what I'm doing!"
${storage}
default_archive_policy = true
archive_expires_after = "90d"
muc_log_expires_after = "90d"
-- Without these it reads a whole archive again for every message, and cuts it at 10 000.
storage_archive_item_limit = 1000000000
storage_archive_item_limit_cache_size = 100000
-- Without these it rewrites a list of all users, or rooms, for every message of more than 1000 of them.
archive_cleanup_date_cache_size = 100000
muc_log_cleanup_date_cache_size = 100000
VirtualHost "bench.test"
Component "rooms.bench.test" "muc"
  modules_enabled = { "muc_mam" }
  muc_room_locking = false
  muc_room_default_persistent = true
  muc_room_cache_size = 100000
`;
}
