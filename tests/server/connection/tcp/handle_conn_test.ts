import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { connect } from "node:net";

import type { ByteReceiver } from "../../../../common/link.ts";
import type { Accepted } from "../../../../server/connection/accept.ts";
import { HandleConn } from "../../../../server/connection/tcp/handle_conn.ts";
import { HandleListener } from "../../../../server/connection/tcp/handle_listener.ts";
import {
  findTcpInternals,
  READ,
  type SocketHandle,
} from "../../../../server/connection/tcp/internals.ts";
import { settle } from "../../../support/settle.ts";

function listenOnLoopback(): HandleListener {
  const where = { hostname: "127.0.0.1", port: 0, isShared: false };
  return new HandleListener(findTcpInternals()!, where);
}

/** Both ends of a connection of 127.0.0.1. */
class Ends implements Disposable {
  readonly #listener: HandleListener;
  readonly near: Deno.TcpConn;
  readonly far: Accepted;

  constructor(listener: HandleListener, near: Deno.TcpConn, far: Accepted) {
    this.#listener = listener;
    this.near = near;
    this.far = far;
  }

  static async open(): Promise<Ends> {
    const listener = listenOnLoopback();
    const near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    return new Ends(listener, near, await listener.accept());
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const end of [this.near, this.far]) {
      try {
        end.close();
      } catch {
        // The test has closed it.
      }
    }
  }
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Bytes that tell where they are. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

async function readAll(source: Pick<Deno.Conn, "read">, bufferBytes = 1_000): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const buffer = new Uint8Array(bufferBytes);
    const count = await source.read(buffer);
    if (count === null) break;
    parts.push(buffer.subarray(0, count));
  }
  return new Uint8Array(Buffer.concat(parts));
}

async function writeAll(sink: Pick<Accepted, "write">, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await sink.write(rest));
}

Deno.test("it knows where the peer is", async () => {
  using ends = await Ends.open();
  const { hostname, port } = ends.near.localAddr;
  assertEquals(ends.far.remoteAddr, { transport: "tcp", hostname, port });
  ends.far.setNoDelay?.();
  ends.far.setKeepAlive?.();
});

Deno.test("what is read is what was written, before and behind the read, in pieces of any size", async () => {
  using ends = await Ends.open();
  const buffer = new Uint8Array(8);
  const early = ends.far.read(buffer);
  await ends.near.write(bytesOf("one"));
  assertEquals([await early, [...buffer.subarray(0, 3)]], [3, [...bytesOf("one")]]);

  const much = pattern(300_000);
  const writing = writeAll(ends.near, much).then(() => ends.near.closeWrite());
  assertEquals(await readAll(ends.far, 777), much);
  await writing;
  assertEquals(await ends.far.read(buffer), null, "the end is the end however often it is read");
});

Deno.test("connections that are read in the same turn do not mix", async () => {
  using first = await Ends.open();
  using second = await Ends.open();
  const [one, other] = [new Uint8Array(4_000), new Uint8Array(4_000)];
  const reads = [first.far.read(one), second.far.read(other)];
  await Promise.all([
    first.near.write(new Uint8Array(4_000).fill(1)),
    second.near.write(new Uint8Array(4_000).fill(2)),
  ]);
  const [count, otherCount] = await Promise.all(reads);
  assertEquals(new Set(one.subarray(0, count!)), new Set([1]));
  assertEquals(new Set(other.subarray(0, otherCount!)), new Set([2]));
});

Deno.test("after the peer's end it can be written to", async () => {
  using ends = await Ends.open();
  await ends.near.closeWrite();
  assertEquals(await ends.far.read(new Uint8Array(1)), null);
  assertEquals(ends.far.write(bytesOf("bye")), 3, "at once");
  await ends.far.closeWrite();
  assertEquals(await readAll(ends.near), bytesOf("bye"));
});

Deno.test("what the system does not take at once arrives, too, in order", async () => {
  using ends = await Ends.open();
  const much = pattern(8_000_000);
  let isAsync = false;
  const writing = (async () => {
    for (let rest = much.subarray(0); rest.length > 0;) {
      const count = ends.far.write(rest);
      isAsync ||= typeof count !== "number";
      rest = rest.subarray(await count);
    }
    await ends.far.closeWrite();
  })();
  const read = await readAll(ends.near, 65_536);
  await writing;
  assertEquals(isAsync, true);
  assertEquals(read.length, much.length);
  assert(Buffer.from(much).equals(read));
});

Deno.test("a text is written as what TextEncoder makes of it", async () => {
  using ends = await Ends.open();
  const texts = ["ascii", "ç \u00ff", "Привет", "👩‍🚀", "lone \ud800 one", "\udc00", "", "\0\ufeff"];
  const bytes = texts.map((text) => bytesOf(text));
  const counts: number[] = [];
  for (const text of texts) counts.push(await ends.far.writeText!(text));
  await ends.far.closeWrite();
  assertEquals(counts, bytes.map(({ length }) => length));
  assertEquals(await readAll(ends.near), new Uint8Array(Buffer.concat(bytes)));
});

