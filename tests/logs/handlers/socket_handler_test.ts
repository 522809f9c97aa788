import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Logger } from "@std/log/logger";
import { TextLineStream } from "@std/streams/text-line-stream";
import {
  type CollectorConn,
  SocketHandler,
  type SocketHandlerOptions,
} from "../../../logs/handlers/socket_handler.ts";

/** A handler for a collector on the loopback, with what it warned of. */
function handlerFor(port: number, options: Partial<SocketHandlerOptions> = {}) {
  const warnings: string[] = [];
  const handler = new SocketHandler("INFO", {
    port,
    retryDelay: 1,
    maxRetryDelay: 2,
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  return { handler, warnings, logger: new Logger("server", "INFO", { handlers: [handler] }) };
}

/** Reads records from a connection. */
class Collector {
  readonly conn: Deno.TcpConn;
  readonly #lines: ReadableStreamDefaultReader<string>;

  constructor(conn: Deno.TcpConn) {
    this.conn = conn;
    this.#lines = conn.readable.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
  }

  async next(): Promise<Record<string, unknown>> {
    const { value } = await this.#lines.read();
    assert(value !== undefined, "the connection ended");
    return JSON.parse(value);
  }

  async close(): Promise<void> {
    await this.#lines.cancel();
  }
}

function listen(port = 0): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port });
}

