// docs/cluster.md is played: its configurations, its certificates, backup and restore, and a node that begins with a copy.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";

import { runProgram } from "../support/run_program.ts";
import { runServer, ServerProcess } from "../support/server_process.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/cluster.md", import.meta.url));
const PASSWORD = "correct horse battery";

/** The blocks of a language, in their order. */
function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))]
    .map(([, block]) => block!);
}

/** The one block of a language that has something in it. */
function block(language: string, part: string): string {
  const found = blocks(language).filter((text) => text.includes(part));
  assertEquals(found.length, 1, part);
  return found[0]!;
}

/** Stands in for the machine's own, which runs the NATS server whose command line is in `$MACHINE/command`. */
const SYSTEMCTL = `#!/bin/sh
pid() { cat "$MACHINE/pid" 2>/dev/null; }
# One that has ended waits, as a zombie, for its new parent.
runs() { grep -q '^State:.[^Z]' "/proc/$(pid)/status" 2>/dev/null; }
[ "$2" = nats-server ] || exit 1
case $1 in
  stop) kill "$(pid)"; while runs; do sleep 0.02; done ;;
  start) sh -c 'echo $$ >"$MACHINE/pid"; exec $(cat "$MACHINE/command")' >"$MACHINE/log" 2>&1 </dev/null &
    until grep -q "Server is ready" "$MACHINE/log" 2>/dev/null; do sleep 0.02; done ;;
  *) exit 1 ;;
esac
`;

/** A machine with a NATS server, in a directory of its own. */
class Machine {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  static async make(root: string, config: string): Promise<Machine> {
    await Deno.mkdir(`${root}/store`, { recursive: true });
    await Deno.writeTextFile(`${root}/systemctl`, SYSTEMCTL, { mode: 0o755 });
    await Deno.writeTextFile(`${root}/nats.conf`, config);
    await Deno.writeTextFile(`${root}/command`, `nats-server -c ${root}/nats.conf`);
    return new Machine(root);
  }

