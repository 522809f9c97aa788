import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { generateKeyPairSync } from "node:crypto";

import { StartError } from "../../../common/errors.ts";
import { makeCertificate } from "../../../server/admin/certificate.ts";
import { TlsKeeper } from "../../../server/connection/tls_keeper.ts";
import { RawClient } from "../../support/raw_client.ts";
import { settle } from "../../support/settle.ts";
import { TlsDirectory } from "../../support/tls_files.ts";
import { withTlsServer } from "../../support/tls_server.ts";

Deno.test("a certificate and its key are taken, with the date of their end", async () => {
  await using dir = await TlsDirectory.make();
  const from = new Date("2026-03-01T00:00:00Z");
  await dir.put(await makeCertificate({ from, days: 2 }));
  const keeper = new TlsKeeper(dir.files);
  assertEquals(keeper.expires, new Date("2026-03-03T00:00:00Z"));
  assertEquals(keeper.path, dir.files.cert);
});

Deno.test("a certificate for other hosts names them", async () => {
  await using dir = await TlsDirectory.make();
  await dir.put(await makeCertificate({ hosts: ["chat.example", "192.0.2.1", "2001:db8::1"] }));
  new TlsKeeper(dir.files);
});

Deno.test("what TLS cannot use is refused in one line that says why", async () => {
  await using dir = await TlsDirectory.make();
  const { cert, key } = dir.pair;
  const other = await makeCertificate();
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const encrypted = privateKey.export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "secret",
  }).toString();
  const garbage = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  const cases: [cert: string, key: string, message: string][] = [
    [cert, other.key, "--tls-key: KEY is not the key of the certificate CERT"],
    [key, key, "--tls-cert: CERT must hold a certificate in PEM format"],
    ["", key, "--tls-cert: CERT must hold a certificate in PEM format"],
    [cert, cert, "--tls-key: KEY must hold a private key in PEM format"],
    [garbage, key, "--tls-cert: certificate 1 in CERT is not valid"],
    [
      cert,
      encrypted,
      "--tls-key: KEY holds no usable private key; it must be PEM without a passphrase",
    ],
    [cert + garbage, key, "--tls-cert: certificate 2 in CERT is not valid"],
  ];
  cases.push([
    cert + cert.split("\n").slice(0, 2).join("\n"),
    key,
    "--tls-cert: certificate 2 in CERT is not valid",
  ]);
  for (const [cert, key, message] of cases) {
    await dir.put({ cert, key });
    const error = assertThrows(() => new TlsKeeper(dir.files), StartError);
    const { files } = dir;
    assertEquals(
      error.message.replaceAll(files.cert, "CERT").replaceAll(files.key, "KEY"),
      message,
    );
  }
});

Deno.test("a byte order mark, and what else is in a file, are passed over", async () => {
  await using dir = await TlsDirectory.make();
  const { cert, key } = dir.pair;
  for (const both of [key + cert, cert + key, `Bag Attributes: x\n${cert}\n# key\n${key}`]) {
    await dir.put({ cert: both, key: both });
    new TlsKeeper(dir.files);
  }
  await dir.put({ cert: `\ufeff${cert}`, key: `\ufeff${key}` });
  new TlsKeeper(dir.files);
});

Deno.test("files that cannot be read are named", async () => {
  await using dir = await TlsDirectory.make();
  const missing = `${dir.path}/none.pem`;
  assertThrows(
    () => new TlsKeeper({ ...dir.files, key: missing }),
    StartError,
    `--tls-key: cannot read ${missing}: there is no such file`,
  );
  assertThrows(
    () => new TlsKeeper({ ...dir.files, cert: dir.path }),
    StartError,
    `--tls-cert: cannot read ${dir.path}: it is a directory`,
  );
});

Deno.test("a wrong renewal leaves the certificate in use as it is", async () => {
  await using dir = await TlsDirectory.make();
  const keeper = new TlsKeeper(dir.files);
  const { expires } = keeper;
  await Deno.writeTextFile(dir.files.cert, "");
  assertThrows(() => keeper.reload(), StartError);
  assertEquals(keeper.expires, expires);
});

Deno.test("a renewed certificate is for new connections, the others go on", () =>
  withTlsServer({}, async (server, keeper, directory) => {
    const eve = await server.online("eve");
    const second = await makeCertificate();
    await directory.put(second);
    keeper.reload();
    await assertRejects(() => server.connect(), Error); // trusts the first only
    const bob = await RawClient.connect(server.address, undefined, second.cert);
    const user = { account_name: "bob" };
    assertEquals((await bob.ask({ event: "presence", user })).response, 200);
    assertEquals((await bob.ask({ event: "msg", to: "eve", message: "hi" })).response, 200);
    assertEquals((await eve.frame()).from, "bob");
    bob.close();
  }));

Deno.test("no connection is lost while the certificate is renewed again and again", () =>
  withTlsServer({ settings: { maxPerIp: 0 } }, async (server, keeper) => {
    for (let round = 0; round < 5; round++) {
      const clients = Array.from({ length: 10 }, () => server.connect());
      await settle(); // they are somewhere between the first packet and the last
      keeper.reload();
      for (const client of clients) {
        assertEquals((await (await client).ask({ event: "probe" })).response, 200);
      }
    }
  }));