Deno.test("SocketHandler ships records as lines of JSON, in order", async () => {
  using listener = listen();
  const { handler, logger, warnings } = handlerFor(listener.addr.port);
  handler.setup();
  handler.setup();
  logger.info("connected", { name: "eve", text: "a\nb\x1b" });
  logger.debug("below the level");
  for (let i = 0; i < 2000; i++) logger.warn("busy", { i });
  const collector = new Collector(await listener.accept());
  const { time, ...first } = await collector.next();
  assertMatch(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(first, {
    level: "INFO",
    logger: "server",
    message: "connected",
    name: "eve",
    text: "a\nb\x1b",
  });
  for (let i = 0; i < 2000; i++) assertEquals((await collector.next()).i, i);
  assert(await handler.sent(1000));
  assert(handler.isConnected);
  handler.destroy();
  handler.destroy();
  assert(!handler.isConnected);
  await collector.close();
  assertEquals(handler.dropped, 0);
  assertEquals(warnings, []);
});

Deno.test("SocketHandler drops with a count while the collector is away, then reconnects", async () => {
  const first = listen();
  const { port } = first.addr;
  first.close();
  const { promise: away, resolve } = Promise.withResolvers<void>();
  const warnings: string[] = [];
  const { handler, logger } = handlerFor(port, {
    maxQueuedBytes: 1000,
    onWarning: (message) => {
      warnings.push(message);
      resolve();
    },
  });
  handler.setup();
  await away;
  for (let i = 0; i < 100; i++) logger.info("tick", { i });
  const kept = 100 - handler.dropped;
  assert(kept > 5 && kept < 20, `${kept} of 100 kept`);

  using second = listen(port);
  const collector = new Collector(await second.accept());
  for (let i = 0; i < kept; i++) assertEquals((await collector.next()).i, i);
  logger.info("after");
  const missing = await collector.next();
  assertEquals([missing.level, missing.message, missing.dropped], [
    "WARN",
    "records dropped",
    100 - kept,
  ]);
  assertEquals((await collector.next()).message, "after");
  handler.destroy();
  await collector.close();
  assertEquals(warnings.length, 2, warnings.join("\n"));
  assertMatch(warnings[0]!, /^Log collector 127\.0\.0\.1:\d+ is away, will try again: .*refused/);
  assertMatch(warnings[1]!, /^Log collector .* is back; records dropped so far: \d+$/);
});

Deno.test("SocketHandler notices at once that the collector hangs up", async () => {
  using listener = listen();
  const { handler, logger } = handlerFor(listener.addr.port);
  handler.setup();
  const first = new Collector(await listener.accept());
  logger.info("one");
  assertEquals((await first.next()).message, "one");
  await first.close();
  // Nothing is sent, and still it comes back: the next record is not lost in a dead connection.
  const second = new Collector(await listener.accept());
  logger.info("two");
  assertEquals((await second.next()).message, "two");
  handler.destroy();
  await second.close();
});

Deno.test("SocketHandler sends a line that was cut off again, whole", async () => {
  const received: string[] = [];
  let connections = 0;
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const { handler } = handlerFor(1, {
    connect: () => {
      const connection = connections++;
      received.push("");
      const { promise: closed, resolve: close } = Promise.withResolvers<null>();
      const conn: CollectorConn = {
        read: () => closed,
        write(bytes) {
          // The first connection takes 7 bytes and breaks; the second takes 3 at a time.
          if (connection === 0 && received[0] !== "") throw new Deno.errors.ConnectionReset();
          const part = bytes.subarray(0, connection === 0 ? 7 : 3);
          received[connection] += new TextDecoder().decode(part);
          if (received[connection]!.endsWith("third\n")) resolve();
          return Promise.resolve(part.length);
        },
        close: () => close(null),
      };
      return Promise.resolve(conn);
    },
  });
  for (const line of ["one", "second", "third"]) handler.log(line);
  handler.setup();
  // The handler keeps no process alive while it waits to connect again.
  const alive = setInterval(() => {}, 60_000);
  await done;
  assert(await handler.sent(1000));
  clearInterval(alive);
  assertEquals(received, ["one\nsec", "second\nthird\n"]);
  handler.destroy();
  assertEquals(handler.dropped, 0);
});

Deno.test("SocketHandler never blocks, whatever the collector does", async () => {
  const { promise: writing, resolve } = Promise.withResolvers<void>();
  const stuck: CollectorConn = {
    read: () => new Promise(() => {}),
    write: () => {
      resolve();
      return new Promise(() => {}); // nobody reads, and the buffers of the system are full
    },
    close: () => {},
  };
  const { handler, logger } = handlerFor(1, {
    maxQueuedBytes: 100_000,
    connect: () => Promise.resolve(stuck),
  });
  handler.setup();
  logger.info("first");
  await writing;
  for (let i = 0; i < 100; i++) logger.info("x".repeat(4000));
  assert(handler.dropped >= 75, `${handler.dropped} dropped`);
  assertEquals(await handler.sent(1), false);
  handler.destroy();
  assertEquals(handler.dropped, 101, "what still waits is counted at the end");
  // Records after the end are kept or dropped, but nothing fails.
  logger.info("late");
  assertEquals(await handler.sent(1000), false);
});

Deno.test("SocketHandler lets the process end, and asks for no permission", async () => {
  using listener = listen();
  const script = import.meta.resolve("../support/ship_hello.ts");
  const run = async (permissions: string[]): Promise<string> => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", ...permissions, script, String(listener.addr.port)],
    }).output();
    assertEquals(code, 0);
    return new TextDecoder().decode(stderr);
  };
  assertMatch(await run([]), /is away, will try again: no permission \(--allow-net\)\n$/);
  const [warnings, line] = await Promise.all([
    run(["--allow-net=127.0.0.1"]),
    (async () => {
      using conn = await listener.accept();
      const buffer = new Uint8Array(100);
      return new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
    })(),
  ]);
  assertEquals([warnings, line], ["", "hello\n"]);
});

Deno.test("SocketHandler checks its options", () => {
  for (
    const options of [{ port: 0 }, { port: 65_536 }, { port: 1, maxQueuedBytes: -1 }, {
      port: 1,
      retryDelay: 0,
    }, { port: 1, retryDelay: 10, maxRetryDelay: 5 }]
  ) {
    assertThrows(
      () => new SocketHandler("INFO", options),
      RangeError,
      "Cannot ship log: '",
    );
  }
});
