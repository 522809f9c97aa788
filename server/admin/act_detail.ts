import { durationInWords } from "../../common/duration.ts";
import type { Act } from "../store/room_store.ts";

type Value = string | number | boolean;

/** Particulars in words, in the order in which they are said. */
const WORDS: readonly (readonly [name: string, word: (value: Value) => string])[] = [
  ["role", String],
  ["topic", (topic) => topic === "" ? "no topic" : `topic: ${topic}`],
  ["private", (on) => on ? "private" : "not private"],
  ["moderated", (on) => on ? "moderated" : "not moderated"],
  [
    "slow",
    (slow) => slow === 0 ? "no slow mode" : `one message in ${durationInWords(Number(slow))}`,
  ],
  ["on", (on) => on ? "" : "taken back"],
  ["id", (id) => `ID ${id}`],
  ["uses", (uses) => uses === 1 ? "1 account" : `${uses} accounts`],
  ["days", (days) => `within ${days} d`],
  ["note", String],
  ["reason", String],
];

/** What is known of an act besides who, what and to whom, in words: `for 2 h; spam`. May be empty. */
export function actDetail({ action, detail = {} }: Pick<Act, "action" | "detail">): string {
  const words = WORDS.map(([name, word]) => name in detail ? word(detail[name]!) : "");
  if (action === "ban" || action === "mute") words.unshift(period(detail.seconds));
  return words.filter((word) => word !== "").join("; ");
}

function period(seconds: Value | undefined): string {
  if (seconds === undefined) return "for good";
  return seconds === 0 ? "lifted" : `for ${durationInWords(Number(seconds))}`;
}
