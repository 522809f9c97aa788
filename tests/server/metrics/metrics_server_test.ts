import { assertEquals, assertThrows } from "@std/assert";

import { StartError } from "../../../common/errors.ts";
import { MetricsServer, type Subject } from "../../../server/metrics/metrics_server.ts";
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

async function ask(server: MetricsServer, path: string, method = "GET"): Promise<[number, string]> {
  const response = await fetch(`http://${server.address}${path}`, { method });
  return [response.status, await response.text()];
}

Deno.test("before the server is up it is alive and not ready", async () => {
  await using server = new MetricsServer(LOOPBACK, () => 0);
  assertEquals(await ask(server, "/healthz"), [200, "alive\n"]);
  assertEquals(await ask(server, "/readyz"), [503, "starting\n"]);
  assertEquals(await ask(server, "/metrics"), [503, "starting\n"]);
});

Deno.test("when it is up it is ready and shows its metrics, until it drains", async () => {
  await using server = new MetricsServer(LOOPBACK, () => 0);
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
  await using server = new MetricsServer(LOOPBACK, () => 0);
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
  let now = 0;
  await using server = new MetricsServer(LOOPBACK, () => now);
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
  now = 999;
  assertEquals((await ask(server, "/readyz"))[0], 503, "a result holds for a second");
  now = 1_000;
  assertEquals((await ask(server, "/readyz"))[0], 200);
});

Deno.test("however many ask, there is one check a second", async () => {
  await using server = new MetricsServer(LOOPBACK, () => 0);
  const subject = new FakeSubject();
  server.open(subject, new RecordingLog());
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(server, "/readyz")));
  assertEquals([answers.every(([status]) => status === 200), subject.checks], [true, 1]);
});

Deno.test("other paths are 404, other methods 405", async () => {
  await using server = new MetricsServer(LOOPBACK, () => 0);
  assertEquals((await ask(server, "/"))[0], 404);
  assertEquals((await ask(server, "/healthz", "POST"))[0], 405);
  assertEquals(await ask(server, "/healthz", "HEAD"), [200, ""]);
});

Deno.test("a port in use: one line", () => {
  using listener = Deno.listen(LOOPBACK);
  const { port } = listener.addr;
  assertThrows(
    () => new MetricsServer({ ...LOOPBACK, port }, () => 0),
    StartError,
    `Cannot serve metrics on 127.0.0.1:${port}: the port is in use; see --metrics`,
  );
});
