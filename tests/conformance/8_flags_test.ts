import { assert, assertEquals, assertMatch } from "@std/assert";

import { withDatabasePath } from "../support/database_path.ts";
import type { RawClient } from "../support/raw_client.ts";
import { RawClient as Client } from "../support/raw_client.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";
import { stall } from "../support/stall.ts";

/** One line, no stack trace, nothing else. */
function assertOneLine(text: string, pattern: RegExp): void {
  assertMatch(text, /^[^\n]{10,300}\n$/);
  assertMatch(text, pattern);
}

async function goOnline(client: RawClient, name: string): Promise<number> {
  return (await client.ask({ event: "presence", user: { account_name: name } })).response!;
}

Deno.test("a wrong flag or value: one line that says what is wrong and what is allowed, exit status 2", async () => {
  const cases: [string[], RegExp][] = [
    [["--workers", "2"], /^--workers must be 1 here; 'deno task workers 2' starts 2 processes /m],
    [["--port", "65536"], /^--port must be a whole number from 0 to 65535, received '65536'$/m],
    [["--colour"], /^Unknown flag '--colour'; see .* --help$/m],
    [["--probe-interval", "soon"], /^--probe-interval must be a number from .*'soon'$/m],
    [["now"], /^Unexpected argument 'now'/m],
  ];
  const ends = await Promise.all(cases.map(([flags]) => runServer(flags)));
  for (const [i, { code, stdout, stderr }] of ends.entries()) {
    assertEquals([code, stdout], [2, ""], stderr);
    assertOneLine(stderr, cases[i]![1]);
  }
});

Deno.test("--help says everything and ends with 0", async () => {
  const { code, stdout, stderr } = await runServer(["--help"]);
  assertEquals([code, stderr], [0, ""]);
  for (
    const flag of [
      "-a, --addr",
      "-p, --port",
      "--db",
      "--log-dir",
      "--log-level",
      "--no-guests",
      "--no-register",
      "--invite-only",
      "--login-timeout",
      "--probe-interval",
      "--probe-timeout",
      "--takeover",
      "--write-timeout",
      "--rate",
      "--max-line",
      "--max-message",
      "--max-queue",
      "--max-connections",
      "--max-per-ip",
      "--max-accounts-per-ip",
      "--max-names-per-ip",
      "--max-db",
      "--wait",
      "--log-max-size",
      "--console-level",
      "--quiet",
      "--max-pending",
      "--work",
      "--max-memory",
      "--metrics",
    ]
  ) assert(stdout.includes(flag), `${flag} is missing in ${stdout}`);
});

Deno.test("one line to standard output says where it listens: by default IPv4 and IPv6", async () => {
  await using server = await ServerProcess.start([], { listenOn: ["-p", "0"] });
  assertMatch(server.stdout, /^[^\n]*listening on \[::\]:\d+\n$/);
  const { port } = server.address;
  for (const hostname of ["127.0.0.1", "::1"]) {
    using client = await Client.connect({ hostname, port });
    assertEquals(await goOnline(client, "eve"), 200, hostname);
    await client.ask({ event: "quit" });
  }
});

Deno.test("a port in use: one line, exit 1", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { code, stdout, stderr } = await runServer([], {
    listenOn: ["-a", "127.0.0.1", "-p", String(port)],
  });
  assertEquals([code, stdout], [1, ""], stderr);
  assertOneLine(stderr, new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${port}: .*in use`));
});

Deno.test("a bad address: one line, exit 1", async () => {
  const addresses = ["192.0.2.1", "no such host", "256.0.0.1"];
  const ends = await Promise.all(
    addresses.map((address) => runServer([], { listenOn: ["-a", address, "-p", "0"] })),
  );
  for (const [i, { code, stdout, stderr }] of ends.entries()) {
    assertEquals([code, stdout], [1, ""], stderr);
    assertOneLine(stderr, /^Cannot listen on .*--addr$/m);
    assert(stderr.includes(addresses[i]!), stderr);
  }
});

Deno.test("a port that needs more rights: one line, exit 1", async () => {
  // Root may use any port, and some systems let everybody use them all.
  const firstFree = await Deno.readTextFile("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  const script = new URL("../support/without_low_ports.ts", import.meta.url).pathname;
  const wrapper = Deno.uid() === 0
    ? [Deno.execPath(), "run", "--quiet", "--allow-all", script]
    : Number(firstFree) > 80
    ? []
    : ["unshare", "--net", "--user"];
  const { code, stdout, stderr } = await runServer([], { wrapper, listenOn: ["-p", "80"] });
  assertEquals([code, stdout], [1, ""], stderr);
  assertOneLine(stderr, /^Cannot listen on .*:80: ports below 1024 need more rights.*--port$/m);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal}: 101 to all, then the server closes and exits 0`, async () => {
    await using server = await ServerProcess.start();
    const [eve, stranger] = [await server.connect(), await server.connect()];
    assertEquals(await goOnline(eve, "eve"), 200);
    await stranger.ask({ event: "probe" });
    server.kill(signal);
    for (const client of [eve, stranger]) {
      const { frames, end } = await client.ended();
      assertEquals([frames.map(({ response }) => response), end], [[101], "closed"]);
      client.close();
    }
    const { code, stderr } = await server.ended();
    assertEquals(code, 0, stderr);
  });
}