  /** Runs a block of the page as root of this machine would. */
  async play(script: string, cwd = this.root): Promise<void> {
    const text = script.replaceAll("/var/lib/nats", `${this.root}/store`);
    const { code, stderr, stdout } = await new Deno.Command("sh", {
      args: ["-ec", text],
      cwd,
      env: {
        ...{ PATH: `${this.root}:${Deno.env.get("PATH")}`, MACHINE: this.root },
        JIM_PASSWORD: "word-of-jim",
      },
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assertEquals(code, 0, said);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.play(
      '! grep -q "^State:.[^Z]" "/proc/$(cat pid)/status" || systemctl stop nats-server',
    )
      .catch(() => {});
  }
}

/** A port of a loopback address that nobody listens on. */
function freePort(hostname: string): number {
  using listener = Deno.listen({ hostname, port: 0 });
  return listener.addr.port;
}

/** What somebody finds in a room that lasts, after saying something there. */
async function visit(server: ServerProcess, say: string, isNew = false): Promise<unknown[]> {
  const client = await server.connect();
  const user = { account_name: "eve", password: PASSWORD };
  const { response } = await client.ask({ event: "authenticate", register: isNew, user });
  assertEquals(response, isNew ? 201 : 200);
  await client.ask({ event: "join", room: "#attic" });
  const { seq } = await client.ask({ event: "msg", to: "#attic", message: say });
  assert(seq !== undefined);
  const { messages } = await client.ask({ event: "history", with: "#attic", limit: 9 });
  await client.ask({ event: "quit" });
  client.close();
  return (messages as { message: string }[]).map(({ message }) => message);
}

Deno.test("the one NATS server of the page: log, copy, copy of a node, restored log", async () => {
  const root = await Deno.makeTempDir({ prefix: "jim-page-" });
  const [port, http] = [freePort("127.0.0.1"), freePort("127.0.0.1")];
  const config = block("nats", "listen: 127.0.0.1:4222").replace("4222", `${port}`)
    .replaceAll("/var/lib/nats", `${root}/store`) + `http: 127.0.0.1:${http}\n`;
  assertStringIncludes(PAGE, "`http: 127.0.0.1:8222`");
  try {
    await using machine = await Machine.make(root, config);
    await machine.play("systemctl start nats-server");
    const health = await fetch(`http://127.0.0.1:${http}/healthz`);
    assertEquals(await health.text(), `${/says `(\{.*?\})` by/.exec(PAGE)![1]}`);
    const flags = ["--nats", `nats://127.0.0.1:${port}`];
    const start = (db: string) =>
      ServerProcess.start(flags, { db: `${root}/${db}`, hashesCheaply: true });
    {
      await using node = await start("n1.db");
      assertEquals(await visit(node, "one", true), ["one"]);
      const [, words = ""] = /^deno task users (backup n3\.db) --db data\/jim\.db$/m.exec(PAGE) ??
        [];
      const copied = await runProgram(Deno.execPath(), [
        ...["task", "--quiet", "users", ...words.replace("n3", `${root}/n3`).split(" ")],
        ...["--db", `${root}/n1.db`],
      ]);
      assertEquals(copied.code, 0, copied.stderr);
      await using other = await start("n3.db");
      assertEquals(await visit(other, "two"), ["one", "two"]);
      assertEquals(await visit(node, "three"), ["one", "two", "three"]);
      // The copy is a node of its own: neither has taken the other for its former life.
      assert(!`${node.stderr}${other.stderr}`.includes("cut off"));
    }
    await machine.play(block("sh", "-cf jim-log.tar"));
    {
      await using node = await start("n1.db");
      await visit(node, "lost");
    }
    await machine.play(block("sh", "-xf jim-log.tar"));
    const refused = await runServer(flags, { db: `${root}/n1.db` });
    assertEquals(refused.code, 1);
    assertStringIncludes(
      refused.stderr,
      "The log in NATS is not the one that this database is a copy of",
    );
    await using node = await start("n4.db");
    assertEquals(await visit(node, "four"), ["one", "two", "three", "four"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("a server that is alone goes on with a node's database, which is no node's any more; nor is its own", async () => {
  const root = await Deno.makeTempDir({ prefix: "jim-page-" });
  const port = freePort("127.0.0.1");
  const config = block("nats", "listen: 127.0.0.1:4222").replace("4222", `${port}`)
    .replaceAll("/var/lib/nats", `${root}/store`);
  try {
    await using machine = await Machine.make(root, config);
    await machine.play("systemctl start nats-server");
    const flags = ["--nats", `nats://127.0.0.1:${port}`];
    const [db, own] = [`${root}/n1.db`, `${root}/own.db`];
    {
      await using node = await ServerProcess.start(flags, { db, hashesCheaply: true });
      await visit(node, "one", true);
    }
    {
      await using alone = await ServerProcess.start([], { db, hashesCheaply: true });
      assertEquals(await visit(alone, "two"), ["one", "two"]);
      await using always = await ServerProcess.start([], { db: own, hashesCheaply: true });
      await visit(always, "one", true);
    }
    for (const path of [db, own]) {
      const { code, stderr } = await runServer(flags, { db: path });
      assertEquals(code, 1);
      assertStringIncludes(stderr, "it belongs to a server without --nats");
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("the three NATS servers of the page, with TLS, certificates, passwords and permissions; and one of three is enough to restore", async () => {
  const root = await Deno.makeTempDir({ prefix: "jim-page-" });
  const hosts = [1, 2, 3].map((number) => `127.0.0.${number}`);
  const ports = hosts.map((host) => ({ client: freePort(host), route: freePort(host) }));
  const place = (text: string): string => text.replaceAll("10.0.0.", "127.0.0.");
  const page = block("nats", "server_name: nats1");
  await using machines = new AsyncDisposableStack();
  try {
    const certificates = await Machine.make(`${root}/ca`, "");
    await certificates.play(place(block("sh", "openssl req -x509")));
    const all: Machine[] = [];
    for (const [index, host] of hosts.entries()) {
      const others = hosts.map((_, other) => other).filter((other) => other !== index);
      const home = `${root}/m${index + 1}`;
      let config = page.replaceAll("nats1", `nats${index + 1}`)
        .replace("10.0.0.1:4222", `${host}:${ports[index]!.client}`)
        .replace("10.0.0.1:6222", `${host}:${ports[index]!.route}`)
        .replaceAll("/var/lib/nats", `${home}/store`).replaceAll("/etc/nats", `${root}/ca`);
      for (const [at, was] of ["10.0.0.2:6222", "10.0.0.3:6222"].entries()) {
        const other = others[at]!;
        config = config.replace(was, `${hosts[other]}:${ports[other]!.route}`);
      }
      const machine = machines.use(await Machine.make(home, config));
      await machine.play("nats-server -t -c nats.conf");
      all.push(machine);
    }
    await Promise.all(all.map((machine) => machine.play("systemctl start nats-server")));
    // The page's file of settings, with the addresses that there are, in a directory that the server may read.
    const addresses = hosts.map((host, index) => `tls://${host}:${ports[index]!.client}`);
    const [first, ...rest] = addresses;
    const urls = [first!.replace("tls://", "tls://jim:word-of-jim@"), ...rest].join();
    const settings = block("toml", "nats-ca")
      .replaceAll(/^(addr|metrics) = .*\n/gm, "")
      .replace(/^nats = .*$/m, `nats = "${urls}"`)
      .replace('"tls/ca.pem"', `"${root}/ca/ca.pem"`);
    await Deno.writeTextFile(`${root}/jim.toml`, settings);
    {
      await using node = await ServerProcess.start(["--config", `${root}/jim.toml`], {
        ...{ db: `${root}/n1.db`, hashesCheaply: true },
      });
      assertStringIncludes(node.stderr, "NATS stream made stream=jim_log copies=3");
      assertEquals(await visit(node, "one", true), ["one"]);
      assertEquals(await visit(node, "two"), ["one", "two"]);
      assert(!node.stderr.includes("NATS refuses something"), node.stderr);
      await all[2]!.play(block("sh", "-cf jim-log.tar"));
      assertEquals(await visit(node, "lost"), ["one", "two", "lost"]);
    }
    const port = freePort("127.0.0.1");
    const alone = block("nats", "listen: 127.0.0.1:4222").replace("4222", `${port}`)
      .replaceAll("/var/lib/nats", `${root}/alone/store`);
    const machine = machines.use(await Machine.make(`${root}/alone`, alone));
    await machine.play("systemctl start nats-server");
    await Deno.copyFile(`${root}/m3/jim-log.tar`, `${root}/alone/jim-log.tar`);
    await Deno.mkdir(`${root}/alone/store/jetstream`, { recursive: true });
    await machine.play(block("sh", "-xf jim-log.tar"));
    await using node = await ServerProcess.start(["--nats", `nats://127.0.0.1:${port}`], {
      ...{ db: `${root}/n2.db`, hashesCheaply: true },
    });
    assertEquals(await visit(node, "three"), ["one", "two", "three"]);
  } finally {
    await machines.disposeAsync();
    await Deno.remove(root, { recursive: true });
  }
});
