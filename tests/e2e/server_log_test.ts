// What the server writes to its log, from start to stop, and what never.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { withDeadline } from "../support/raw_client.ts";
import { ServerProcess } from "../support/server_process.ts";

const SECRETS = ["correct horse", "wrong pony!", "between us", "to the room", "never sent"];

Deno.test("the server's log tells what happened at DEBUG, but no password and no text", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await using server = await ServerProcess.start(["--log-level", "DEBUG"], {
      logDir: dir,
      hashesCheaply: true,
    });
    const eve = await server.connect();
    const bob = await server.connect();
    const user = (name: string, password: string): object => ({ account_name: name, password });
    const register = { event: "authenticate", register: true, user: user("eve", SECRETS[0]!) };
    assertEquals((await eve.ask(register)).response, 201);
    const wrong = { event: "authenticate", user: user("eve", SECRETS[1]!) };
    assertEquals((await bob.ask(wrong)).response, 402);
    await bob.ask({ event: "presence", user: { account_name: "bob" } });
    await eve.ask({ event: "join", room: "#dev" });
    for (const [to, message] of [["bob", SECRETS[2]!], ["#dev", SECRETS[3]!]] as const) {
      const code = (await eve.ask({ event: "msg", to, from: "eve", message, id: 1 })).response!;
      assert(code < 300, `${code}`);
    }
    await eve.sendText(`{"event": "msg", "message": "${SECRETS[4]}\n`);
    await eve.sendText(
      '{"event": "forged\\n2026-11-23 01:02:03,456 CRITICAL server  \\u001b[2J"}\n',
    );
    await eve.response();
    await eve.response();
    server.kill("SIGTERM");
    assertEquals((await server.ended()).code, 0);

    const text = await Deno.readTextFile(join(dir, "server.log"));
    for (const secret of SECRETS) assert(!(text + server.stderr).includes(secret), secret);
    for (const line of text.trimEnd().split("\n")) {
      assertMatch(
        line,
        /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARN) server(\.\w+)? {2}\P{Cc}+$/u,
      );
    }
    for (
      const told of [
        "INFO server  started address=",
        "INFO server.session  connected peer=127.0.0.1:",
        "INFO server.session  registered peer=",
        "DEBUG server.store  call fn=SqliteStore.createAccount args=",
        "WARN server.session  wrong login or password peer=",
        "INFO server.session  online peer=",
        "DEBUG server.session  request peer=",
        "DEBUG server.session  response peer=",
        "INFO server.session  disconnected peer=",
        "INFO server  stopping",
        "INFO server  stopped",
      ]
    ) {
      assert(text.includes(told), `${told} is missing in\n${text}`);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("with the task's own permissions the server begins a new file where the log was renamed or deleted", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const path = join(dir, "server.log");
    using watcher = Deno.watchFs(dir);
    /** Waits until the file has a text. */
    const has = async (text: string): Promise<void> => {
      const isThere = (): boolean => {
        try {
          return Deno.readTextFileSync(path).includes(text);
        } catch {
          return false; // not yet made
        }
      };
      while (!isThere()) await withDeadline(watcher[Symbol.asyncIterator]().next(), () => text);
    };
    await using server = await ServerProcess.start([], { logDir: dir });
    await has("started address=");
    await Deno.chmod(path, 0o640);
    await Deno.rename(path, `${path}.away`);
    const eve = await server.connect();
    await has("connected peer=");
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o640);
    await Deno.remove(path);
    await eve.ask({ event: "presence", user: { account_name: "eve" } });
    await has("online peer=");
    server.kill("SIGTERM");
    assertEquals((await server.ended()).code, 0);
    assert(!server.stderr.includes("log file"), server.stderr);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
