// docs/installing.md is played: each command of its shell blocks, on directories that stand for a machine's, with
// stand-ins for what only root of a machine with systemd can do.
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { DatabaseSync } from "node:sqlite";

import { LOG_FLAGS } from "../../logs/handlers/flags.ts";
import { makeCertificate } from "../../server/admin/certificate.ts";
import { SCHEMA_VERSION } from "../../server/store/schema.ts";
import { UserAdmin } from "../../server/store/user_admin.ts";
import { runProgram } from "../support/run_program.ts";
import { eventually } from "../support/server_fixture.ts";
import { copies, unitCommand } from "../support/shipped.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/installing.md", import.meta.url));

/** The shell blocks below a heading, in their order. */
function blocksOf(heading: string): string[] {
  const [, rest] = PAGE.split(new RegExp(`^#+ ${RegExp.escape(heading)}\n`, "m"));
  assert(rest !== undefined, heading);
  const [section = ""] = rest.split(/^#+ /m);
  return [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block!);
}

/** Programs of a machine, by name, as shell scripts: what they would do that a test cannot, or may not, do. */
const STAND_INS: Readonly<Record<string, string>> = {
  sudo: 'if [ "$1" = -u ]; then shift 2; fi; exec "$@"',
  useradd: "",
  // Its directory of packages is prepared.
  npm: 'if [ "$1" = root ]; then echo "$MACHINE/npm"; fi',
  // The owners are users of the machine.
  install: 'for word do shift; case "$last$word" in -o*|-g*) ;; *) set -- "$@" "$word" ;; esac; ' +
    'last=; case "$word" in -o|-g) last=$word ;; esac; done; exec /usr/bin/install "$@"',
  journalctl: 'cat "$MACHINE/journal"',
  systemctl: 'for command do case "$command" in -*|jim) ;; *) break ;; esac; done\n' +
    'server() { cat "$MACHINE/pid" 2>/dev/null; }\n' +
    // One that has ended waits, as a zombie, for its new parent, which may take seconds.
    "is_running() { grep -q '^State:.[^Z]' \"/proc/$(server)/status\" 2>/dev/null; }\n" +
    'stop() { if is_running; then kill "$(server)"; while is_running; do sleep 0.02; done; fi; }\n' +
    "start() {\n" +
    '  rm -f "$MACHINE/pid"; : >"$MACHINE/journal"; sh -c \'echo $$ >"$MACHINE/pid"; exec $SERVER\' >"$MACHINE/journal" 2>&1 </dev/null &\n' +
    '  until grep -q "listening on" "$MACHINE/journal"; do\n' +
    '    if [ -s "$MACHINE/pid" ] && ! is_running; then return 1; fi; sleep 0.02\n' +
    "  done\n" +
    "}\n" +
    'case "$command" in\n' +
    "  daemon-reload) ;;\n" +
    "  enable|start) start ;;\n" +
    "  stop) stop ;;\n" +
    "  restart) stop; start ;;\n" +
    '  reload-or-restart) if is_running; then kill -HUP "$(server)"; else start; fi ;;\n' +
    '  *) echo "unknown: $*" >&2; exit 1 ;;\n' +
    "esac",
};

/** A machine on which the page is played. Its paths are below a temporary directory, its ports are free ones. */
class Playground implements AsyncDisposable {
  readonly root: string;
  readonly release: string;
  readonly #ports: readonly [chat: number, metrics: number];

  private constructor(root: string, ports: readonly [number, number]) {
    this.root = root;
    this.release = `${root}/release`;
    this.#ports = ports;
  }

  static async make(): Promise<Playground> {
    const listeners = [0, 0].map((port) => Deno.listen({ hostname: "127.0.0.1", port }));
    const [chat, metrics] = listeners.map((listener) => (listener.addr as Deno.NetAddr).port);
    for (const listener of listeners) listener.close();
    const playground = new Playground(await Deno.makeTempDir({ prefix: "jim-install-" }), [
      chat!,
      metrics!,
    ]);
    await playground.#prepare();
    return playground;
  }

  path(path: string): string {
    return this.root + path;
  }

  /** The text with paths and ports of the playground. */
  moved(text: string): string {
    return text
      // Packages are fetched into one place for all releases, which has them already.
      .replaceAll(/\/opt\/jim(\.new|\.old)?\/\.deno/g, `${this.root}/deno`)
      .replaceAll(
        /(?<![\w.])\/(?=(?:opt|etc|usr\/local|var\/(?:lib|log|backups))\b)/g,
        `${this.root}/`,
      )
      .replaceAll("9464", String(this.#ports[1]))
      .replaceAll("7777", String(this.#ports[0]));
  }

  /** Runs the blocks of a section; each of their commands has to succeed. */
  async play(heading: string): Promise<string> {
    const { code, output } = await this.run(blocksOf(heading).join("\n"));
    assertEquals(code, 0, `${heading}:\n${output}\n${await this.journal()}`);
    return output;
  }

  /** Runs lines of shell, in the release's directory. */
  async run(script: string): Promise<{ code: number; output: string }> {
    const server = this.moved((await unitCommand()).join(" "));
    const setup = `cd '${this.release}'; export MACHINE='${this.root}' SERVER='${server}'; ` +
      `PATH='${this.root}/bin:${this.root}/usr/local/bin':$PATH; unset DENO_DIR\n`;
    const { code, stdout, stderr } = await runProgram("sh", [
      "-ec",
      setup + this.moved(script),
    ]);
    return { code, output: stdout + stderr };
  }

  /** The server's process id: another one after each start. */
  get pid(): number {
    return Number(Deno.readTextFileSync(this.path("/pid")));
  }

  /** Makes the files to be installed those of another release. */
  async nextRelease(name: string): Promise<void> {
    await Deno.writeTextFile(`${this.release}/server/release`, name);
  }

  /** Which release is in a folder of `/opt`; undefined for the first one, and where there is none. */
  releaseIn(folder: string): string | undefined {
    try {
      return Deno.readTextFileSync(this.path(`/opt/${folder}/server/release`));
    } catch {
      return undefined;
    }
  }

  async journal(): Promise<string> {
    return await Deno.readTextFile(this.path("/journal")).catch(() => "");
  }

  /** Resolves when the journal has a line: the server writes its log beside saying that it listens. */
  async records(pattern: RegExp): Promise<void> {
    const read = (): string => Deno.readTextFileSync(this.path("/journal"));
    await eventually(() => pattern.test(read()), () => `${pattern} in ${read()}`);
  }

  /** Uses the database while no server does. */
  change(sql: string): void {
    using db = new DatabaseSync(this.path("/var/lib/jim/jim.db"));
    db.exec(sql);
  }

  async #prepare(): Promise<void> {
    const dirs = [
      "/bin",
      "/npm/deno",
      "/usr/local/bin",
      "/etc/systemd/system",
      "/deno",
      "/release",
    ];
    // The unit's own: see the test of its settings.
    for (const dir of [...dirs, "/var/lib/jim", "/var/log/jim"]) {
      await Deno.mkdir(this.path(dir), { recursive: true });
    }
    for (const [name, script] of Object.entries(STAND_INS)) {
      await Deno.writeTextFile(this.path(`/bin/${name}`), `#!/bin/sh\n${script}\n`, {
        mode: 0o755,
      });
    }
    await Deno.symlink(Deno.execPath(), this.path("/npm/deno/deno"));
    const { stdout } = await runProgram(Deno.execPath(), ["info", "--json"]);
    await Deno.symlink(JSON.parse(stdout).npmCache, this.path("/deno/npm"));
    const files = [...new Set((await copies()).map(([from]) => from.split("/")[0]!))];
    assertEquals((await runProgram("cp", ["-R", ...files, this.release])).code, 0);
    for (const { name } of Deno.readDirSync(`${this.release}/ops`)) {
      const path = `${this.release}/ops/${name}`;
      await Deno.writeTextFile(path, this.moved(await Deno.readTextFile(path)));
    }
    const settings = `${this.release}/ops/jim.toml`;
    const local = `addr = "127.0.0.1"\nport = ${this.#ports[0]}\n`;
    await Deno.writeTextFile(settings, local + await Deno.readTextFile(settings));
    await this.issue();
  }

  /** Puts a new certificate and its key into the release's directory, where an authority's program may put them. */
  async issue(): Promise<void> {
    const { cert, key } = await makeCertificate();
    await Deno.writeTextFile(`${this.release}/cert.pem`, cert);
    await Deno.writeTextFile(`${this.release}/key.pem`, key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("systemctl stop jim");
    await Deno.remove(this.root, { recursive: true });
  }
}

Deno.test("docs/installing.md: installed, upgraded, downgraded, brought back", async (t) => {
  await using machine = await Playground.make();
  const names = async (): Promise<string> => (await machine.run("ops/users list")).output;

  await t.step("installed", async () => {
    await machine.play("On a machine");
    await machine.records(/certificate loaded path=\S+\/etc\/jim\/tls\/cert\.pem/);
    assertEquals(Deno.statSync(machine.path("/etc/jim/tls/key.pem")).mode! & 0o777, 0o640);
    using users = UserAdmin.open(machine.path("/var/lib/jim/jim.db"), false, () => 0);
    users.add("eve", "eve", "hash");
  });

  await t.step("backed up every night", async () => {
    await machine.play("Backups");
    const [backup] = [...Deno.readDirSync(machine.path("/var/backups/jim"))];
    assertMatch(backup!.name, /^\d{4}-\d\d-\d\d\.db$/);
  });

  const installed = (): (string | undefined)[] =>
    ["jim", "jim.old"].map((folder) => machine.releaseIn(folder));
  const backups = (): number =>
    [...Deno.readDirSync(machine.path("/var/backups/jim"))].filter(({ name }) =>
      name.startsWith("before-upgrade-")
    ).length;

  await t.step("upgraded, with what it has", async () => {
    await machine.nextRelease("second");
    const { pid } = machine;
    await machine.play("Upgrading");
    await machine.records(/ started address=/);
    assertStringIncludes(await names(), "eve");
    assertEquals([installed(), backups()], [["second", undefined], 1]);
    assertNotEquals(machine.pid, pid);
  });

  await t.step("upgraded once more to the same: the one from before stays", async () => {
    await machine.play("Upgrading");
    assertEquals([installed(), backups()], [["second", undefined], 1]);
    assert(Deno.statSync(machine.path("/opt/jim.old")).isDirectory);
  });

  await t.step("an upgrade that cannot be prepared leaves the server alone", async () => {
    const { pid } = machine;
    const refused = async (pattern: RegExp): Promise<void> => {
      const { code, output } = await machine.run(blocksOf("Upgrading").join("\n"));
      assertMatch(output, pattern);
      assertNotEquals(code, 0);
      assertEquals([installed(), backups(), machine.pid], [["second", undefined], 1, pid]);
      assertStringIncludes(await names(), "eve");
    };
    await machine.nextRelease("third");
    await Deno.rename(`${machine.release}/std`, `${machine.release}/aside`);
    await refused(/cannot stat 'std'/);
    await Deno.rename(`${machine.release}/aside`, `${machine.release}/std`);
    const settings = machine.path("/etc/jim/jim.toml");
    const text = await Deno.readTextFile(settings);
    await Deno.writeTextFile(settings, `nonsense = 1\n${text}`);
    await refused(/nonsense/);
    await Deno.writeTextFile(settings, text);
  });

  await t.step("upgraded over what others have left, also those that were cut off", async () => {
    await Deno.writeTextFile(machine.path("/opt/jim.new/server/left.ts"), "");
    // Between its two moves.
    await machine.run("rm -rf /opt/jim.old; mv -T /opt/jim /opt/jim.old");
    await machine.play("Upgrading");
    assertEquals([installed(), backups()], [["third", "second"], 2]);
    await assertRejects(() => Deno.stat(machine.path("/opt/jim/server/left.ts")));
  });

  await t.step("downgraded, and that again", async () => {
    const [check = "", back = ""] = blocksOf("Downgrading");
    assertEquals(await machine.run(check), { code: 0, output: "" });
    await machine.play("Downgrading");
    assertEquals(installed(), ["second", undefined]);
    assertEquals(machine.releaseIn("jim.new"), "third");
    // Once more, and after one that was cut off.
    assertEquals((await machine.run(back)).code, 0);
    assertEquals(installed(), ["second", undefined]);
    await machine.run("mv -T /opt/jim /opt/jim.old");
    assertEquals((await machine.run(back)).code, 0);
    assertEquals(installed(), ["second", undefined]);
    assertStringIncludes(await names(), "eve");
  });

  await t.step("downgraded: a newer schema is refused in the words of the page", async () => {
    // What a newer release would have done.
    await machine.run("mv -T /opt/jim /opt/jim.old; mv -T /opt/jim.new /opt/jim");
    await machine.run("systemctl stop jim");
    machine.change(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    const [check = "", back = ""] = blocksOf("Downgrading");
    const [, line = ""] = /^```text\n(Cannot open database .*)\n```$/m.exec(PAGE) ?? [];
    assertEquals(await machine.run(check), { code: 1, output: `${machine.moved(line)}\n` });
    assertEquals((await machine.run(back)).code, 1);
    assertEquals((await machine.journal()).trimEnd(), machine.moved(line));
    assertEquals(installed(), ["second", undefined]);
  });

  await t.step("the backup is put back", async () => {
    await machine.play("Putting a backup back");
    assertStringIncludes(await names(), "eve");
    const kept = [...Deno.readDirSync(machine.path("/var/lib/jim"))];
    assertEquals(kept.filter(({ name }) => name.startsWith("broken-")).length, 1);
  });

  await t.step("a corrupt database is refused, and the backup put back", async () => {
    await machine.run("systemctl stop jim");
    await Deno.writeTextFile(machine.path("/var/lib/jim/jim.db"), "x".repeat(8_192));
    assertEquals((await machine.run("systemctl start jim")).code, 1);
    const [, words = ""] = /ends with status 1 and "(it is no SQLite[^"]*)"/.exec(
      PAGE.replaceAll(/\s+/g, " "),
    ) ?? [];
    assertStringIncludes(await machine.journal(), words);
    await machine.play("Putting a backup back");
    assertStringIncludes(await names(), "eve");
  });

  await t.step("a lost certificate is replaced, whether the server runs or not", async () => {
    await machine.issue();
    await machine.play("The certificate or its key is lost");
    await machine.run("systemctl stop jim; rm /etc/jim/tls/cert.pem");
    assertEquals((await machine.run("systemctl start jim")).code, 1);
    const [, line = ""] = /"(--tls-cert: cannot read [^"]*)"/.exec(PAGE) ?? [];
    assertEquals((await machine.journal()).trimEnd(), machine.moved(line));
    await machine.play("The certificate or its key is lost");
  });

  await t.step("what the disk holds is looked at", async () => {
    assertMatch(await machine.play("The disk is full"), /\/var\/backups\/jim$/m);
  });
});

Deno.test("docs/installing.md gives the numbers of the log's flags, and copies what the image does", async () => {
  const text = PAGE.replaceAll(/\s+/g, " ");
  assertStringIncludes(text, `keeps ${LOG_FLAGS["log-backups"].default} old files`);
  assertStringIncludes(text, `below ${LOG_FLAGS["log-max-size"].default} MiB`);
  assertEquals(LOG_FLAGS["log-when"].default, "MIDNIGHT");
  assert(text.includes(`up to ${SCHEMA_VERSION};`), "the line of a newer schema");
  const copied = [...PAGE.matchAll(/^sudo cp -R (.+) \/opt\/jim(?:\.new)?$/gm)].map(([, list]) =>
    list
  );
  const image = (await copies()).filter(([, to]) => to.startsWith("./")).map(([from]) => from);
  assertEquals(copied.length, 2);
  for (const list of copied) assertEquals(list!.split(" ").sort(), image.sort());
});
