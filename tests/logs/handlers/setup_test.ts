import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { BaseHandler } from "@std/log/base-handler";
import { join } from "node:path";
import { DEFAULT_LOG_SETTINGS, type LogSettings } from "../../../logs/handlers/settings.ts";
import { setupLogging } from "../../../logs/handlers/setup.ts";

class Console extends BaseHandler {
  readonly lines: string[] = [];
  ended = false;

  constructor() {
    super("NOTSET", {
      formatter: ({ levelName, loggerName, msg, args }) =>
        `${levelName} ${loggerName} ${msg} ${JSON.stringify(args)}`,
    });
  }

  override log(msg: string): void {
    this.lines.push(msg);
  }

  override destroy(): void {
    this.ended = true;
  }
}

async function withDir(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const settings = (dir: string, more: Partial<LogSettings> = {}): LogSettings => ({
  ...DEFAULT_LOG_SETTINGS,
  dir,
  ...more,
});

Deno.test("setupLogging sends all loggers of a program to the console and to its file", () =>
  withDir(async (dir) => {
    const console = new Console();
    const path = join(dir, "made", "server.log");
    {
      await using logging = await setupLogging("server", settings(join(dir, "made")), { console });
      assertEquals(logging.path, path);
      logging.logger.info("started", { port: 7777 });
      logging.logger.debug("below the level");
      const session = logging.child("session");
      assertEquals(logging.child("session"), session);
      assertEquals([session.loggerName, session.levelName], ["server.session", "INFO"]);
      session.warn("refused", { name: "e\nve" });
      const added = new Console();
      logging.add(added);
      session.info("later");
      assertEquals(added.lines, ["INFO server.session later []"]);
      logging.flush();
      assertEquals(Deno.readTextFileSync(path).split("\n").length, 4);
    }
    assert(console.ended);
    const lines = Deno.readTextFileSync(path).trimEnd().split("\n").map((line) => line.slice(24));
    assertEquals(lines, [
      "INFO server  started port=7777",
      'WARN server.session  refused name="e\\nve"',
      "INFO server.session  later",
    ]);
    assertEquals(console.lines.length, 3);
  }));

Deno.test("setupLogging follows its settings", () =>
  withDir(async (dir) => {
    const console = new Console();
    const json = await setupLogging("client", settings(dir, { format: "json", level: "DEBUG" }), {
      console,
    });
    json.child("ui").debug("hi", { a: 1 });
    json.close();
    const { time: _, ...line } = JSON.parse(Deno.readTextFileSync(join(dir, "client.log")));
    assertEquals(line, { level: "DEBUG", logger: "client.ui", message: "hi", a: 1 });

    await using none = await setupLogging("launcher", settings(dir, { file: false }), { console });
    none.logger.error("no file");
    assertEquals(none.path, undefined);
    assertEquals([...Deno.readDirSync(dir)].map(({ name }) => name), ["client.log"]);
    await assertRejects(() => setupLogging("server", settings(dir, { when: "X" })), RangeError);
  }));

Deno.test("setupLogging goes on with the console alone where there can be no file", () =>
  withDir(async (dir) => {
    const console = new Console();
    const blocked = join(dir, "a file");
    Deno.writeTextFileSync(blocked, "");
    await using logging = await setupLogging("server", settings(blocked), { console });
    assertEquals(logging.path, undefined);
    logging.logger.info("all the same");
    assertEquals(console.lines.length, 2);
    assertMatch(
      console.lines[0]!,
      /^WARN server\.log no log file \[\{"reason":".+","path":".+"\}\]$/,
    );
    assertEquals(console.lines[1], "INFO server all the same []");
  }));

Deno.test("a program without the permission to write logs to the console, and asks for nothing", () =>
  withDir(async (dir) => {
    const run = async (...permissions: string[]): Promise<string> => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", ...permissions, import.meta.resolve("../support/log_one.ts"), dir],
      }).output();
      assertEquals([code, new TextDecoder().decode(stdout)], [0, ""]);
      return new TextDecoder().decode(stderr);
    };
    assertMatch(
      await run(),
      /^\d\d:\d\d:\d\d,\d{3} WARN server\.log {2}no log file reason="no permission to read" path=\S+\n\d\d:\d\d:\d\d,\d{3} INFO server {2}hello\n$/,
    );
    assertMatch(await run(`--allow-read=${dir}`), /reason="no permission to write"/);
    assertEquals([...Deno.readDirSync(dir)], []);
    assertMatch(
      await run(`--allow-read=${dir}`, `--allow-write=${dir}`),
      /^\S+ INFO server {2}hello\n$/,
    );
    assertMatch(Deno.readTextFileSync(join(dir, "server.log")), / INFO server {2}hello\n$/);
  }));

Deno.test("the programs' files and console count what repeats, and tell it at the end at the latest", () =>
  withDir(async (dir) => {
    const console = new Console();
    const logging = await setupLogging("server", settings(dir, { maxSize: 1 }), { console });
    const log = logging.child("session");
    for (let peer = 0; peer < 20_000; peer++) log.info("connected", { peer });
    logging.close();
    const lines = Deno.readTextFileSync(join(dir, "server.log")).trimEnd().split("\n");
    assertEquals(lines.length, console.lines.length);
    assert(lines.length < 1_000, `${lines.length} lines`);
    const counted = lines.map((line) =>
      Number(/ and (\d+) more like it in \d+ s /.exec(line)?.[1])
    );
    const told = counted.reduce((sum, more) => sum + (more || 1), 0);
    assertEquals(told, 20_000);
    assertMatch(lines.at(-1)!, / INFO server\.session {2}connected … and \d+ more .* peer=19999$/);
  }));

Deno.test("log directories and files that are made are their owner's alone", () =>
  withDir(async (dir) => {
    Deno.chmodSync(dir, 0o755);
    (await setupLogging("server", settings(`${dir}/a/b`), { console: new Console() })).close();
    const modes = ["", "/a", "/a/b", "/a/b/server.log"].map((path) =>
      (Deno.statSync(dir + path).mode! & 0o777).toString(8)
    );
    assertEquals(modes, ["755", "700", "700", "600"]);
  }));

Deno.test("setLevel is for all loggers, those given out included, and for the file", () =>
  withDir(async (dir) => {
    const path = join(dir, "server.log");
    await using logging = await setupLogging("server", settings(dir, { console: "OFF" }));
    const session = logging.child("session");
    session.debug("dropped");
    logging.setLevel("DEBUG");
    assertEquals([session.level, logging.child("store").level], [10, 10]);
    session.debug("kept");
    logging.setLevel("WARN");
    logging.logger.info("dropped, too");
    session.warn("kept, too");
    logging.flush();
    const messages = Deno.readTextFileSync(path).trim().split("\n");
    assertEquals(messages.map((line) => /(kept|dropped)(, too)?/.exec(line)?.[0]), [
      "kept",
      "kept, too",
    ]);
  }));
