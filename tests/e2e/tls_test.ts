import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

import { makeCertificate } from "../../server/admin/certificate.ts";
import { RawClient, withDeadline } from "../support/raw_client.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";
import { TlsDirectory } from "../support/tls_files.ts";

const ROOT = new URL("../../", import.meta.url);

function tlsFlags({ files }: TlsDirectory): string[] {
  return ["--tls-cert", files.cert, "--tls-key", files.key];
}

/** Runs a program to its end, with text on its standard input. */
async function run(
  program: string,
  args: string[],
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = new Deno.Command(program, {
    args,
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const output = await withDeadline(child.output(), () => `the end of ${program}`);
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/** Talks to the server with openssl, which has a TLS of its own, until the server hangs up. */
function openssl(server: ServerProcess, ca: string, input: string, ...more: string[]) {
  const { hostname, port } = server.address;
  const args = ["-quiet", "-connect", `${hostname}:${port}`, "-CAfile", ca];
  return run("openssl", [
    "s_client",
    ...args,
    "-verify_return_error",
    "-verify_hostname",
    "localhost",
    ...more,
  ], input);
}

const SESSION = '{"event":"presence","user":{"account_name":"eve"}}\n{"event":"quit"}\n';

Deno.test("openssl and Deno speak with the server, in both versions of TLS", async () => {
  await using dir = await TlsDirectory.make();
  await using server = await ServerProcess.start(tlsFlags(dir));
  for (const version of ["-tls1_2", "-tls1_3"]) {
    const { stdout, stderr } = await openssl(server, dir.files.cert, SESSION, version);
    const codes = stdout.trim().split("\n").map((line) => JSON.parse(line).response);
    assertEquals(codes, [200, 200], stderr);
  }
  using conn = await Deno.connectTls({ ...server.address, caCerts: [dir.pair.cert] });
  await conn.write(new TextEncoder().encode(SESSION));
  const text = await new Response(conn.readable).text();
  assertEquals(text.match(/"response":200/g)?.length, 2);
});

Deno.test("versions of TLS that are broken are refused, and the server goes on", async () => {
  await using dir = await TlsDirectory.make();
  await using server = await ServerProcess.start(tlsFlags(dir));
  const old = ["-tls1_1", "-cipher", "ALL@SECLEVEL=0"];
  assertEquals((await openssl(server, dir.files.cert, SESSION, ...old)).stdout, "");
  await server.logs("no TLS handshake");
  assertStringIncludes((await openssl(server, dir.files.cert, SESSION)).stdout, '"response":200');
});

Deno.test("SIGHUP renews the certificate and keeps connections; a wrong one changes nothing", async () => {
  await using dir = await TlsDirectory.make();
  await using server = await ServerProcess.start(tlsFlags(dir));
  const first = dir.pair.cert;
  const eve = await RawClient.connect(server.address, undefined, first);
  const user = { account_name: "eve" };
  assertEquals((await eve.ask({ event: "presence", user })).response, 200);

  await Deno.writeTextFile(dir.files.key, "");
  server.kill("SIGHUP");
  await server.logs("certificate not loaded, the one before stays");
  (await RawClient.connect(server.address, undefined, first)).close();

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
});

Deno.test("keys that TLS cannot use are refused at the start, not at each handshake", async () => {
  await using dir = await TlsDirectory.make();
  const { cert, key } = dir.files;
  const { code } = await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp256k1", "-noenc"],
    ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
  ]);
  assertEquals(code, 0);
  const end = await runServer(["--tls-cert", cert, "--tls-key", key]);
  assertEquals(end.code, 1);
  assertMatch(end.stderr, /^--tls-cert, --tls-key: TLS cannot use \S+ with \S+; allowed are .+\n$/);
});

Deno.test("a certificate that has expired is served with a warning", async () => {
  await using dir = await TlsDirectory.make();
  await dir.put(await makeCertificate({ from: new Date("2020-01-01T00:00:00Z"), days: 1 }));
  await using server = await ServerProcess.start(tlsFlags(dir));
  await server.logs("it has expired");
});

Deno.test("deno task cert makes a pair that the server takes, and overwrites nothing", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jim-cert-" });
  try {
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    const [program, ...task] = (tasks.cert as string).split(" ");
    assertEquals(program, "deno");
    const target = `${dir}/tls`;
    const made = await run(Deno.execPath(), [...task, "--dir", target]);
    assertEquals([made.code, made.stderr], [0, ""]);
    const [cert, key] = [`${target}/cert.pem`, `${target}/key.pem`];
    assertStringIncludes(made.stdout, `deno task server --tls-cert ${cert} --tls-key ${key}`);
    assertEquals((await Deno.stat(key)).mode! & 0o777, 0o600);
    const before = await Deno.readTextFile(key);

    const again = await run(Deno.execPath(), [...task, "--dir", target]);
    assertEquals(again.code, 1);
    assertEquals(again.stderr, `Cannot write ${key}: it exists; choose another --dir\n`);
    assertEquals(await Deno.readTextFile(key), before);
    const wrong = await run(Deno.execPath(), [...task, "--dir", target, "a\x1bb"]);
    assertEquals(wrong.code, 2);
    assert(!wrong.stderr.includes("\x1b"));

    await using server = await ServerProcess.start(["--tls-cert", cert, "--tls-key", key]);
    assertStringIncludes((await openssl(server, cert, SESSION)).stdout, '"response":200');
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
