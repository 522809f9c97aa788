// The server's TLS seen by OpenSSL, whose implementation is another one.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

import { runProgram } from "../support/run_program.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";
import { TlsDirectory } from "../support/tls_files.ts";

/** Talks to the server until the server hangs up. */
function openssl(server: ServerProcess, ca: string, input: string, ...more: string[]) {
  const { hostname, port } = server.address;
  const args = ["-quiet", "-connect", `${hostname}:${port}`, "-CAfile", ca];
  return runProgram("openssl", [
    "s_client",
    ...args,
    "-verify_return_error",
    "-verify_hostname",
    "localhost",
    ...more,
  ], input);
}

const SESSION = '{"event":"presence","user":{"account_name":"eve"}}\n{"event":"quit"}\n';

Deno.test("openssl speaks with the server, in both versions of TLS", async () => {
  await using dir = await TlsDirectory.make();
  await using server = await ServerProcess.start(dir.flags);
  for (const version of ["-tls1_2", "-tls1_3"]) {
    const { stdout, stderr } = await openssl(server, dir.files.cert, SESSION, version);
    const codes = stdout.trim().split("\n").map((line) => JSON.parse(line).response);
    assertEquals(codes, [200, 200], stderr);
  }
});

Deno.test("versions of TLS that are broken are refused, and the server goes on", async () => {
  await using dir = await TlsDirectory.make();
  await using server = await ServerProcess.start(dir.flags);
  const old = ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"];
  assertEquals((await openssl(server, dir.files.cert, SESSION, ...old)).stdout, "");
  await server.logs("no TLS handshake");
  assertStringIncludes((await openssl(server, dir.files.cert, SESSION)).stdout, '"response":200');
});

Deno.test("keys on a curve that TLS cannot use are refused at the start", async () => {
  await using dir = await TlsDirectory.make();
  const { cert, key } = dir.files;
  const { code } = await runProgram("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-noenc"],
    ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
  ]);
  assertEquals(code, 0);
  const end = await runServer(dir.flags);
  assertEquals(end.code, 1);
  assertMatch(end.stderr, /^--tls-cert, --tls-key: TLS cannot use \S+ with \S+; allowed are .+\n$/);
});

Deno.test("a certificate of version 1 is refused with a word on versions", async () => {
  await using dir = await TlsDirectory.make();
  const { cert, key } = dir.files;
  const request = `${dir.path}/request.pem`;
  for (
    const args of [
      ["req", "-new", "-key", key, "-out", request, "-subj", "/CN=localhost"],
      // Without extensions, OpenSSL makes it version 1.
      ["x509", "-req", "-in", request, "-key", key, "-out", cert, "-days", "2"],
    ]
  ) {
    const { code, stderr } = await runProgram("openssl", args);
    assertEquals(code, 0, stderr);
  }
  const { code, stdout } = await runProgram("openssl", ["x509", "-in", cert, "-noout", "-text"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Version: 1");
  const end = await runServer(dir.flags);
  assertEquals(end.code, 1);
  assertMatch(end.stderr, /^--tls-cert, --tls-key: TLS cannot use .+ X\.509 v3 certificates .+\n$/);
});
