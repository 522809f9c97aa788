/**
 * Commands about settings: what holds, where it is from, and another value for it.
 *
 * @module
 */

import { closest } from "../../../common/closest.ts";
import { configFlag } from "../../../common/config/config_keys.ts";
import { UsageError } from "../../../common/errors.ts";
import type { Flag } from "../../../common/flags.ts";
import { hasNameShape, hasRoomShape } from "../../../common/names.ts";
import { alignTable } from "../../../common/table.ts";
import { type Kept, type Origin, Profile } from "../../profile/profile.ts";
import { PROFILE, PROFILE_KEYS, PROFILE_TABLES } from "../../profile/profile_keys.ts";
import type { Chat } from "../chat.ts";
import { splitWord } from "../input.ts";
import { ruleOf } from "../notifier.ts";
import { line } from "../styled_line.ts";
import { type ChatCommand, wordOf } from "./command.ts";
import { isNext, OFF } from "./moderation.ts";
import { ON } from "./room_settings.ts";

/** What takes a value back. */
const RESET = "-";
const ALIASES = "aliases.";
const RULES = "notify.rules.";
const ORIGINS = {
  default: "settingOriginDefault",
  command: "settingOriginCommand",
  run: "settingOriginRun",
} as const;

/** In the order of the help. */
export const SETTINGS_COMMANDS: readonly ChatCommand[] = [
  {
    name: "settings",
    russian: "настройки",
    aliases: ["set"],
    usage: "[KEY [VALUE]]",
    help: "helpSettings",
    more: "helpSettingsMore",
    isRare: true,
    complete(chat, rest) {
      if (isNext(rest, 1)) {
        return [...chat.profile.keys, ...Object.keys(PROFILE_TABLES).map((name) => `${name}.`)];
      }
      return isNext(rest, 2) ? valuesOf(configFlag(PROFILE, splitWord(rest).word)) : [];
    },
    async run(chat, rest) {
      const { word: typed, rest: value } = splitWord(rest);
      const key = typed.toLowerCase();
      const begun = chat.profile.keys.filter((known) => known.startsWith(`${key}.`));
      if (key === "") showAll(chat, chat.profile.keys);
      else if (value === "" && begun.length > 0) showAll(chat, begun);
      else if (configFlag(PROFILE, typed) === undefined && configFlag(PROFILE, key) === undefined) {
        sayUnknown(chat, typed, wordOf(this, chat.speaker));
      } else if (value === "") showOne(chat, known(typed));
      else await change(chat, known(typed), value.trim());
    },
  },
  {
    name: "quiet",
    russian: "тихо",
    aliases: [],
    usage: "[WHO] [OFF]",
    help: "helpQuiet",
    more: "helpQuietMore",
    isRare: true,
    complete(chat, rest) {
      if (splitWord(rest).word === "") return undefined;
      return chat.speaker.language === "ru" ? ["вкл", "выкл"] : ["on", "off"];
    },
    async run(chat, rest) {
      const { word: name, rest: behind } = splitWord(rest);
      const state = behind.trim().toLowerCase();
      const rules = chat.profile.table("notify.rules");
      if (name === "") {
        const names = [...rules].filter(([, rule]) => rule === "none").map(([name]) => name);
        if (names.length === 0) chat.tell("quietNone");
        else chat.tell("quietList", { names: names.join(", ") });
        return;
      }
      const isClear = state === "" || ON.has(state) || OFF.has(state);
      if ((!hasNameShape(name) && !hasRoomShape(name)) || !isClear) {
        chat.fail("quietNobody", { command: wordOf(this, chat.speaker), word: rest.trim() });
        return;
      }
      const before = ruleOf(rules, name);
      const isQuiet = state === "" ? before?.rule !== "none" : ON.has(state);
      const key = RULES + (before?.name ?? name);
      const kept = await chat.profile.set(key, isQuiet ? "none" : undefined);
      const words = chat.say(isQuiet ? "quietOn" : "quietOff", { name });
      chat.ui.show(line("info", `${words} ${keptWords(chat, kept)}`, "notice"));
    },
  },
];

/** The key as the tables have it: case does not matter but in the person's own words. */
function known(typed: string): string {
  return Object.hasOwn(PROFILE_KEYS, typed.toLowerCase()) ? typed.toLowerCase() : typed;
}

