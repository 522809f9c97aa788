/**
 * What a typed line means: every rule about it stands here. Pure.
 *
 * @module
 */

import { closest } from "../../common/closest.ts";

/** What a line asks for. */
export type Input =
  /** Nothing: it is blank. */
  | { readonly kind: "nothing" }
  /** A message to the conversation that is open. */
  | { readonly kind: "message"; readonly to: string; readonly text: string }
  /** A command; outside a conversation also one that does not exist. */
  | ({ readonly kind: "command" } & Words)
  /** A message that looks like a command: sent only if the person says so. */
  | { readonly kind: "doubtful"; readonly to: string; readonly text: string };

/** The first word of a text, and the rest. */
export interface Words {
  /** The first word; empty if there is none. */
  readonly word: string;
  /** What follows it and the space behind it. */
  readonly rest: string;
}

/** What a line is read against. */
export interface InputContext {
  /** With whom a conversation is open, if one is. */
  readonly to: string | undefined;
  /** Whether a word names a command. */
  readonly isCommand: (word: string) => boolean;
}

/**
 * Reads a line.
 *
 * Without a conversation it is a command, with or without `/`. In a conversation it is a message, but for `/` and a
 * command; `//` begins a message with one `/`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const isCommand = (word: string) => word === "who";
 * assertEquals(readInput("who #dev", { to: undefined, isCommand }), { kind: "command", word: "who", rest: "#dev" });
 * assertEquals(readInput("//who", { to: "bob", isCommand }), { kind: "message", to: "bob", text: "/who" });
 * ```
 */
export function readInput(line: string, { to, isCommand }: InputContext): Input {
  if (line.trim() === "") return { kind: "nothing" };
  const command = { kind: "command", ...splitWord(withoutSlash(line.trimStart())) } as const;
  if (to === undefined) return command;
  if (isEscaped(line)) return { kind: "message", to, text: line.slice(1) };
  if (!looksLikeCommand(line)) return { kind: "message", to, text: line };
  if (line.startsWith("/") && isCommand(command.word)) return command;
  return { kind: "doubtful", to, text: line };
}

/** Whether a line entered in a conversation is erased, because it comes back as a message with its answer. */
export function isShownAsMessage(line: string): boolean {
  return isEscaped(line) || !looksLikeCommand(line);
}

/** Whether a line begins with `//`, which stands for one `/` of a message. */
function isEscaped(line: string): boolean {
  return line.startsWith("//");
}

function looksLikeCommand(line: string): boolean {
  return /^\s*\//.test(line);
}

/**
 * Whether the last word of an unfinished line stands where a command does.
 *
 * @param before What stands before the word.
 * @param inConversation Whether a line without `/` is a message.
 */
export function isCommandPlace(before: string, word: string, inConversation: boolean): boolean {
  return inConversation ? before === "" && word.startsWith("/") : isFirstWord(before);
}

/** Whether a word is the first of its line, given what stands before it. */
export function isFirstWord(before: string): boolean {
  return before.trim() === "";
}

/** Whether the next line belongs to this one: an odd number of backslashes ends it, and the last of them goes. */
export function continuesLine(line: string): boolean {
  return /(?<!\\)(\\\\)*\\$/.test(line);
}

/** The word of a command without the one `/` that may stand before it. */
export function withoutSlash(text: string): string {
  return text.replace(/^\//, "");
}

/** Takes the first word off a text. */
export function splitWord(text: string): Words {
  const [, word = "", rest = ""] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? [];
  return { word, rest };
}

/** Words behind which a password may stand, however the client spells its own commands: those of other chats, too. */
const BEFORE_PASSWORDS = [
  "login",
  "logon",
  "signin",
  "signup",
  "register",
  "identify",
  "password",
  "passwd",
  "authenticate",
  "authorize",
  "войти",
  "вход",
  "логин",
  "регистрация",
  "пароль",
] as const;
/** The same, but so short that too many other words are like them. */
const BEFORE_PASSWORDS_EXACTLY: ReadonlySet<string> = new Set(["auth", "pass", "oper"]);
/** `/nick NAME PASSWORD`; a name alone is no secret. */
const NICK = /^\s*\S+\s+\S/;
/** `message nickserv identify PASSWORD`: programs that take commands by messages. */
const TO_SERVICE = /^\s*(\S*serv)\s+(.*)$/is;

/**
 * Whether a line may be kept in the input history. A command about passwords, mistyped or not, with something behind it
 * may not: the client never takes a password that way, but people type them there.
 *
 * @param typed As it was typed; of several lines each is looked at, since each may be read as a command elsewhere.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mayRemember("message bob hi"), true);
 * assertEquals(mayRemember(" /lgoin eve secret"), false);
 * ```
 */
export function mayRemember(typed: string): boolean {
  return isHarmless(typed) && typed.split("\n").every(isHarmless);
}

function isHarmless(line: string): boolean {
  const { word, rest } = splitWord(line.trimStart().replace(/^\/+\s*/, ""));
  if (rest === "") return true;
  const [, , text] = TO_SERVICE.exec(rest) ?? [];
  if (text !== undefined && !isHarmless(text)) return false;
  const folded = word.toLowerCase();
  if (folded === "nick" || folded === "ник") return !NICK.test(rest);
  return !BEFORE_PASSWORDS_EXACTLY.has(folded) && closest(folded, BEFORE_PASSWORDS) === undefined;
}
