import { assert, assertEquals } from "@std/assert";

import { systemClock } from "../../../common/clock.ts";
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
    await using store = openSqliteStore(database);
    await using chat = new TestServer({ store });
    await using monitoring = await Monitoring.start(LOOPBACK, systemClock);
    const { server } = chat;
    monitoring.open({ server, store, database, log: new RecordingLog() });
    await chat.online("gloria");
    const ruth = await chat.registered("ruth");
    await chat.connect();
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
    assert(values.has("jim_event_loop_lag_seconds_count"));
    assertEquals(/gloria|ruth|attic/.exec(text), null);
    const page = Deno.readTextFileSync(new URL("../../../docs/operating.md", import.meta.url));
    for (const [, name] of text.matchAll(/^# TYPE (\w+)/gm)) {
      assert(page.includes(`| \`${name}\` `), `docs/operating.md has no line for ${name}`);
    }
  }));

Deno.test("a store that fails makes the server not ready", async () => {
  await using broken = new BrokenStore("disk I/O error");
  const { store } = broken;
  await using chat = new TestServer({ store });
  await using monitoring = await Monitoring.start(LOOPBACK, systemClock);
  const log = new RecordingLog();
  monitoring.open({ server: chat.server, store, database: ":memory:", log });
  broken.isBroken = true;
  const response = await fetch(`http://${monitoring.address}/readyz`);
  assertEquals([response.status, await response.text()], [503, "the store fails\n"]);
  broken.isBroken = false;
});