function showAll(chat: Chat, keys: readonly string[]): void {
  const { profile } = chat;
  const rows = keys.map((key) => [
    `  ${key}`,
    valueWords(chat, profile.find(key)),
    originWords(chat, profile.originOf(key)),
  ]);
  for (const row of alignTable(rows, [], 60)) chat.ui.show(line("info", row));
}

function showOne(chat: Chat, key: string): void {
  const { profile } = chat;
  const flag = configFlag(PROFILE, key)!;
  const value = valueWords(chat, profile.find(key));
  chat.tell("settingIs", { key, value, origin: originWords(chat, profile.originOf(key)) });
  chat.ui.show(
    line("info", chat.say("settingTakes", { key, allowed: allowedWords(chat, flag) }), "faint"),
  );
}

async function change(chat: Chat, key: string, text: string): Promise<void> {
  const { profile } = chat;
  const flag = configFlag(PROFILE, key)!;
  const alias = key.startsWith(ALIASES) ? key.slice(ALIASES.length) : undefined;
  if (alias !== undefined && text !== RESET && !isAliasWord(chat, alias)) return;
  let value: ReturnType<typeof Profile.read> | undefined;
  try {
    value = text === RESET ? undefined : Profile.read(key, wordIn(flag, text));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    chat.fail("settingWrongValue", { key, allowed: allowedWords(chat, flag), value: text });
    return;
  }
  const kept = await profile.set(key, value);
  if (!flag.live && kept.kind !== "kept") {
    chat.fail("settingNeedsFile", { key });
    return;
  }
  const words = value === undefined
    ? chat.say("settingReset", { key, value: valueWords(chat, profile.find(key)) })
    : `${key} = ${valueWords(chat, value)}.`;
  const later = flag.live ? "" : ` ${chat.say("settingNextStart")}`;
  chat.ui.show(line("info", `${words} ${keptWords(chat, kept)}${later}`, "notice"));
  chat.ui.refresh();
}

function isAliasWord(chat: Chat, word: string): boolean {
  if (chat.isCommandWord(word)) chat.fail("aliasHidden", { word });
  else if (/^\/|\s/.test(word)) chat.fail("aliasWord", { word });
  else return true;
  return false;
}

function sayUnknown(chat: Chat, key: string, word: string): void {
  const folded = key.toLowerCase();
  const refused = PROFILE.refused ?? {};
  const hint = closest(folded, chat.profile.keys) ??
    chat.profile.keys.find((known) => known.endsWith(`.${folded}`));
  if (folded.startsWith("pass") || folded === "пароль") chat.fail("settingNoPassword");
  else if (Object.hasOwn(PROFILE_KEYS, folded) && !Object.hasOwn(refused, folded)) {
    chat.fail("settingOnlyFlag", { key });
  } else if (hint === undefined) chat.fail("settingUnknown", { key, command: chat.slash + word });
  else chat.fail("settingUnknownHint", { key, hint });
}

/** The words for true and false that commands take elsewhere. */
function wordIn(flag: Flag, text: string): string {
  const folded = text.toLowerCase();
  if (flag.kind !== "switch") return text;
  return ON.has(folded) ? "true" : OFF.has(folded) ? "false" : folded;
}

/** What Tab has to offer for a value. */
function valuesOf(flag: Flag | undefined): readonly string[] {
  if (flag?.kind === "choice") return flag.choices;
  return flag?.kind === "switch" ? ["true", "false"] : [];
}

function allowedWords(chat: Chat, flag: Flag): string {
  switch (flag.kind) {
    case "switch":
      return chat.say("allowedSwitch");
    case "choice":
      return chat.say("allowedChoice", { choices: flag.choices.join(", ") });
    case "text":
      return chat.say("allowedText", { value: flag.value });
    default:
      return chat.say("allowedNumber", { min: flag.min, max: flag.max });
  }
}

function valueWords(chat: Chat, value: string | number | boolean | undefined): string {
  return value === undefined ? chat.say("settingUnset") : String(value);
}

function originWords(chat: Chat, origin: Origin): string {
  if (origin.kind === "file") return `${origin.path}:${origin.line}`;
  return chat.say(ORIGINS[origin.kind]);
}

/** What became of a change in the file. */
function keptWords(chat: Chat, kept: Kept): string {
  if (kept.kind === "kept") return chat.say("keptIn", { path: kept.path });
  if (kept.kind === "failed") {
    return chat.say("keptFailed", { path: kept.path, reason: kept.reason });
  }
  return kept.path === undefined
    ? chat.say("keptNowhere")
    : chat.say("keptNot", { path: kept.path });
}
