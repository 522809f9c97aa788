// The server behind HAProxy, with the configuration of docs/operating.md.
import { assert, assertEquals } from "@std/assert";

import { Haproxy } from "../support/haproxy.ts";
import { RawClient } from "../support/raw_client.ts";
import { runProgram } from "../support/run_program.ts";
import { ServerProcess } from "../support/server_process.ts";
import { TlsDirectory } from "../support/tls_files.ts";

const page = await Deno.readTextFile(new URL("../../docs/operating.md", import.meta.url));
const [, config = ""] = /^```haproxy\n([^]+?)^```/m.exec(page) ?? [];
const [, flags = ""] = /--port 7778 (--proxy-protocol \S+)/.exec(page) ?? [];

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The page's configuration with one of its `listen` sections, other ports, and checks in quick succession. */
function configWith(section: string, version: string, port: number, server: number): string {
  const parts = config.split(/^(?=listen )/m);
  const kept = parts.filter((part) =>
    !part.startsWith("listen ") || part.startsWith(`listen ${section}\n`)
  );
  assertEquals(kept.length, 2, section);
  return kept.join("").replace(":7777", `127.0.0.1:${port}`).replace(":7778", `:${server}`)
    .replace("send-proxy-v2", version).replace(/ check$/m, " check inter 50ms");
}

const MODES = [
  { name: "plain", section: "jim", serverTls: false, clientTls: false },
  { name: "TLS passed through", section: "jim", serverTls: true, clientTls: true },
  { name: "TLS that ends at the proxy", section: "jim-tls", serverTls: false, clientTls: true },
] as const;

for (const { name, section, serverTls, clientTls } of MODES) {
  for (const version of ["send-proxy", "send-proxy-v2", "send-proxy-v2-ssl-cn"]) {
    Deno.test(`HAProxy with ${version}, ${name}: log and limits see the client's address`, async () => {
      await using tls = await TlsDirectory.make();
      await using server = await ServerProcess.start([
        ...flags.split(" "),
        ...["--max-per-ip", "2", "--log-level", "DEBUG", "--console-level", "DEBUG"],
        ...(serverTls ? tls.flags : []),
      ]);
      const port = freePort();
      await using _haproxy = await Haproxy.start(async (directory) => {
        const pem = `${directory}/jim.pem`;
        await Deno.writeTextFile(pem, `${tls.pair.cert}\n${tls.pair.key}`);
        return configWith(section, version, port, server.address.port)
          .replace("/etc/haproxy/jim.pem", pem);
      });
      const clients: RawClient[] = [];
      const connect = async (address: string): Promise<RawClient> => {
        const ca = clientTls ? tls.pair.cert : undefined;
        const client = await RawClient.connect({ hostname: "127.0.0.1", port }, address, ca);
        clients.push(client);
        return client;
      };
      const presence = { event: "presence", user: { account_name: "eve" } };
      const eve = await connect("127.0.0.2");
      assertEquals((await eve.ask(presence)).response, 200);
      const second = await connect("127.0.0.2");
      assertEquals((await second.ask({ event: "probe" })).response, 200);
      const third = await connect("127.0.0.2");
      const { frames } = await third.ended();
      assertEquals(frames.map(({ response }) => response), [101]);
      const neighbour = await connect("127.0.0.3");
      assertEquals((await neighbour.ask({ event: "probe" })).response, 200);
      await server.logs("connected peer=127.0.0.3:"); // records go out behind the answers
      for (
        const record of [
          /INFO \S+ +connected peer=127\.0\.0\.2:\d+/,
          /INFO \S+ +online peer=127\.0\.0\.2:\d+ name=eve/,
          /WARN\w* \S+ +refused, too many from one address peer=127\.0\.0\.2:\d+ limit=2/,
          /INFO \S+ +connected peer=127\.0\.0\.3:\d+/,
        ]
      ) assert(record.test(server.stderr), `${record} in ${server.stderr}`);
      // Of checks, those are seen that were not reset before they were accepted.
      const ofProxy = server.stderr.split("\n").filter((line) => line.includes("peer=127.0.0.1:"));
      assertEquals(ofProxy.filter((line) => !line.includes(" DEBUG ")), []);
      for (const client of clients) client.close();
    });
  }
}

Deno.test("HAProxy finds nothing wrong with the page's configuration", async () => {
  await using tls = await TlsDirectory.make();
  const pem = `${tls.path}/jim.pem`;
  const path = `${tls.path}/haproxy.cfg`;
  await Deno.writeTextFile(pem, `${tls.pair.cert}\n${tls.pair.key}`);
  await Deno.writeTextFile(path, config.replace("/etc/haproxy/jim.pem", pem));
  const { code, stdout, stderr } = await runProgram("haproxy", ["-c", "-f", path]);
  assertEquals([code, /warning|alert/i.test(stdout + stderr)], [0, false], stdout + stderr);
});
