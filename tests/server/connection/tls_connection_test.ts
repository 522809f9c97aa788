import { assert, assertEquals, assertRejects } from "@std/assert";
import { createSecureContext } from "node:tls";

import { makeCertificate } from "../../../server/admin/certificate.ts";
import { TlsConnection } from "../../../server/connection/tls_connection.ts";
import { settle } from "../../support/settle.ts";

const PAIR = await makeCertificate();
const CONTEXT = createSecureContext(PAIR);

/** The two ends of a TLS connection, and how many bytes the server's end has read from its socket. */
async function connected(
  run: (server: TlsConnection, client: Deno.TlsConn, taken: () => number) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [raw, client] = await Promise.all([
    listener.accept(),
    Deno.connectTls({ ...listener.addr, caCerts: [PAIR.cert] }),
  ]);
  let taken = 0;
  const read = raw.read.bind(raw);
  raw.read = async (buffer) => {
    const count = await read(buffer);
    taken += count ?? 0;
    return count;
  };
  const server = new TlsConnection(raw, CONTEXT);
  await Promise.all([server.handshake(), client.handshake()]);
  try {
    await run(server, client, () => taken);
  } finally {
    server.close();
    try {
      client.close();
    } catch {
      // Whoever reads a connection to its end has closed it.
    }
  }
}

Deno.test("nothing is taken from a flood before it is asked for", () =>
  connected(async (server, client, taken) => {
    const flooding = (async () => {
      for (const flood = new Uint8Array(65_536);;) await client.write(flood);
    })();
    flooding.catch(() => {});
    const atHandshake = taken();
    let asked = 0;
    for (let i = 0; i < 200; i++) {
      asked += (await server.read(new Uint8Array(1_024)))!;
      await settle();
    }
    // One read ahead, and what TLS adds to it.
    assert(taken() - atHandshake < 1.1 * asked + 2 * 16_384, `${taken()} for ${asked}`);
    server.close();
    await assertRejects(() => flooding, Error);
  }));

Deno.test("the two directions end on their own", () =>
  connected(async (server, client) => {
    await client.closeWrite();
    assertEquals(await server.read(new Uint8Array(10)), null);
    assertEquals(await server.write(new TextEncoder().encode("still here")), 10);
    await server.closeWrite();
    assertEquals(await new Response(client.readable).text(), "still here");
  }));

Deno.test("close ends what is pending, at once and as often as it is called", () =>
  connected(async (server, client) => {
    const reading = server.read(new Uint8Array(10));
    // Nobody reads: this cannot come to its end.
    const writing = (async () => {
      for (const bytes = new Uint8Array(65_536);;) await server.write(bytes);
    })();
    const ends = [assertRejects(() => reading, Error), assertRejects(() => writing, Error)];
    server.close();
    server.close();
    await Promise.all(ends);
    await assertRejects(() => server.read(new Uint8Array(10)), Error);
    await assertRejects(() => server.write(new Uint8Array(10)), Error);
    await assertRejects(() => server.closeWrite(), Error);
    await assertRejects(() => new Response(client.readable).bytes(), Error);
  }));
