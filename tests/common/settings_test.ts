import { assertEquals } from "@std/assert";

import type { FlagTable } from "../../common/flags.ts";
import { defaultSettings, readSettings, type Settings } from "../../common/settings.ts";

const FLAGS = {
  addr: { kind: "text", value: "ADDRESS", help: "no setting" },
  "max-line": {
    kind: "integer",
    value: "BYTES",
    min: 1,
    max: 9,
    default: 5,
    setting: "maxLine",
    help: "how long",
  },
  level: {
    kind: "choice",
    value: "LEVEL",
    choices: ["LOW", "HIGH"],
    default: "LOW",
    setting: "level",
    help: "how much",
  },
  key: { kind: "text", value: "PATH", setting: "keyPath", help: "may be missing" },
  utc: { kind: "switch", setting: "utc", help: "as it says" },
  "no-guests": { kind: "switch", setting: "guests", help: "the opposite" },
} as const satisfies FlagTable;

Deno.test("settings are the rows that say so, under their own names", () => {
  const flags = {
    addr: "::1",
    "max-line": 7,
    level: "HIGH",
    key: "k",
    utc: true,
    "no-guests": true,
  } as const;
  const settings: {
    maxLine: number;
    level: "LOW" | "HIGH";
    keyPath: string | undefined;
    utc: boolean;
    guests: boolean;
  } = readSettings(FLAGS, flags);
  assertEquals(settings, { maxLine: 7, level: "HIGH", keyPath: "k", utc: true, guests: false });
});

Deno.test("without flags, settings have the rows' defaults, and a switch is off", () => {
  const settings: Settings<typeof FLAGS> = defaultSettings(FLAGS);
  assertEquals(settings, {
    maxLine: 5,
    level: "LOW",
    keyPath: undefined,
    utc: false,
    guests: true,
  });
});

Deno.test("a setting has the type of its row", () => {
  const settings = defaultSettings(FLAGS);
  // @ts-expect-error a number
  settings.maxLine satisfies string;
  // @ts-expect-error one of two words
  settings.level satisfies "LOW";
  // @ts-expect-error no setting
  settings.addr;
});
