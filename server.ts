/**
 * The chat server: flags → {@linkcode ChatServer}; signals; exit status.
 *
 * @module
 */

import { systemClock } from "./common/clock.ts";
import { atPlace } from "./common/config/at_place.ts";
import type { ConfigFile } from "./common/config/config_keys.ts";
import { withConfig } from "./common/config/with_config.ts";
import { StartError } from "./common/errors.ts";
import { exitStatus } from "./common/exit_status.ts";
import { parseCommand } from "./common/flags.ts";
import { followProcesses } from "./common/follow_processes.ts";
import { Interrupts, stopSignals } from "./common/interrupts.ts";
import type { Log } from "./common/log.ts";
import { logSettingsOf } from "./logs/handlers/flags.ts";
import { LevelCounts } from "./logs/handlers/level_counts.ts";
import { setupLogging } from "./logs/handlers/setup.ts";
import { ChatServer } from "./server/chat_server.ts";
import { checkFlags } from "./server/checked_flags.ts";
import type { NatsCluster, NatsClusterOptions } from "./server/cluster/nats/nats_cluster.ts";
import { guardFaults } from "./server/fault_guard.ts";
import { SERVER_COMMAND, SERVER_CONFIG, settingsOf, type TlsFiles } from "./server/flags.ts";
import { ReloadWishes } from "./server/config/reload_wishes.ts";
import { pathsOf, requireFiles, requireSharedPort } from "./server/require_files.ts";
import { formatAddress, listen } from "./server/connection/listen.ts";
import type { MetricsAddress } from "./server/metrics/metrics_address.ts";
import type { Monitoring } from "./server/metrics/monitoring.ts";
import { checkAside } from "./server/store/file_check.ts";
import { databaseIdentity } from "./server/store/database_identity.ts";
import { DatabaseLock } from "./server/store/database_lock.ts";
import { refuseLoneDatabase } from "./server/store/lone_database.ts";
import {
  openSqliteReplica,
  openSqliteStore,
  type SqliteStoreOptions,
} from "./server/store/sqlite.ts";
import type { StoreError } from "./server/store/store.ts";
import type { TlsKeeper } from "./server/connection/tls_keeper.ts";
import { printLine, printLineLater } from "./common/output.ts";
import { printable } from "./common/printable.ts";
import { VERSION } from "./common/version.ts";

