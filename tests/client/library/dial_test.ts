import { assertEquals, assertRejects } from "@std/assert";

import { dial } from "../../../client/library/dial.ts";
import { ConnectError, type ConnectFailure } from "../../../client/library/errors.ts";
import { makeCertificate } from "../../../server/admin/certificate.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { settle } from "../../support/settle.ts";
import { TlsDirectory } from "../../support/tls_files.ts";

const HOST = "127.0.0.1";

/** A connection fails in one of these ways, in one sentence. */
async function fails(dialling: Promise<unknown>, failure: ConnectFailure): Promise<string> {
  const error = await assertRejects(() => dialling, ConnectError);
  assertEquals(error.failure, failure);
  return error.message;
}

Deno.test("dial: opens a connection, and leaves no timer behind", async () => {
  const clock = new FakeClock();
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  for (const hostname of [HOST, "localhost"]) {
    const link = await dial({ hostname, port: listener.addr.port, clock });
    using conn = await listener.accept();
    await link.write(new TextEncoder().encode("hi"));
    const buffer = new Uint8Array(2);
    assertEquals([await conn.read(buffer), new TextDecoder().decode(buffer)], [2, "hi"]);
    link.close();
  }
  assertEquals(clock.pending, 0);
});

Deno.test("dial: where nobody listens it says so", async () => {
  const listener = Deno.listen({ hostname: HOST, port: 0 });
  const { port } = listener.addr;
  listener.close();
  const message = await fails(dial({ hostname: HOST, port }), "refused");
  assertEquals(message, `Cannot connect to ${HOST}:${port}: nobody listens there`);
});

Deno.test("dial: over TLS the certificate must be for the host, and trusted", async () => {
  await using directory = await TlsDirectory.make();
  const { cert } = directory.pair;
  using listener = Deno.listenTls({ hostname: HOST, port: 0, ...directory.pair });
  const { port } = listener.addr;
  const serving = (async () => {
    for (let n = 0; n < 2; n++) {
      using conn = await listener.accept();
      await conn.handshake().catch(() => {}); // the second client breaks it off
    }
  })();
  (await dial({ hostname: "localhost", port, tls: true, caCerts: [cert] })).close();
  await fails(dial({ hostname: "localhost", port, tls: true }), "certificate");
  await serving;
});

Deno.test("dial: a server that does not speak TLS is told from one that keeps silent until the deadline", async () => {
  const clock = new FakeClock();
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  const options = { hostname: HOST, port: listener.addr.port, tls: true, clock, timeoutMs: 300 };
  const plain = fails(dial(options), "tls");
  {
    using conn = await listener.accept();
    await conn.write(new TextEncoder().encode('{"response":200}\n'));
    await plain;
  }
  const silent = fails(dial(options), "timeout");
  using _conn = await listener.accept();
  while (clock.pending === 0) await settle();
  clock.advance(300);
  await silent;
  assertEquals(clock.pending, 0);
});

Deno.test("dial: given up, it throws the reason", async () => {
  const reason = new Error("changed my mind");
  const signal = AbortSignal.abort(reason);
  const error = await assertRejects(() => dial({ hostname: HOST, port: 1, signal }));
  assertEquals(error === reason, true);
});

/** What a connection to a server with that certificate fails with. */
async function failure(hosts: string[], isTrusted: boolean): Promise<ConnectError> {
  const { cert, key } = await makeCertificate({ hosts });
  using listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  const serving = (async () => {
    using conn = await listener.accept();
    await conn.handshake().catch(() => {});
  })();
  const { port } = listener.addr;
  const caCerts = isTrusted ? [cert] : [];
  const error = await assertRejects(
    () => dial({ hostname: "localhost", port, tls: true, caCerts }),
    ConnectError,
  );
  await serving;
  return error;
}

Deno.test("a certificate for other hosts is told from one that is not trusted", async () => {
  const other = await failure(["chat.example.org", "10.0.0.1"], true);
  assertEquals([other.failure, other.hosts], [
    "certificate-host",
    ["chat.example.org", "10.0.0.1"],
  ]);
  const unknown = await failure(["localhost"], false);
  assertEquals([unknown.failure, unknown.hosts], ["certificate", []]);
});
