/**
 * The least that a message through Deno costs: bytes from one connection to another, as they are.
 *
 * Two connections that send the same first line are partners. From then on each line that one sends goes
 * to the other: `conn.read`, find the newline, `conn.write`; no JSON, no names, no answer to the sender, and
 * one write for all lines that one read brought. What the server under test needs beyond that is its own
 * work.
 *
 * @module
 */

const LF = 0x0a;

/** One of a pair. */
interface Half {
  readonly conn: Deno.TcpConn;
  partner?: Half;
}

async function serve(conn: Deno.TcpConn, waiting: Map<string, Half>): Promise<void> {
  const self: Half = { conn };
  const buffer = new Uint8Array(16_384);
  let kept = 0; // bytes of an unfinished line at the start of the buffer
  for (;;) {
    const count = await conn.read(kept === 0 ? buffer : buffer.subarray(kept));
    if (count === null) return;
    const size = kept + count;
    const end = buffer.subarray(0, size).lastIndexOf(LF) + 1;
    kept = size - end;
    if (end === 0) continue;
    if (self.partner !== undefined) {
      await writeAll(self.partner.conn, buffer.subarray(0, end));
    } else {
      const name = new TextDecoder().decode(buffer.subarray(0, end));
      const partner = waiting.get(name);
      if (partner === undefined) {
        waiting.set(name, self);
      } else {
        waiting.delete(name);
        self.partner = partner;
        partner.partner = self;
      }
      await writeAll(conn, new TextEncoder().encode("ok\n"));
    }
    if (kept > 0) buffer.copyWithin(0, end, size);
  }
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  let written = await conn.write(bytes);
  while (written < bytes.length) written += await conn.write(bytes.subarray(written));
}

if (import.meta.main) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  Deno.stdout.writeSync(
    new TextEncoder().encode(`listening on 127.0.0.1:${listener.addr.port}\n`),
  );
  const waiting = new Map<string, Half>();
  for await (const conn of listener) {
    conn.setNoDelay();
    serve(conn, waiting)
      .catch(() => {}) // the peer reset it: the load has ended
      .finally(() => conn.close());
  }
}
