// --proxy-protocol of the real server, as a flag and in a file.
import { assertEquals, assertMatch } from "@std/assert";

import { lineHeader } from "../support/proxy_header.ts";
import { RawClient } from "../support/raw_client.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";

Deno.test("--proxy-protocol: a proxy on IPv4 is known on a socket for both, and in a file, too", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/jim.toml`;
  await Deno.writeTextFile(path, 'proxy-protocol = "10.0.0.0/8, 127.0.0.1/32"\n');
  try {
    await using server = await ServerProcess.start(["--config", path], {
      listenOn: ["--port", "0"],
    });
    const address = { hostname: "127.0.0.1", port: server.address.port };
    using client = await RawClient.connect(
      address,
      "127.0.0.1",
      undefined,
      lineHeader("192.0.2.7"),
    );
    const presence = { event: "presence", user: { account_name: "eve" } };
    assertEquals((await client.ask(presence)).response, 200);
    await server.logs("online peer=192.0.2.7:4711 name=eve");
    using bare = await RawClient.connect(address, "127.0.0.1");
    await bare.send(presence);
    assertEquals((await bare.ended()).frames, []);
    await server.logs("no PROXY header peer=127.0.0.1:");
    // A running server must go on.
    await Deno.writeTextFile(path, 'proxy-protocol = "10.0.0.1/8"\n');
    server.kill("SIGHUP");
    await server.logs("settings not read, those before stay");
    assertMatch(server.stderr, /those before stay reason=.*'10\.0\.0\.1\/8' has bits set behind/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("--proxy-protocol: a wrong list is one line and status 2", async () => {
  const [wrong, wide] = await Promise.all(
    ["10.0.0.0/8,here", "10.0.0.1/8"].map((list) => runServer(["--proxy-protocol", list])),
  );
  assertEquals([wrong!.code, wide!.code, wrong!.stdout], [2, 2, ""]);
  assertMatch(wrong!.stderr, /^--proxy-protocol must be networks such as .*received 'here'\n$/);
  assertMatch(
    wide!.stderr,
    /^--proxy-protocol: '10\.0\.0\.1\/8' has bits set behind its first 8.*\n$/,
  );
});