Deno.test("a text that the system does not take at once arrives whole, in order with others", async () => {
  using ends = await Ends.open();
  const text = "Ж".repeat(3_000_000);
  const reading = readAll(ends.near, 65_536);
  const count = ends.far.writeText!(text);
  assert(typeof count !== "number");
  assertEquals(await count, 6_000_000);
  assertEquals(ends.far.writeText!("end"), 3);
  await ends.far.closeWrite();
  assertEquals(new TextDecoder().decode(await reading), text + "end");
});

Deno.test("nothing is taken from the system that nobody waits for, but one piece", async () => {
  const calls: string[] = [];
  const internals = findTcpInternals()!;
  let incoming = new Uint8Array(0);
  const handle = {
    onread: () => {},
    useUserBuffer: (buffer: Uint8Array) => incoming = buffer as Uint8Array<ArrayBuffer>,
    readStart: () => (calls.push("start"), 0),
    readStop: () => (calls.push("stop"), 0),
  };
  const state = new Int32Array(4);
  const remote = { transport: "tcp", hostname: "127.0.0.1", port: 1 } as const;
  const conn = new HandleConn(handle as unknown as SocketHandle, { ...internals, state }, remote);
  const come = (text: string): void => {
    incoming.set(bytesOf(text));
    state[READ] = text.length;
    handle.onread();
  };
  const buffer = new Uint8Array(3);
  const read = async (): Promise<string> => {
    const count = await conn.read(buffer);
    return new TextDecoder().decode(buffer.subarray(0, count!));
  };

  const first = read();
  assertEquals(calls, ["start"]);
  come("abc");
  assertEquals([await first, calls], ["abc", ["start"]]);
  const second = read();
  come("defgh");
  assertEquals([await second, calls], ["def", ["start", "stop"]]);
  assertEquals([await read(), calls], ["gh", ["start", "stop"]], "the rest, without the system");
  const third = read();
  assertEquals(calls, ["start", "stop", "start"]);
  come("i");
  come("jk");
  assertEquals([await third, calls], ["i", ["start", "stop", "start", "stop"]]);
  assertEquals(await read(), "jk");
});

/** What a connection gives to receivers, one after the other, until the end. */
function receiveAll(conn: Accepted): Promise<{ text: string; error: string | undefined }> {
  return new Promise((resolve) => {
    let text = "";
    const receiver: ByteReceiver = {
      onBytes(bytes) {
        text += new TextDecoder().decode(bytes);
        conn.receive!(receiver);
      },
      onEnd: (error) => resolve({ text, error: error?.name }),
    };
    conn.receive!(receiver);
  });
}

Deno.test("receivers are given what comes, before and behind a read, and the end", async () => {
  using ends = await Ends.open();
  const all = "abc".repeat(10_000);
  await ends.near.write(bytesOf("xyz"));
  const buffer = new Uint8Array(2);
  assertEquals(await ends.far.read(buffer), 2);
  const received = receiveAll(ends.far);
  await writeAll(ends.near, bytesOf(all));
  await ends.near.closeWrite();
  assertEquals(await received, { text: "z" + all, error: undefined });
  assertEquals(await receiveAll(ends.far), { text: "", error: undefined }, "as often as wanted");
});

Deno.test("a receiver is told of a reset, of the connection's close, and that it was closed", async () => {
  using listener = listenOnLoopback();
  const near = connect(listener.addr.port, "127.0.0.1");
  const far = await listener.accept();
  const reset = receiveAll(far);
  near.write("x", () => near.resetAndDestroy());
  assertEquals((await reset).error, "ConnectionReset");
  far.close();

  using ends = await Ends.open();
  const closed = receiveAll(ends.far);
  ends.far.close();
  assertEquals(await closed, { text: "", error: "BadResource" });
  assertEquals(await receiveAll(ends.far), { text: "", error: "BadResource" });
});

Deno.test("close ends what is pending and all that comes later", async () => {
  using ends = await Ends.open();
  const reading = assertRejects(() => ends.far.read(new Uint8Array(1)), Deno.errors.BadResource);
  const writing = assertRejects(async () => {
    for (;;) await ends.far.write(new Uint8Array(1_000_000)); // nobody reads it
  });
  await settle();
  ends.far.close();
  await Promise.all([reading, writing]);
  await assertRejects(() => ends.far.read(new Uint8Array(1)), Deno.errors.BadResource);
  await assertRejects(async () => await ends.far.write(bytesOf("x")), Deno.errors.BadResource);
  await assertRejects(() => ends.far.closeWrite(), Deno.errors.BadResource);
  assertThrows(() => ends.far.close(), Deno.errors.BadResource);
});

Deno.test("a reset is told as one, whether somebody reads or will", async () => {
  using listener = listenOnLoopback();
  for (const isWaiting of [true, false]) {
    const near = connect(listener.addr.port, "127.0.0.1");
    const far = await listener.accept();
    const read = (): Promise<number | null> => far.read(new Uint8Array(8));
    near.write("x");
    assertEquals(await read(), 1);
    const waiting = isWaiting ? assertRejects(read, Deno.errors.ConnectionReset) : undefined;
    near.resetAndDestroy();
    await waiting;
    await assertRejects(read, Deno.errors.ConnectionReset);
    far.close();
  }
});
