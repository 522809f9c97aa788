import { assertEquals, assertThrows } from "@std/assert";

import { StartError } from "../../common/errors.ts";
import {
  clientCommand,
  clusterCommand,
  listeningPlace,
  type ServerChoice,
  serverCommand,
} from "../../launcher/commands.ts";

const runtime = { deno: "/opt/a b/deno", root: "file:///home/my%20chat/" };

function allowed(args: readonly string[], flag: string): string | undefined {
  return serverCommand(runtime, args).args.find((arg) => arg.startsWith(`--allow-${flag}`));
}

Deno.test("the server may read and write its data and its logs, and stops with its input", () => {
  assertEquals(serverCommand(runtime, ["--port", "0"]), {
    program: "/opt/a b/deno",
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-net",
      "--allow-read=data,logs,/home/my chat/common,/home/my chat/server",
      "--allow-write=data,logs",
      "--deny-write=/home/my chat/logs/calls,/home/my chat/logs/handlers,/home/my chat/logs/mod.ts",
      "file:///home/my%20chat/server.ts",
      "--stop-at-eof",
      "--port",
      "0",
    ],
  });
});

Deno.test("files that the server's flags name take the place of the defaults", () => {
  const flags = ["--db", "/var/jim/chat.db", "--log-dir=/var/log/jim", "--tls-cert", "c.pem"];
  assertEquals(
    allowed(flags, "read"),
    "--allow-read=/var/jim,/var/log/jim,c.pem,/home/my chat/common,/home/my chat/server",
  );
  assertEquals(allowed(flags, "write"), "--allow-write=/var/jim,/var/log/jim");
  assertEquals(allowed(["--db", ":memory:"], "write"), "--allow-write=logs");
  assertEquals(
    allowed(["--db", "x.db"], "write"),
    "--allow-write=x.db,x.db-wal,x.db-shm,x.db-journal,x.db.lock,logs",
  );
  assertEquals(allowed(["--db", String.raw`C:\chat\x.db`], "write"), "--allow-write=C:\\chat,logs");
  assertEquals(allowed(["--db", "a/x", "--db", "b/x"], "write"), "--allow-write=b,logs");
  assertThrows(
    () => allowed(["--log-dir", "a,b"], "write"),
    StartError,
    "with a comma, such as a,b",
  );
});

const place = { address: "::1", port: 7777 };

/** How eve's client is started. */
function client(server: ServerChoice, lang?: string): readonly string[] {
  return clientCommand({ runtime, server, names: ["eve"], lang }, "eve", place).args;
}

Deno.test("a client gets the network and nothing else", () => {
  const server: ServerChoice = { kind: "own", args: ["--no-guests"] };
  assertEquals(client(server, "ru"), [
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-net",
    "file:///home/my%20chat/client.ts",
    "::1",
    "7777",
    "--name",
    "eve",
    "--lang",
    "ru",
  ]);
  assertEquals(client(server).slice(-2), ["--name", "eve"]);
});

Deno.test("clients of a server with a certificate trust that certificate", () => {
  const args = ["--tls-key", "k.pem", "--tls-cert", "c.pem"];
  const trusting = [
    "--allow-net",
    "--allow-read=c.pem",
    "file:///home/my%20chat/client.ts",
    "::1",
    "7777",
    "--name",
    "eve",
    "--tls",
    "--ca",
    "c.pem",
  ];
  assertEquals(client({ kind: "own", args }).slice(3), trusting);
  const attach = { kind: "attach", ...place, tls: true } as const;
  assertEquals(client({ ...attach, ca: "c.pem" }).slice(3), trusting);
  assertEquals(client({ ...attach, ca: undefined }).slice(-3), ["--name", "eve", "--tls"]);
  assertEquals(client({ ...attach, tls: false, ca: undefined }).slice(-2), ["--name", "eve"]);
});

Deno.test("the server's line tells where clients on this machine reach it", () => {
  const reached = (address: string): unknown => listeningPlace(`listening on ${address}`);
  assertEquals(reached("[::]:7777"), { address: "localhost", port: 7777 });
  assertEquals(reached("0.0.0.0:1"), { address: "127.0.0.1", port: 1 });
  assertEquals(reached("[::1]:65535"), { address: "::1", port: 65_535 });
  assertEquals(reached("192.0.2.1:7000 (TLS)"), { address: "192.0.2.1", port: 7000 });
  assertEquals(listeningPlace("12:00 INFO listening on 127.0.0.1:80"), {
    address: "127.0.0.1",
    port: 80,
  });
  assertEquals(listeningPlace("Cannot listen on 127.0.0.1:80"), undefined);
  assertEquals(listeningPlace("node-1  | listening on 127.0.0.1:80"), undefined);
  assertEquals(reached("127.0.0.1:123456"), undefined);
});

Deno.test("several nodes are started together, each client beginning at another one", () => {
  const { args } = clusterCommand(runtime, 2, [
    "--addr",
    "::1",
    "--data",
    "d",
    "--port=0",
    "--no-guests",
  ]);
  assertEquals(args.slice(args.indexOf("file:///home/my%20chat/cluster.ts") + 1), [
    ...["2", "--nats-servers", "1", "--stop-at-eof", "--addr", "::1", "--port", "0"],
    ...["--data", "d", "--", "--no-guests"],
  ]);
  const { args: plain } = clusterCommand(runtime, 2, []);
  assertEquals(plain.slice(-2), ["--data", "data/launch"]);
  const nodes = listeningPlace("listening on [::1]:1,127.0.0.1:2")!;
  assertEquals(nodes, {
    ...{ address: "::1", port: 1 },
    others: [{ address: "127.0.0.1", port: 2 }],
  });
  const server: ServerChoice = { kind: "own", args: [], nodes: 2 };
  const plan = { runtime, server, names: ["eve", "bob", "kim"], lang: undefined };
  const addresses = plan.names.map((name) => {
    const { args } = clientCommand(plan, name, nodes);
    return args[args.indexOf("--name") - 1];
  });
  assertEquals(addresses, ["[::1]:1,127.0.0.1:2", "127.0.0.1:2,[::1]:1", "[::1]:1,127.0.0.1:2"]);
});
