import { assert, assertEquals } from "@std/assert";

import { systemClock } from "../../../common/clock.ts";
import { clusterMetrics } from "../../../server/cluster/cluster_metrics.ts";
import { Monitoring } from "../../../server/metrics/monitoring.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { BrokenStore } from "../../support/broken_store.ts";
import { withDatabasePath } from "../../support/database_path.ts";
import { readMetrics } from "../../support/read_metrics.ts";
import { RecordingLog } from "../../support/recording_log.ts";
import { TestServer } from "../../support/server_fixture.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

Deno.test("the metrics are those of the server, and no user's name is among them", () =>
  withDatabasePath(async (database) => {
    await using monitoring = await Monitoring.start(LOOPBACK, systemClock);
    await using store = openSqliteStore(database, { commits: monitoring.commits });
    await using chat = new TestServer({ store, deliveries: monitoring.deliveries });
    const { server } = chat;
    const metrics = clusterMetrics(() => ({
      ...{ nodes: 3, applied: 10, newest: 12, pending: 1, failed: 2 },
      ...{ fences: 4, names: 5, elsewhere: 6, isConnected: true },
    }));
    monitoring.open({
      server,
      logged: new Map([["WARN", 2]]),
      store,
      cluster: { metrics, obstacle: undefined },
      database,
      log: new RecordingLog(),
    });
    const gloria = await chat.online("gloria");
    const ruth = await chat.registered("ruth");
    const third = await chat.connect();
    const wrong = { account_name: "ruth", password: "wrong horse" };
    await third.ask({ event: "authenticate", user: wrong });
    await gloria.ask({ event: "msg", to: "ruth", message: "hello" });
    await gloria.ask({ event: "msg", to: "nobody-yet", message: "hello" });
    await gloria.ask({ event: "sing" });
    await ruth.ask({ event: "join", room: "#attic" });
    await chat.settlesAt({ connections: 3 });
    const { text, values } = await readMetrics(monitoring.address);
    assertEquals(
      [
        ...["jim_connections", "jim_users_online", "jim_accounts", "jim_rooms"],
      ].map((name) => values.get(name)),
      [3, 2, 1, 1],
    );
    assertEquals(values.get("jim_database_bytes"), Deno.statSync(database).size);
    assert(values.get("jim_database_wal_bytes")! > 0);
    assert(values.get("process_resident_memory_bytes")! > 10_000_000);
    assertEquals(values.get("jim_queue_bytes"), 0);
    assert(values.get("jim_commit_seconds_count")! > 0);
    assert(values.get("jim_commit_seconds_sum")! > 0);
    assert(values.has("jim_event_loop_lag_seconds_count"));
    assertEquals(values.get("jim_delivery_seconds_count"), 1);
    const sum = (name: string): number => values.get(name) ?? 0;
    assertEquals(
      {
        let_in: sum("jim_connections_total"),
        delivered: sum('jim_requests_total{event="msg",code="200"}'),
        unknown: sum('jim_requests_total{event="msg",code="404"}'),
        invalid: sum('jim_requests_total{event="invalid",code="400"}'),
        wrong: sum('jim_logins_failed_total{why="wrong"}'),
        throttled: sum('jim_logins_failed_total{why="throttled"}'),
        slow: sum('jim_connections_closed_total{reason="slow"}'),
        warnings: sum('jim_log_records_total{level="WARN"}'),
      },
      {
        let_in: 3,
        delivered: 1,
        unknown: 1,
        invalid: 1,
        wrong: 1,
        throttled: 0,
        slow: 0,
        warnings: 2,
      },
    );
    const ofNode = [...metrics.gauges, ...metrics.counters].map(({ name }) => values.get(name));
    assertEquals(ofNode, [3, 10, 12, 1, 5, 6, 1, 2, 4]);
    assertEquals(/gloria|ruth|attic|nobody/.exec(text), null);
    const page = Deno.readTextFileSync(new URL("../../../docs/operating.md", import.meta.url));
    for (const [, name] of text.matchAll(/^# TYPE (\w+)/gm)) {
      assert(page.includes(`| \`${name}\` `), `docs/operating.md has no line for ${name}`);
    }
  }));

Deno.test("a store that fails makes the server not ready, and hides no metrics", async () => {
  await using broken = new BrokenStore("disk I/O error");
  const { store } = broken;
  await using chat = new TestServer({ store });
  await using monitoring = await Monitoring.start(LOOPBACK, systemClock);
  const log = new RecordingLog();
  monitoring.open({ server: chat.server, logged: new Map(), store, database: ":memory:", log });
  broken.isBroken = true;
  const response = await fetch(`http://${monitoring.address}/readyz`);
  assertEquals([response.status, await response.text()], [503, "the store fails\n"]);
  const { values } = await readMetrics(monitoring.address);
  assertEquals(values.get("jim_connections"), 0, "the other metrics are there all the same");
  broken.isBroken = false;
});

Deno.test("bytes are those that a client sends and gets, those of the first read once", async () => {
  await using chat = new TestServer();
  const { hostname, port } = chat.address;
  using conn = await Deno.connect({ hostname, port });
  const buffer = new Uint8Array(4_096);
  let [sent, got] = [0, 0];
  for (const name of ["é", "e", "x".repeat(40)]) {
    const user = { account_name: name };
    sent += await conn.write(
      new TextEncoder().encode(`${JSON.stringify({ event: "presence", user })}\n`),
    );
    for (let last = 0; last !== 0x0a;) {
      const count = (await conn.read(buffer))!;
      got += count;
      last = buffer[count - 1]!;
    }
  }
  const { bytesRead, bytesWritten } = chat.server.counters;
  assertEquals([bytesRead, bytesWritten], [sent, got]);
});
