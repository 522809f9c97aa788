import { assertMatch, assertThrows } from "@std/assert";

import { StartError } from "../../common/errors.ts";
import { serverRun } from "../../common/server_run.ts";
import { shellWord } from "../../common/shell_word.ts";
import { parseCommand } from "../../common/flags.ts";
import { SERVER_COMMAND } from "../../server/flags.ts";
import { pathsOf, requireFiles, requireSharedPort } from "../../server/require_files.ts";

const PATHS = { db: "/a b/jim.db", logDir: "logs", tlsCert: "c.pem", tlsKey: "k.pem" };

Deno.test({
  name: "the line names the first file that is not allowed, and the command that allows all",
  permissions: { read: ["/a b", "logs", "c.pem"], write: ["/a b", "logs"] },
  fn() {
    const args = ["--db", PATHS.db, "--tls-cert", "c.pem", "--tls-key", "k.pem"];
    const files = { read: ["/a b", "logs", "c.pem", "k.pem"], write: ["/a b", "logs"] };
    const command = [...serverRun(files), ...args].map(shellWord).join(" ");
    assertThrows(
      () => requireFiles([...args, "--stop-with=1"], PATHS, PATHS),
      StartError,
      `This server may not use k.pem; in the project's directory run: ${command}`,
    );
    requireFiles(args, PATHS, { ...PATHS, tlsKey: undefined });
  },
});

Deno.test({
  name: "what is written has to be allowed for writing, and what is not needed yet for nothing",
  permissions: { read: true, write: false },
  fn() {
    assertThrows(() => requireFiles([], PATHS, { db: "x.db" }), StartError, "may not use x.db;");
    requireFiles([], PATHS, { db: ":memory:", config: "jim.toml" });
  },
});

Deno.test({
  name: "nothing of a path steers a terminal",
  permissions: {},
  fn() {
    const paths = { db: ":memory:", config: "\x1b[2J" };
    assertThrows(() => requireFiles([], paths, paths), StartError, "use \\u{1b}[2J;");
  },
});

Deno.test({
  name: "the files of the connection to NATS have to be allowed, too",
  permissions: { read: ["data", "logs"], write: ["data", "logs"] },
  fn() {
    const args = ["--nats", "tls://a", "--nats-creds", "/etc/jim.creds", "--nats-ca", "ca.pem"];
    const paths = pathsOf(parseCommand(SERVER_COMMAND, args).flags);
    assertThrows(() => requireFiles(args, paths, paths), StartError, "may not use /etc/jim.creds;");
    const needed = { ...paths, nats: ["ca.pem"] };
    assertThrows(() => requireFiles(args, paths, needed), StartError, "may not use ca.pem;");
  },
});

Deno.test("a port is shared with --unstable-net only, and the line has the command", () => {
  const paths = { db: "data/jim.db", logDir: "logs" };
  const line = "--reuse-port needs --unstable-net; in the project's directory run: " +
    "deno run --unstable-net ";
  const error = assertThrows(() => requireSharedPort(["--reuse-port"], paths), StartError, line);
  assertMatch(error.message, / server\.ts --reuse-port$/);
});