Deno.test("SIGINT twice: the second ends it at once, whoever is still reading", async () => {
  await using server = await ServerProcess.start(["--rate", "0"]);
  const [bob, eve] = [await server.connect(), await server.connect()];
  await goOnline(bob, "bob");
  await goOnline(eve, "eve");
  await stall(bob, "bob", eve);
  server.kill("SIGINT");
  assertEquals((await eve.ended()).frames.at(-1)!.response, 101);
  // The first ones may be taken for one wish. With bob stalled, ending in order would take 4 seconds.
  const impatience = setInterval(() => server.kill("SIGINT"), 50);
  try {
    assertEquals((await server.ended()).code, 130);
  } finally {
    clearInterval(impatience);
  }
});

Deno.test("the flags arrive where they take effect", async () => {
  const flags = [
    "--no-guests",
    "--max-line",
    "200",
    "--max-message",
    "5",
    "--login-timeout",
    "0.5",
  ];
  await using server = await ServerProcess.start([...flags, "--max-connections", "2"]);
  const client = await server.connect();
  assertEquals(await goOnline(client, "eve"), 401);
  const line = '{"event":"probe"}';
  assertEquals((await client.askText(line.padEnd(200))).response, 200);
  assertEquals((await client.askText(line.padEnd(201))).response, 400);
  assertEquals((await client.ask({ event: "msg", to: "bob", message: "12345" })).response, 401);
  assertEquals((await client.ask({ event: "msg", to: "bob", message: "123456" })).response, 400);
  const second = await server.connect();
  await second.ask({ event: "probe" });
  const third = await server.connect();
  assertEquals((await third.frame()).response, 101);
  assertEquals((await client.frame()).response, 101, "not online within half a second");
});

Deno.test("--no-register, --probe-interval, --probe-timeout and --max-per-ip take effect", async () => {
  await using server = await ServerProcess.start(
    ["--no-register", "--probe-interval", "0.05", "--probe-timeout", "0.05", "--max-per-ip", "1"],
  );
  const client = await server.connect();
  const user = { account_name: "eve", password: "correct horse" };
  const register = { event: "authenticate", register: true, user };
  assertEquals((await client.ask(register)).response, 403);
  const { frames } = await (await server.connect()).ended();
  assertEquals(frames.map(({ response }) => response), [101]);
  assertEquals((await client.frame()).event, "probe");
});

