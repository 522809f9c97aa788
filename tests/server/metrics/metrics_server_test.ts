import { assertEquals, assertThrows } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { MetricsServer, type Subject } from "../../../server/metrics/metrics_server.ts";
import { StoreLostError } from "../../../server/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { RecordingLog } from "../../support/recording_log.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

/** A server's state, as a test wants it. */
class FakeSubject implements Subject {
  fault: Error | undefined;
  checks = 0;
  readonly exposition = {
    contentType: "text/plain; version=0.0.4",
    text: (): Promise<string> => this.fault ? Promise.reject(this.fault) : Promise.resolve("a 1\n"),
  };
  inTheWay: string | undefined;
  obstacle(): string | undefined {
    return this.inTheWay;
  }
  check(): Promise<void> {
    this.checks++;
    return this.fault ? Promise.reject(this.fault) : Promise.resolve();
  }
}

/** A connection that says some words. */
async function connect(server: MetricsServer, words: string): Promise<Deno.TcpConn> {
  const port = Number(server.address.split(":")[1]);
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(words));
  return conn;
}

/** All that comes until the connection ends, in order or not. */
async function rest(conn: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(1_024);
  let text = "";
  try {
    for (let count; (count = await conn.read(buffer)) !== null;) {
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return text;
}

async function ask(server: MetricsServer, path: string, method = "GET"): Promise<[number, string]> {
  const response = await fetch(`http://${server.address}${path}`, { method });
  return [response.status, await response.text()];
}

Deno.test("before the server is up it is alive and not ready", async () => {
  await using server = new MetricsServer(LOOPBACK, new FakeClock());
  assertEquals(await ask(server, "/healthz"), [200, "alive\n"]);
  assertEquals(await ask(server, "/readyz"), [503, "starting\n"]);
  assertEquals(await ask(server, "/metrics"), [503, "starting\n"]);
});

Deno.test("when it is up it is ready and shows its metrics, until it drains", async () => {
  await using server = new MetricsServer(LOOPBACK, new FakeClock());
  server.open(new FakeSubject(), new RecordingLog());
  assertEquals(await ask(server, "/readyz"), [200, "ready\n"]);
  const response = await fetch(`http://${server.address}/metrics?name[]=a`);
  assertEquals(
    [response.status, response.headers.get("content-type"), await response.text()],
    [200, "text/plain; version=0.0.4", "a 1\n"],
  );
  server.drain();
  assertEquals(await ask(server, "/readyz"), [503, "stopping\n"]);
  assertEquals(await ask(server, "/healthz"), [200, "alive\n"]);
  assertEquals((await ask(server, "/metrics"))[0], 200, "the last numbers are worth having");
});

Deno.test("what stands in the way is told at once, without a check, and metrics go on", async () => {
  await using server = new MetricsServer(LOOPBACK, new FakeClock());
  const subject = new FakeSubject();
  subject.inTheWay = "cut off from the other nodes";
  server.open(subject, new RecordingLog());
  assertEquals(await ask(server, "/readyz"), [503, "cut off from the other nodes\n"]);
  assertEquals(subject.checks, 0);
  assertEquals((await ask(server, "/metrics"))[0], 200);
  subject.inTheWay = undefined;
  assertEquals([await ask(server, "/readyz"), subject.checks], [[200, "ready\n"], 1]);
});

Deno.test("while the store fails it is not ready; why stands in the log alone", async () => {
  const clock = new FakeClock();
  await using server = new MetricsServer(LOOPBACK, clock);
  const [subject, log] = [new FakeSubject(), new RecordingLog()];
  server.open(subject, log);
  subject.fault = new Error("disk I/O error at /srv");
  assertEquals(await ask(server, "/readyz"), [503, "the store fails\n"]);
  assertEquals(log.of("not ready, the store fails").map(({ fields }) => fields.reason), [
    "disk I/O error at /srv",
  ]);
  assertEquals(await ask(server, "/metrics"), [
    500,
    "the metrics could not be read; the log says why\n",
  ]);
  assertEquals(log.of("metrics not read").length, 1);
  subject.fault = undefined;
  clock.advance(999);
  assertEquals((await ask(server, "/readyz"))[0], 503, "a result holds for a second");
  clock.advance(1);
  assertEquals((await ask(server, "/readyz"))[0], 200);
});

Deno.test("that the database's file is gone is said in words of its own, without its path", async () => {
  await using server = new MetricsServer(LOOPBACK, new FakeClock());
  const subject = new FakeSubject();
  server.open(subject, new RecordingLog());
  subject.fault = new StoreLostError("Database file '/srv/jim.db' is gone");
  assertEquals(await ask(server, "/readyz"), [503, "the database file is gone or another one\n"]);
});

Deno.test("however many ask, there is one check a second", async () => {
  await using server = new MetricsServer(LOOPBACK, new FakeClock());
  const subject = new FakeSubject();
  server.open(subject, new RecordingLog());
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server, "/readyz")));
  assertEquals([answers.every(([status]) => status === 200), subject.checks], [true, 1]);
});

