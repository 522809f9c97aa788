import { assertEquals, assertRejects } from "@std/assert";

import { dial } from "../../../client/library/dial.ts";
import { ConnectError } from "../../../client/library/errors.ts";
import { makeCertificate } from "../../../server/admin/certificate.ts";

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