async function main(args: string[]): Promise<number> {
  const command = parseCommand(SERVER_COMMAND, args);
  if (command.info !== undefined) {
    printLine(command.info);
    return 0;
  }
  const { config } = command.flags;
  // With a certificate or a file of settings, SIGHUP asks to read it again, as with other daemons: from here on, since it
  // may come while this waits for the database.
  const signals = stopSignals();
  const reloads = (config ?? command.flags["tls-cert"]) !== undefined;
  const wishes = reloads && signals.includes("SIGHUP") ? new ReloadWishes() : undefined;
  if (wishes !== undefined) Deno.addSignalListener("SIGHUP", () => wishes.request());
  requireFiles(args, pathsOf(command.flags), config === undefined ? {} : { config });
  const file = config === undefined ? undefined : await readConfig(config);
  const flags = file === undefined ? command.flags : withConfig(command, file);
  const source = { path: config, file };
  const checked = atPlace(command.given, source, () => checkFlags(flags));
  const { proxies, nats } = checked;
  if (flags["print-config"]) {
    const { configText } = await import("./server/config/config_text.ts");
    printLine(configText(SERVER_COMMAND.flags, command, source));
    return 0;
  }
  const paths = pathsOf(flags);
  const isLogDirGiven = command.given.has("log-dir") || file?.has("log-dir");
  requireFiles(args, paths, isLogDirGiven ? paths : { ...paths, logDir: undefined });
  if (flags["reuse-port"]) requireSharedPort(args, paths);
  const tls = checked.tlsFiles && await keepTls(checked.tlsFiles);
  // Whoever finds the database or the port taken has changed nothing: no schema, no log of the server that has it.
  using _lock = await DatabaseLock.take(flags.db, {
    waitSeconds: flags.wait,
    onWait: (holder) => {
      if (flags.quiet) return;
      const what = `database '${printable(flags.db)}': ${holder} has it open`;
      printLineLater(`Waiting up to ${flags.wait} s for ${what}`, Deno.stderr);
    },
  });
  if (nats !== undefined) refuseLoneDatabase(flags.db);
  // From here on connections queue up; the first is accepted when the store is open.
  const listener = listen(flags.addr, flags.port, flags["reuse-port"]);
  const address = formatAddress(listener.addr as Deno.NetAddr);
  await using monitoring = checked.metrics && await monitor(checked.metrics);
  await using logging = await setupLogging("server", logSettingsOf(flags));
  guardFaults(logging.child("session"));
  const storeOptions: SqliteStoreOptions = {
    knownDays: flags["known-days"],
    mailDays: flags["mail-days"],
    roomDays: flags["room-days"],
    historyDays: flags["history-days"],
    resumeHours: flags["resume-hours"],
    maxBytes: flags["max-db"] * 1024 ** 2,
    onFull: (isFull) =>
      isFull
        ? logging.logger.warn("storage full, refusing what would be stored", {
          limit: `${flags["max-db"]} MiB`,
        })
        : logging.logger.info("storage has room again"),
    ...(monitoring && { commits: monitoring.commits }),
    log: logging.child("store"),
    onFault: ({ message }) => logging.logger.error("store failed", { reason: message }),
    // Of opening, this alone takes long: /healthz and /readyz answer meanwhile.
    isChecked: await checkAside(flags.db, {
      onBegin: (bytes) =>
        logging.logger.info("reading the database through", { mib: Math.round(bytes / 1024 ** 2) }),
    }),
  };
  const broken = Promise.withResolvers<StoreError>();
  await using cluster = nats && await joinNodes({
    settings: nats,
    openCopy: (log) => openSqliteReplica(flags.db, { ...storeOptions, replicaOf: log }),
    name: flags.node ?? address,
    isNamed: flags.node !== undefined,
    database: () => databaseIdentity(flags.db),
    onBroken: broken.resolve,
    log: logging.child("nodes"),
  });
  await using alone = cluster === undefined ? openSqliteStore(flags.db, storeOptions) : undefined;
  const store = cluster?.store ?? alone!;
  const log = logging.child("session");
  const settings = settingsOf(flags);
  const server = new ChatServer({
    store,
    settings,
    log,
    ...(tls && { tls }),
    ...(proxies && { proxies }),
    ...(cluster && { cluster }),
    ...(monitoring && { deliveries: monitoring.deliveries }),
  });

  const stop = (): void => {
    logging.logger.info("stopping", server.counts);
    monitoring?.drain();
    server.shutdown();
  };
  const interrupts = new Interrupts().listen(
    signals.filter((signal) => !reloads || signal !== "SIGHUP"),
  );
  followProcesses(interrupts, checked.following);
  interrupts.first.then(stop);
  interrupts.second.then(() => Deno.exit(130));
  let status = 0;
  broken.promise.then(({ message }) => {
    logging.logger.critical("this node cannot follow the others", { reason: message });
    status = 1;
    interrupts.request();
  });
  if (flags["stop-at-eof"]) inputEnds().then(() => interrupts.request());

  if (tls !== undefined) tell(tls, logging.logger);
  if (wishes !== undefined) {
    const { LiveConfig } = await import("./server/config/live_config.ts");
    const live = config === undefined ? undefined : new LiveConfig({
      path: config,
      spec: SERVER_CONFIG,
      command,
      flags,
      check: checkFlags,
      apply: (changed) => {
        server.configure(settingsOf(changed));
        logging.setLevel(changed["log-level"]);
      },
      log: logging.logger,
    });
    wishes.open(() => {
      live?.reload();
      if (tls !== undefined && reload(tls, logging.logger)) tell(tls, logging.logger);
    });
  }

  if (monitoring !== undefined) {
    const levels = new LevelCounts();
    logging.add(levels);
    monitoring.open({
      server,
      logged: levels.counts,
      store,
      ...(cluster && { cluster }),
      database: flags.db,
      log: logging.logger,
    });
    logging.logger.info("metrics served", { address: monitoring.address });
  }
  await server.join();
  logging.logger.info("started", { address, db: flags.db, pid: Deno.pid, version: VERSION });
  printLineLater(`listening on ${address}`);
  await server.serve(listener);
  await server.shutdown();
  logging.logger.info("stopped");
  return status;
}

/** Reads the file of `--config`. What that takes is loaded here, by those who have one. */
async function readConfig(path: string): Promise<ConfigFile> {
  const { readConfigFile } = await import("./common/config/config_file.ts");
  return readConfigFile(path, SERVER_CONFIG);
}

/** Reads certificate and key. What TLS takes is loaded here, by those who ask for it. */
async function keepTls(files: TlsFiles): Promise<TlsKeeper> {
  const { TlsKeeper } = await import("./server/connection/tls_keeper.ts");
  return new TlsKeeper(files);
}

/** Becomes one of several nodes. What that takes is loaded here, by those who ask for it. */
async function joinNodes(options: NatsClusterOptions): Promise<NatsCluster> {
  const { NatsCluster } = await import("./server/cluster/nats/nats_cluster.ts");
  return await NatsCluster.open(options);
}

/** Begins to answer monitoring. What that takes is loaded here, by those who ask for it. */
async function monitor(address: MetricsAddress): Promise<Monitoring> {
  const { Monitoring } = await import("./server/metrics/monitoring.ts");
  return await Monitoring.start(address, systemClock);
}

/** Resolves when the other end of standard input is closed; what arrives there is ignored. */
async function inputEnds(): Promise<void> {
  try {
    for await (const _ of Deno.stdin.readable);
  } catch {
    // A broken input has also ended.
  }
}

function tell({ path, expires }: TlsKeeper, log: Log): void {
  const fields = { path, expires: expires.toISOString() };
  if (expires.getTime() > Date.now()) log.info("certificate loaded", fields);
  else log.warn("certificate loaded, but it has expired", fields);
}

/** Renews the certificate; a wrong one changes nothing, since a running server must go on. */
function reload(tls: TlsKeeper, log: Log): boolean {
  try {
    tls.reload();
    return true;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    log.error("certificate not loaded, the one before stays", { reason: error.message });
    return false;
  }
}

if (import.meta.main) {
  Deno.exit(await exitStatus(() => main(Deno.args)));
}