Deno.test("other paths are 404, other methods 405", async () => {
  await using server = new MetricsServer(LOOPBACK, new FakeClock());
  assertEquals((await ask(server, "/"))[0], 404);
  assertEquals((await ask(server, "/healthz", "POST"))[0], 405);
  assertEquals(await ask(server, "/healthz", "HEAD"), [200, ""]);
});

Deno.test("a port in use: one line", () => {
  using listener = Deno.listen(LOOPBACK);
  const { port } = listener.addr;
  assertThrows(
    () => new MetricsServer({ ...LOOPBACK, port }, new FakeClock()),
    StartError,
    `Cannot serve metrics on 127.0.0.1:${port}: the port is in use; see --metrics`,
  );
});

Deno.test("a wrong Host is no reason not to answer, and what is no request of HTTP is 400", async () => {
  await using server = new MetricsServer(LOOPBACK, new FakeClock());
  for (
    const [words, status] of [
      ["GET /healthz HTTP/1.1\r\nHost: [\r\n\r\n", 200],
      ["GET healthz HTTP/1.1\r\n\r\n", 400],
    ] as const
  ) {
    using conn = await connect(server, words);
    assertEquals((await rest(conn)).split(" ")[1], `${status}`, words);
  }
});

Deno.test("a request that does not come to an end, and an answer that nobody reads, end after ten seconds", async () => {
  const clock = new FakeClock();
  await using server = new MetricsServer(LOOPBACK, clock);
  const subject = new FakeSubject();
  subject.exposition.text = () => Promise.resolve("a 1\n".repeat(4_000_000));
  server.open(subject, new RecordingLog());
  using half = await connect(server, "GET /heal");
  using lazy = await connect(server, "GET /metrics HTTP/1.1\r\n\r\n");
  await lazy.read(new Uint8Array(1));
  // Whoever came later is answered, so these two were accepted.
  assertEquals(await ask(server, "/healthz"), [200, "alive\n"]);
  clock.advance(10_000);
  assertEquals(await rest(half), "");
  assertEquals((await rest(lazy)).length < 16_000_000, true);
  assertEquals(clock.pending, 0);
});

Deno.test("for one connection more than 64 the oldest is closed", async () => {
  await using server = new MetricsServer(LOOPBACK, new FakeClock());
  using conns = new DisposableStack();
  const all = [];
  for (let n = 0; n < 64; n++) all.push(conns.use(await connect(server, "GET /heal")));
  const [first, second] = all;
  assertEquals(await ask(server, "/healthz"), [200, "alive\n"]);
  assertEquals(await rest(first!), "");
  await second!.write(new TextEncoder().encode("thz HTTP/1.1\r\n\r\n"));
  assertEquals((await rest(second!)).startsWith("HTTP/1.1 200 OK\r\n"), true);
});
