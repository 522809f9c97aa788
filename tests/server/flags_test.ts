import { assert, assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../common/errors.ts";
import { type Flag, parseCommand } from "../../common/flags.ts";
import { DEFAULT_SETTINGS, SERVER_COMMAND, settingsOf } from "../../server/flags.ts";

function parse(...args: string[]): ReturnType<typeof parseCommand<typeof SERVER_COMMAND.flags>> {
  return parseCommand(SERVER_COMMAND, args);
}

Deno.test("the server's defaults are those of the protocol", () => {
  const { flags } = parse();
  assertEquals([flags.addr, flags.port, flags.db], [undefined, 7_777, "data/jim.db"]);
  assertEquals([flags["max-db"], flags["room-days"], flags["resume-hours"]], [0, 365, 72]);
  assertEquals(flags["log-dir"], "logs");
  assertEquals(settingsOf(flags), DEFAULT_SETTINGS);
  assertEquals(DEFAULT_SETTINGS, {
    guests: true,
    registration: true,
    inviteOnly: false,
    classic: true,
    loginTimeout: 30,
    probeInterval: 60,
    probeTimeout: 30,
    writeTimeout: 30,
    grace: 30,
    takeover: 3,
    rate: 50,
    maxLine: 32_768,
    maxMessage: 4_096,
    maxQueue: 1_048_576,
    maxConnections: 10_000,
    maxPerIp: 1_000,
    maxAccountsPerIp: 20,
    maxNamesPerIp: 1_000,
    maxPending: 1_000,
    work: 1_024,
    maxMemory: 512,
    maxRooms: 20,
  });
});

Deno.test("every setting has its flag", () => {
  const { flags } = parse(
    ...[
      "--no-guests",
      "--no-register",
      "--invite-only",
      "--no-classic",
      "--login-timeout",
      "1.5",
      "--probe-interval=2",
    ],
    ...["--probe-timeout", "3", "--write-timeout", "0.25", "--rate", "5", "--max-line", "100"],
    ...["--max-message", "7", "--max-queue", "8", "--max-connections", "9", "--max-per-ip", "10"],
    ...["--max-accounts-per-ip", "11", "--max-names-per-ip", "12"],
    ...["--takeover", "0.5", "--grace", "0"],
    ...["--max-pending", "11", "--work", "12", "--max-memory", "13", "--max-rooms", "14"],
  );
  assertEquals(settingsOf(flags), {
    guests: false,
    registration: false,
    inviteOnly: true,
    classic: false,
    loginTimeout: 1.5,
    probeInterval: 2,
    probeTimeout: 3,
    writeTimeout: 0.25,
    grace: 0,
    takeover: 0.5,
    rate: 5,
    maxLine: 100,
    maxMessage: 7,
    maxQueue: 8,
    maxConnections: 9,
    maxPerIp: 10,
    maxAccountsPerIp: 11,
    maxNamesPerIp: 12,
    maxPending: 11,
    work: 12,
    maxMemory: 13,
    maxRooms: 14,
  });
});

Deno.test("no two flags give the same setting", () => {
  const flags = Object.values<Flag>(SERVER_COMMAND.flags);
  const names = flags.flatMap(({ setting }) => setting ?? []);
  assert(names.length > 10);
  assertEquals([...new Set(names)], names);
});

Deno.test("short forms", () => {
  const { flags } = parse("-a", "::1", "-p", "0");
  assertEquals([flags.addr, flags.port], ["::1", 0]);
});

/** Flag, its least and its greatest value, and how far the next value is. */
const RANGES = [
  ["port", 0, 65_535, 1],
  ["grace", 0, 604_800, 0.001],
  ["resume-hours", 1, 8_760, 1],
  ["login-timeout", 0.001, 604_800, 0.001],
  ["probe-interval", 0.001, 604_800, 0.001],
  ["probe-timeout", 0.001, 604_800, 0.001],
  ["write-timeout", 0.001, 604_800, 0.001],
  ["takeover", 0.001, 604_800, 0.001],
  ["rate", 0, 1_000_000, 0.001],
  ["max-line", 64, 16_777_216, 1],
  ["max-message", 1, 1_048_576, 1],
  ["max-queue", 1, 1_073_741_824, 1],
  ["max-connections", 0, 1_000_000, 1],
  ["max-per-ip", 0, 1_000_000, 1],
  ["max-accounts-per-ip", 0, 1_000_000, 1],
  ["max-names-per-ip", 0, 1_000_000, 1],
  ["max-db", 0, 1_048_576, 1],
  ["max-pending", 0, 1_000_000, 1],
  ["work", 0, 1_048_576, 1],
  ["max-memory", 0, 1_048_576, 1],
] as const;

for (const [name, min, max, step] of RANGES) {
  Deno.test(`--${name}: from ${min} to ${max}, and not one step past either`, () => {
    for (const value of [min, max]) assertEquals(parse(`--${name}=${value}`).flags[name], value);
    const whole = Number.isInteger(step);
    for (
      const value of [
        min - step,
        max + step,
        "",
        "ten",
        "1e2",
        "0x10",
        "1,5",
        "NaN",
        "Infinity",
        ...(whole ? [min + 0.5] : []),
      ]
    ) {
      const { message } = assertThrows(() => parse(`--${name}=${value}`), UsageError);
      const allowed = `${whole ? "a whole number" : "a number"} from ${min} to ${max}`;
      assert(message.includes(`--${name}`) && message.includes(allowed), message);
      assert(!message.includes("\n"), message);
    }
    assertThrows(() => parse(`--${name}`), UsageError);
  });
}
