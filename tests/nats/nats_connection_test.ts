import { assertEquals, assertMatch, assertRejects } from "@std/assert";

import { StartError } from "../../common/errors.ts";
import { NatsConnection } from "../../server/cluster/nats/nats_connection.ts";
import { natsSettingsOf } from "../../server/cluster/nats/nats_settings.ts";
import { makeCertificate } from "../../server/admin/certificate.ts";
import { NatsServer } from "../support/nats_server.ts";
import { connectNats } from "../support/nats_node.ts";
import { RecordingLog } from "../support/recording_log.ts";
import { settle } from "../support/settle.ts";
import { TlsDirectory } from "../support/tls_files.ts";

/** Connects as the flags say, for a second. */
function open(flags: Record<string, string>): Promise<NatsConnection> {
  const settings = natsSettingsOf(flags)!;
  return NatsConnection.open({ settings, log: new RecordingLog(), patienceMs: 1_000 });
}

/** Resolves with the next change. */
function change(nats: NatsConnection): Promise<boolean> {
  return new Promise((resolve) => {
    const end = nats.onChange((isConnected) => {
      end();
      resolve(isConnected);
    });
  });
}

Deno.test("where there is no NATS, the error has the address in one line", async () => {
  await using server = await NatsServer.start({ jetStream: false });
  await server.kill();
  const error = await assertRejects(
    () => open({ nats: `nats://jim:s3cret@${server.address}` }),
    StartError,
    `Cannot connect to NATS at ${server.address}: connection refused; see --nats`,
  );
  assertEquals(/\n|s3cret/.test(error.message), false);
});

Deno.test("of a name that nobody has, the error says so", async () => {
  await assertRejects(
    () => open({ nats: "nats://nosuch.invalid" }),
    StartError,
    "Cannot connect to NATS at nosuch.invalid:4222: no such host; see --nats",
  );
});

Deno.test("it is waited for a NATS that is being started", async () => {
  await using server = await NatsServer.start({ jetStream: false });
  await server.kill();
  const opening = connectNats([server.address]);
  await server.restart();
  await using nats = await opening;
  assertEquals(nats.isConnected, true);
});

Deno.test("a connection that breaks comes back, and the log is told", async () => {
  await using server = await NatsServer.start({ jetStream: false });
  const log = new RecordingLog();
  await using nats = await connectNats([server.address], log);
  const lost = change(nats);
  await server.kill();
  assertEquals([await lost, nats.isConnected], [false, false]);
  const back = change(nats);
  await server.restart();
  assertEquals([await back, nats.isConnected], [true, true]);
  assertEquals(log.records.map(({ level, message }) => `${level} ${message}`), [
    "info NATS connected",
    "warn NATS connection lost",
    "info NATS connected again",
  ]);
});

Deno.test("a NATS that says nothing any more is given up within five seconds", async () => {
  await using server = await NatsServer.start({ jetStream: false });
  await using nats = await connectNats([server.address]);
  const lost = change(nats);
  const begun = performance.now();
  server.signal("SIGSTOP");
  try {
    assertEquals(await lost, false);
    assertEquals(performance.now() - begun < 5_000, true);
  } finally {
    server.signal("SIGCONT");
  }
});

Deno.test("a connection that is closed while it comes back leaves no fault behind, also if NATS dies meanwhile", async () => {
  const faults: string[] = [];
  const note = (event: ErrorEvent): void => {
    event.preventDefault();
    faults.push(event.message);
  };
  globalThis.addEventListener("error", note);
  try {
    // Only a busy process finds the words and the end of a server in one turn.
    await Promise.all(Array.from({ length: 25 }, async (_, index) => {
      await using server = await NatsServer.start({ jetStream: false });
      await using nats = await connectNats([server.address]);
      const lost = change(nats);
      server.signal("SIGSTOP");
      await lost;
      server.signal("SIGCONT");
      await new Promise((resolve) => setTimeout(resolve, index % 10));
    }));
    await settle();
  } finally {
    globalThis.removeEventListener("error", note);
  }
  assertEquals(faults, []);
});

Deno.test("a user, a token: right and wrong", async () => {
  await using byUser = await NatsServer.start({ args: ["--user", "jim", "--pass", "a b"] });
  await using byToken = await NatsServer.start({ args: ["--auth", "tok/en"] });
  const right = [
    `nats://jim:a%20b@${byUser.address}`,
    `nats://tok%2Fen@${byToken.address}`,
  ];
  for (const nats of right) {
    await using opened = await open({ nats });
    assertEquals(opened.isConnected, true);
  }
  for (const nats of [`nats://jim:x@${byUser.address}`, `nats://${byToken.address}`]) {
    const { message } = await assertRejects(() => open({ nats }), StartError);
    assertMatch(message, /^Cannot connect to NATS at 127\.0\.0\.1:\d+: authorization violation; /);
  }
});

Deno.test("an NKey, and files that hold none", async () => {
  const { createUser } = await import("@nats-io/transport-node").then(({ nkeys }) => nkeys);
  const user = createUser();
  const dir = await Deno.makeTempDir();
  try {
    const [conf, seed, other] = ["conf", "seed", "other"].map((name) => `${dir}/${name}`);
    const users = `{ users: [{ nkey: ${user.getPublicKey()} }] }`;
    await Deno.writeTextFile(conf!, `authorization: ${users}\n`);
    await Deno.writeTextFile(seed!, `${new TextDecoder().decode(user.getSeed())}\n`);
    await Deno.writeTextFile(other!, "nothing\n");
    await using server = await NatsServer.start({ args: ["--config", conf!] });
    const nats = `nats://${server.address}`;
    await using _ = await open({ nats, "nats-nkey": seed! });
    for (const name of ["nats-nkey", "nats-creds"]) {
      await assertRejects(() => open({ nats, [name]: other! }), StartError, `--${name}: ${other}`);
      await assertRejects(
        () => open({ nats, [name]: `${dir}/x` }),
        StartError,
        `--${name}: cannot read ${dir}/x: there is no such file`,
      );
      await assertRejects(
        () => open({ nats, [name]: "/dev/zero" }),
        StartError,
        `--${name}: cannot read /dev/zero: it is no regular file`,
      );
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("with TLS a server that is named by its address needs a certificate for that, or for another of the list", async () => {
  await using tls = await TlsDirectory.make();
  await tls.put(await makeCertificate({ hosts: ["127.0.0.9"] }));
  const args = ["--tls", "--tlscert", tls.files.cert, "--tlskey", tls.files.key];
  await using server = await NatsServer.start({ args });
  const [nats, ca] = [`tls://${server.address}`, { "nats-ca": tls.files.cert }];
  const { message } = await assertRejects(() => open({ nats, ...ca }), StartError);
  assertMatch(message, /^Cannot connect to NATS at 127[^\n]*does not match certificate[^\n]*; see/);
  await using opened = await open({ nats: `${nats},tls://127.0.0.9:1`, ...ca });
  assertEquals(opened.isConnected, true);
});

Deno.test("TLS with an authority of one's own, and not without it", async () => {
  await using tls = await TlsDirectory.make();
  const args = ["--tls", "--tlscert", tls.files.cert, "--tlskey", tls.files.key];
  await using server = await NatsServer.start({ args });
  const nats = `tls://localhost:${server.address.split(":")[1]}`;
  await using opened = await open({ nats, "nats-ca": tls.files.cert });
  assertEquals(opened.isConnected, true);
  const { message } = await assertRejects(() => open({ nats }), StartError);
  assertMatch(message, /^Cannot connect to NATS at localhost:\d+: [^\n]*certificate[^\n]*; see/);
});
