// A new server takes over the database of an old one while people write: what they notice, and what arrives.
import { assert, assertEquals, assertMatch } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { withDatabasePath } from "../support/database_path.ts";
import { PASSWORD } from "../support/server_fixture.ts";
import { ServedTime } from "../support/served_time.ts";
import { ServerProcess } from "../support/server_process.ts";
import { startClient } from "../support/start_client.ts";
import type { Terminal } from "../support/terminal.ts";
import { assertAllCame, Writer, WRITERS } from "../support/writer.ts";

/** What is promised: so soon after the old server has ended is everybody back. */
const BACK_MS = 2_000;
/** Answers that each has before the old server is told to end, and once more under the new one. */
const ANSWERS = 100;

type Address = { hostname: string; port: number };

/** The console of eve, who has an account. */
async function startConsole({ hostname, port }: Address): Promise<Terminal> {
  await using maker = await JimClient.connect({ hostname, port });
  await maker.login("eve", { password: PASSWORD, register: true });
  await maker.quit();
  const eve = startClient([hostname, `${port}`, "-n", "eve"], { columns: 100 });
  await eve.endsWith("Password for eve:");
  eve.enter(PASSWORD);
  await eve.endsWith("eve>");
  return eve;
}

Deno.test("a new server that waits for the old one: nothing is lost or doubled, all are back within 2 s, a person sees one line", () =>
  withDatabasePath(async (db) => {
    const options = { db, hashesCheaply: true };
    await using old = await ServerProcess.start(["--rate", "0"], options);
    const { address } = old;
    const writers: Writer[] = [];
    using time = new ServedTime();
    for (const _ of WRITERS) await Writer.start({ ...address }, writers, time);
    await using eve = await startConsole(address);
    const shown = eve.scrollback();
    const writing = writers.map((writer) => writer.write());

    await using fresh = await ServerProcess.begin(["--rate", "0", "--wait", "30"], {
      ...options,
      listenOn: ["-a", address.hostname, "-p", `${address.port}`],
    });
    await fresh.logs(`another server (process ${old.pid}) has it open`);
    await Promise.all(writers.map((writer) => writer.answered(ANSWERS)));
    old.kill("SIGTERM");
    const { code, stderr } = await old.ended();
    const freeAt = time.ms;
    const backAt = await Promise.all(writers.map((writer) => writer.isBack()));
    const awayMs = Math.max(...backAt.map(({ at }) => at)) - freeAt;
    assert(awayMs < BACK_MS, `the last one was back ${awayMs} ms after the lock was free`);
    await eve.shows("Interrupted");
    await eve.endsWith("eve>");
    await Promise.all(writers.map((writer) => writer.answered(ANSWERS)));
    await assertAllCame(writers, writing, true);
    assertEquals(writers.flatMap(({ unsure }) => [...unsure]), []);
    for (const writer of writers) await writer.quit();
    const seen = eve.scrollback();
    assertMatch(
      seen.slice(shown.lastIndexOf("eve>")),
      /^Interrupted \d\d:\d\d:\d\d, back \d\d:\d\d:\d\d\.\neve>\nonline$/,
    );
    const complaints = (stderr + fresh.stderr).match(/ (WARN|ERROR|CRITICAL) .*/g);
    assertEquals([code, complaints], [0, null]);
  }));