Deno.test("--max-db, --max-names-per-ip and --max-accounts-per-ip take effect, and the log says that it is full", async () => {
  await withDatabasePath(async (db) => {
    const limits = ["--max-db", "1", "--max-names-per-ip", "6", "--max-accounts-per-ip", "1"];
    await using server = await ServerProcess.start([...limits, "--rate", "0"], {
      db,
      hashesCheaply: true,
    });
    const bob = await server.connect();
    const user = { account_name: "bob", password: "correct horse" };
    assertEquals((await bob.ask({ event: "authenticate", register: true, user })).response, 201);
    await bob.ask({ event: "quit" });
    let [full, names] = [false, 0];
    for (const name of ["a", "b", "c", "d"]) {
      const client = await server.connect();
      const code = await goOnline(client, name);
      // Between two letters there may be room for no name.
      assert(code === (full ? 500 : 200) || (names > 0 && code === 500), `${code}`);
      full ||= code === 500;
      if (code === 200) names++;
      for (let n = 0; n < 40 && !full; n++) {
        const letter = { event: "msg", to: "bob", message: "ж".repeat(4_000), store: true };
        full = (await client.ask(letter)).response === 500;
      }
    }
    assert(full);
    await server.logs("storage full, refusing what would be stored");
    const again = await server.connect();
    assertEquals((await again.ask({ event: "authenticate", user })).response, 200);
    let stored: unknown;
    for (const frame of await again.pending()) ({ stored } = frame);
    assertEquals((await again.ask({ event: "ack", stored })).response, 200);
    await server.logs("storage has room again");
    // Names that were refused did not count.
    for (; names < 6; names++) {
      assertEquals(await goOnline(await server.connect(), `late${names}`), 200);
    }
    assertEquals(await goOnline(await server.connect(), "e"), 403);
    const other = { account_name: "other", password: "correct horse" };
    const { response } = await (await server.connect())
      .ask({ event: "authenticate", register: true, user: other });
    assertEquals(response, 403);
  });
});

Deno.test("--takeover takes effect, in fractions of a second", async () => {
  await using server = await ServerProcess.start(["--takeover", "0.05"]);
  const [old, young] = [await server.connect(), await server.connect()];
  const login = { event: "authenticate", user: { account_name: "eve", password: "correct horse" } };
  assertEquals((await old.ask({ ...login, register: true })).response, 201);
  assertEquals((await young.ask(login)).response, 200);
  const { frames } = await old.ended();
  assertEquals(frames.map(({ event, reason }) => event ?? reason), ["probe", "replaced"]);
});

Deno.test("--max-pending and --work take effect", async () => {
  await using server = await ServerProcess.start(["--max-pending", "1", "--work", "1"]);
  const eve = await server.connect();
  assertEquals(await goOnline(eve, "eve"), 200);
  const silent = await server.connect();
  await silent.ask({ event: "probe" });
  const { frames } = await (await server.connect()).ended();
  assertEquals(frames.map(({ response }) => response), [101]);
  // A burst of 10 KiB, then 1 KiB a second: two answers more than the burst take longer than a tenth of a second.
  const size = JSON.stringify(await eve.ask({ event: "who" })).length + 1;
  const count = Math.ceil(10_240 / size) + 2;
  const begun = performance.now();
  await eve.sendText('{"event":"who"}\n'.repeat(count));
  await eve.frames(count);
  assert(performance.now() - begun > 100, `${count} answers of ${size} bytes`);
});

Deno.test("names are known after a crash", async () => {
  await withDatabasePath(async (db) => {
    {
      await using server = await ServerProcess.start([], { db });
      assertEquals(await goOnline(await server.connect(), "eve"), 200);
      server.kill("SIGKILL"); // the moment that it has answered
      assertEquals((await server.ended()).signal, "SIGKILL");
    }
    await using server = await ServerProcess.start([], { db });
    const bob = await server.connect();
    await goOnline(bob, "bob");
    for (const [to, code] of [["eve", 410], ["mallory", 404]] as const) {
      assertEquals((await bob.ask({ event: "msg", to, message: "hi" })).response, code);
    }
  });
});

const CROWD = new URL("../support/crowd.ts", import.meta.url);

Deno.test("descriptors exhausted: it goes on serving who is there, and others as soon as it can", async () => {
  await using server = await ServerProcess.start([], {
    wrapper: ["sh", "-c", 'ulimit -n 256 && exec "$@"', "sh"],
  });
  const [eve, bob] = [await server.connect(), await server.connect()];
  for (const [client, name] of [[eve, "eve"], [bob, "bob"]] as const) {
    assertEquals(await goOnline(client, name), 200);
  }
  const crowd = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net", CROWD.pathname, String(server.address.port)],
    stdin: "piped",
  }).spawn();
  await server.logs("cannot accept connections");
  assertEquals((await eve.ask({ event: "msg", to: "bob", message: "hi" })).response, 200);
  assertEquals((await bob.frame()).message, "hi");
  await crowd.stdin.close();
  assertEquals((await crowd.status).code, 0);
  const carol = await server.connect();
  assertEquals(await goOnline(carol, "carol"), 200);
  await server.logs("accepting connections again");
  assertEquals((await carol.ask({ event: "who" })).total, 3);
});
