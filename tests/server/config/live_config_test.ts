import { assertEquals } from "@std/assert";

import { parseCommand } from "../../../common/flags.ts";
import { readConfigFile } from "../../../common/config/config_file.ts";
import { LiveConfig } from "../../../server/config/live_config.ts";
import { withConfig } from "../../../common/config/with_config.ts";
import { checkFlags } from "../../../server/checked_flags.ts";
import { SERVER_COMMAND, SERVER_CONFIG, SERVER_FLAGS } from "../../../server/flags.ts";
import { RecordingLog } from "../../support/recording_log.ts";

type Flags = ReturnType<typeof parseCommand<typeof SERVER_FLAGS>>["flags"];

interface Parts {
  /** Writes the file and has it read. */
  readonly put: (text: string) => void;
  /** What was applied, oldest first. */
  readonly applied: Flags[];
  /** Level, message and fields of what was logged since it was asked last. */
  readonly said: () => unknown[][];
}

/** A server that was started with a file and flags. */
async function withLive(
  text: string,
  args: string[],
  test: (parts: Parts) => void,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    const command = parseCommand(SERVER_COMMAND, args);
    const flags = withConfig(command, readConfigFile(path, SERVER_CONFIG));
    const applied: Flags[] = [];
    const log = new RecordingLog();
    const apply = (changed: Flags): void => void applied.push(changed);
    const live = new LiveConfig({
      path,
      spec: SERVER_CONFIG,
      command,
      flags,
      check: checkFlags,
      apply,
      log,
    });
    test({
      put: (text) => {
        Deno.writeTextFileSync(path, text);
        live.reload();
      },
      applied,
      said: () =>
        log.records.splice(0).map(({ level, message, fields: { path: _, ...fields } }) => [
          level,
          message,
          ...Object.values(fields).map((value) =>
            typeof value === "string" ? value.replace(/^\/.*?:/, "FILE:") : value
          ),
        ]),
    });
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("what is live changes, what is not waits for a restart, and is said each time", () =>
  withLive("rate = 1\nmax-line = 100", [], ({ put, applied, said }) => {
    put("rate = 2\nmax-line = 200\nno-guests = true");
    assertEquals(said(), [
      ["info", "setting changed", "no-guests", "false", "true"],
      ["info", "setting changed", "rate", "1", "2"],
      ["warn", "setting needs a restart", "max-line", "100", "200"],
      ["info", "settings read again", 2, 1],
    ]);
    const [{ rate, "max-line": maxLine, "no-guests": noGuests } = {}] = applied;
    assertEquals([rate, maxLine, noGuests], [2, 100, true]);
    put("max-line = 200\nno-guests = true\naddr = '::1'");
    assertEquals(said(), [
      ["warn", "setting needs a restart", "addr", "not set", "::1"],
      ["info", "setting changed", "rate", "2", "50"],
      ["warn", "setting needs a restart", "max-line", "100", "200"],
      ["info", "settings read again", 1, 2],
    ]);
    assertEquals(applied.length, 2);
    put("max-line = 100\nno-guests = true");
    assertEquals(said(), [["info", "settings read again", 0, 0]]);
    assertEquals(applied.length, 2);
  }));

Deno.test("flags go on winning over the file", () =>
  withLive("", ["--rate", "5"], ({ put, applied, said }) => {
    put("rate = 2");
    assertEquals(said(), [["info", "settings read again", 0, 0]]);
    assertEquals(applied, []);
  }));

Deno.test("a wrong file changes nothing", () =>
  withLive("rate = 1", [], ({ put, applied, said }) => {
    const title = "settings not read, those before stay";
    put("rate = 2\nrates = 3");
    assertEquals(said(), [
      ["error", title, "FILE:2: unknown key 'rates', did you mean 'rate'?"],
    ]);
    put("rate = 2\ntls-key = 'x'");
    assertEquals(said(), [["error", title, "FILE:2: tls-key needs tls-cert, too"]]);
    put("rate = 2\nmetrics = 'nope'");
    assertEquals(said()[0]?.slice(0, 2), ["error", title]);
    put("rate = 2\nworkers = 4");
    assertEquals(said()[0]?.slice(0, 2), ["error", title]);
    put("rate =");
    assertEquals(said(), [["error", title, "FILE:1:7: unspecified values are invalid"]]);
    assertEquals(applied, []);
    put("rate = 1");
    assertEquals(said(), [["info", "settings read again", 0, 0]]);
  }));

Deno.test("a password in a value is not logged", () =>
  withLive('nats = "nats://jim:s3cret@a"', [], ({ put, said }) => {
    put('nats = "nats://jim:s3cret@b"');
    assertEquals(said()[0], [
      ...["warn", "setting needs a restart", "nats", "nats://***@a", "nats://***@b"],
    ]);
    put('nats = ["nats://jim:s3cret@b"]');
    assertEquals(JSON.stringify(said()).includes("s3cret"), false);
  }));
