/**
 * The least that a message through Deno costs: bytes from one connection to another, as they are.
 *
 * Two connections that send the same first line are partners. From then on each line that one sends goes
 * to the other: `conn.read`, find the newline, `conn.write`; no JSON, no names, and one write for all lines
 * that one read brought. What a server needs beyond that is its own work.
 *
 * With `--answer` each line is also answered to its sender, as a chat server with acknowledgements does: a
 * second write for each read. Lines are shorter than 16 KiB.
 *
 * @module
 */

const LF = 0x0a;
/** As many answers as one read can ask for. */
const OK = new TextEncoder().encode("ok\n".repeat(16_384));

/** One of a pair. */
interface Half {
  readonly conn: Deno.TcpConn;
  partner?: Half;
}

async function serve(
  conn: Deno.TcpConn,
  waiting: Map<string, Half>,
  answers: boolean,
): Promise<void> {
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
      if (answers) await writeAll(conn, OK.subarray(0, countLines(buffer.subarray(0, end)) * 3));
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
      await writeAll(conn, OK.subarray(0, 3));
    }
    if (kept > 0) buffer.copyWithin(0, end, size);
  }
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
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
  const answers = Deno.args.includes("--answer");
  for await (const conn of listener) {
    conn.setNoDelay();
    serve(conn, waiting, answers)
      .catch(() => {}) // the peer reset it: the load has ended
      .finally(() => conn.close());
  }
}
