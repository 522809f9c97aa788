import { assert, assertEquals } from "@std/assert";
import { createPrivateKey, X509Certificate } from "node:crypto";

import { makeCertificate } from "../../../server/admin/certificate.ts";

const FROM = new Date("2026-01-01T00:00:00Z");

Deno.test("a certificate is for its hosts and days, and certifies nothing else", async () => {
  const { cert, key } = await makeCertificate({
    hosts: ["chat.example", "192.0.2.7", "::1"],
    from: FROM,
    days: 2,
  });
  const certificate = new X509Certificate(cert);
  assertEquals(
    certificate.subjectAltName?.toLowerCase().replaceAll("0:0:0:0:0:0:0:1", "::1"),
    "dns:chat.example, ip address:192.0.2.7, ip address:::1",
  );
  assertEquals(
    [certificate.validFrom, certificate.validTo].map((date) => new Date(date).getTime()),
    [FROM.getTime(), FROM.getTime() + 2 * 86_400_000],
  );
  assert(!certificate.ca);
  assert(certificate.checkPrivateKey(createPrivateKey(key)));
});

Deno.test("without options a certificate is for localhost", async () => {
  const { subjectAltName } = new X509Certificate((await makeCertificate()).cert);
  assert(subjectAltName?.startsWith("DNS:localhost, IP Address:127.0.0.1, "), subjectAltName);
});
