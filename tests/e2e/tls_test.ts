import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

import { generate } from "npm:selfsigned@5.5.0";

import { makeCertificate } from "../../server/admin/certificate.ts";
import { acceptsTls } from "../support/client_hello.ts";
import { RawClient, withDeadline } from "../support/raw_client.ts";
import { runProgram } from "../support/run_program.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";
import { TlsDirectory } from "../support/tls_files.ts";

const ROOT = new URL("../../", import.meta.url);

const SESSION = '{"event":"presence","user":{"account_name":"eve"}}\n{"event":"quit"}\n';

/** Has a session with the server, by Deno's TLS, until the server hangs up: the codes of the answers. */
async function session({ address }: ServerProcess, ca: string): Promise<number[]> {
  using conn = await Deno.connectTls({ ...address, caCerts: [ca] });
  await conn.write(new TextEncoder().encode(SESSION));
  const text = await withDeadline(new Response(conn.readable).text(), () => "the server's hang-up");
  return text.trim().split("\n").map((line) => JSON.parse(line).response);
}

Deno.test("the server refuses TLS 1.1, goes on, and speaks 1.2 and 1.3", async () => {
  await using dir = await TlsDirectory.make();
  await using server = await ServerProcess.start(dir.flags);
  assertEquals(await acceptsTls(server.address, "1.1"), false);
  await server.logs("no TLS handshake");
  for (const version of ["1.2", "1.3"] as const) {
    assert(await acceptsTls(server.address, version), version);
  }
  assertEquals(await session(server, dir.pair.cert), [200, 200]);
});

Deno.test("SIGHUP renews the certificate and keeps connections; a wrong one changes nothing", async () => {
  await using dir = await TlsDirectory.make();
  await using server = await ServerProcess.start(dir.flags);
  const first = dir.pair.cert;
  const eve = await RawClient.connect(server.address, undefined, first);
  const user = { account_name: "eve" };
  assertEquals((await eve.ask({ event: "presence", user })).response, 200);

  await Deno.writeTextFile(dir.files.key, "");
  server.kill("SIGHUP");
  await server.logs("certificate not loaded, the one before stays");
  (await RawClient.connect(server.address, undefined, first)).close();
  // Nobody will ever write to it.
  await Deno.remove(dir.files.key);
  assertEquals((await runProgram("mkfifo", [dir.files.key])).code, 0);
  server.kill("SIGHUP");
  await server.logs(`--tls-key: cannot read ${dir.files.key}: it is no regular file`);
  (await RawClient.connect(server.address, undefined, first)).close();
  await Deno.remove(dir.files.key);

  await dir.put(await makeCertificate({ from: new Date("2026-01-01T00:00:00Z"), days: 10_000 }));
  server.kill("SIGHUP");
  await server.logs("expires=2053-05-19");
  const bob = await RawClient.connect(server.address, undefined, dir.pair.cert);
  assertEquals((await bob.ask({ event: "probe" })).response, 200);
  assertEquals((await eve.ask({ event: "probe" })).response, 200);
  for (const client of [eve, bob]) client.close();
  server.kill("SIGTERM");
  assertEquals((await server.ended()).code, 0);
});

Deno.test("SIGHUP to a server without TLS, as from a terminal that closes, is a shutdown", async () => {
  await using server = await ServerProcess.start();
  const eve = await server.connect();
  await eve.ask({ event: "probe" });
  server.kill("SIGHUP");
  assertEquals((await eve.ended()).frames.map(({ response }) => response), [101]);
  eve.close();
  assertEquals((await server.ended()).code, 0);
});

Deno.test("wrong TLS flags end the start with one line", async () => {
  await using dir = await TlsDirectory.make();
  const { cert, key } = dir.files;
  const one = await runServer(["--tls-cert", cert]);
  assertEquals([one.code, one.stderr], [2, "--tls-cert needs --tls-key, too\n"]);
  const other = await runServer(["--tls-key", key]);
  assertEquals([other.code, other.stderr], [2, "--tls-key needs --tls-cert, too\n"]);
  const swapped = await runServer(["--tls-cert", key, "--tls-key", cert]);
  assertEquals(swapped.code, 1);
  assertEquals(swapped.stderr, `--tls-cert: ${key} must hold a certificate in PEM format\n`);
  const device = await runServer(["--tls-cert", cert, "--tls-key", "/dev/zero"]);
  assertEquals(device.code, 1);
  assertEquals(device.stderr, "--tls-key: cannot read /dev/zero: it is no regular file\n");
});

Deno.test("keys that TLS cannot use are refused at the start, not at each handshake", async () => {
  await using dir = await TlsDirectory.make();
  // An RSA key of 1024 bits; OpenSSL makes one on another curve, see tests/interop.
  const { cert, private: key } = await generate([], { keySize: 1024 });
  await dir.put({ cert, key });
  const end = await runServer(dir.flags);
  assertEquals(end.code, 1);
  assertMatch(end.stderr, /^--tls-cert, --tls-key: TLS cannot use \S+ with \S+; allowed are .+\n$/);
});

Deno.test("a certificate that has expired is served with a warning", async () => {
  await using dir = await TlsDirectory.make();
  await dir.put(await makeCertificate({ from: new Date("2020-01-01T00:00:00Z"), days: 1 }));
  await using server = await ServerProcess.start(dir.flags);
  await server.logs("it has expired");
});

Deno.test("deno task cert makes a pair that the server takes, and overwrites nothing", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-cert-" });
  try {
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    const [program, ...task] = (tasks.cert as string).split(" ");
    assertEquals(program, "deno");
    const target = `${dir}/tls`;
    const made = await runProgram(Deno.execPath(), [...task, "--dir", target]);
    assertEquals([made.code, made.stderr], [0, ""]);
    const [cert, key] = [`${target}/cert.pem`, `${target}/key.pem`];
    assertStringIncludes(made.stdout, `deno task server --tls-cert ${cert} --tls-key ${key}`);
    assertEquals((await Deno.stat(key)).mode! & 0o777, 0o600);
    const before = await Deno.readTextFile(key);

    const again = await runProgram(Deno.execPath(), [...task, "--dir", target]);
    assertEquals(again.code, 1);
    assertEquals(again.stderr, `Cannot write ${key}: it exists; choose another --dir\n`);
    assertEquals(await Deno.readTextFile(key), before);
    const wrong = await runProgram(Deno.execPath(), [...task, "--dir", target, "a\x1bb"]);
    assertEquals(wrong.code, 2);
    assert(!wrong.stderr.includes("\x1b"));

    await using server = await ServerProcess.start(["--tls-cert", cert, "--tls-key", key]);
    assertEquals(await session(server, await Deno.readTextFile(cert)), [200, 200]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
