/**
 * The language of chat scripts: one step a line, see `docs/launcher.md`.
 *
 * @module
 */

import { messageOf, UsageError } from "../../common/errors.ts";
import { ACCOUNT_NAME_RULE, foldName, hasNameShape } from "../../common/names.ts";
import { printable } from "../../common/printable.ts";

/** How long a `wait` lasts if it does not say. */
export const WAIT_SECONDS = 10;
/** More than an hour is a mistake. */
const MAX_SECONDS = 3_600;

/** One step of a script: the client types a line; it, or `server`, prints a line like that; a pause. */
export type ScriptStep =
  | { kind: "type"; name: string; line: string }
  | { kind: "wait"; name: string; pattern: RegExp; seconds: number }
  | { kind: "pause"; seconds: number };

/** A step and where it stands. */
export interface ScriptLine {
  /** Counted from 1. */
  readonly number: number;
  /** As it is written, without blanks at its ends, safe to print. */
  readonly text: string;
  /** What it means. */
  readonly step: ScriptStep;
}

/** Reads a script. Throws a `UsageError` at the first line that is no step; `source` is the script's name there. */
export function readScript(source: string, text: string): ScriptLine[] {
  const lines: ScriptLine[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    try {
      lines.push({ number: index + 1, text: printable(line), step: readStep(line) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`${source}:${index + 1}: ${error.message}`);
    }
  }
  return lines;
}

/**
 * The clients that play a script.
 *
 * @param given Their names; `undefined`: those of whom the script speaks, in the order in which it does.
 * @throws {UsageError} At the first line that speaks of a client who is not given, or if the script speaks of none
 * and none are given.
 */
export function castOf(
  source: string,
  lines: readonly ScriptLine[],
  given: readonly string[] | undefined,
): readonly string[] {
  const known = new Map((given ?? []).map((name) => [foldName(name), name]));
  for (const { number, step } of lines) {
    if (step.kind === "pause" || (step.kind === "wait" && step.name === "server")) continue;
    const key = foldName(step.name);
    if (known.has(key)) continue;
    if (given !== undefined) {
      throw new UsageError(
        `${source}:${number}: there is no client '${step.name}', only ${given.join(", ")}`,
      );
    }
    known.set(key, step.name);
  }
  if (known.size === 0) throw new UsageError(`${source} types nothing: there is nothing to play`);
  return [...known.values()];
}

function readStep(line: string): ScriptStep {
  const typed = /^([^\s>]+)>(?:\s(.*))?$/su.exec(line);
  if (typed !== null) {
    return { kind: "type", name: checkedName(typed[1]!), line: (typed[2] ?? "").trim() };
  }
  const waited = /^wait\s+(\S+)\s+\/(.+)\/([a-z]*)(?:\s+(\S+))?$/su.exec(line);
  if (waited !== null) {
    const [, name, source, flags, seconds] = waited;
    return {
      kind: "wait",
      name: checkedName(name!),
      pattern: checkedPattern(source!, flags!),
      seconds: seconds === undefined ? WAIT_SECONDS : checkedSeconds(seconds),
    };
  }
  const paused = /^pause\s+(\S+)$/.exec(line);
  if (paused !== null) return { kind: "pause", seconds: checkedSeconds(paused[1]!) };
  throw new UsageError(
    "a line is 'NAME> what is typed', 'wait NAME /pattern/', 'pause SECONDS' or '# comment', " +
      `received '${shown(line)}'`,
  );
}

function checkedName(name: string): string {
  if (hasNameShape(name)) return name.normalize("NFC");
  throw new UsageError(`a name is ${ACCOUNT_NAME_RULE}, received '${shown(name)}'`);
}

function checkedPattern(source: string, flags: string): RegExp {
  // Of the flags only these change what one line matches; `g` and `y` would make the pattern remember.
  if (!/^[imsuv]*$/.test(flags)) {
    throw new UsageError(`a pattern's flags are of i, m, s, u, v, received '${shown(flags)}'`);
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new UsageError(printable(messageOf(error)));
  }
}

function checkedSeconds(text: string): number {
  const seconds = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
  if (seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(`seconds are a number from 0 to ${MAX_SECONDS}, received '${shown(text)}'`);
}

function shown(text: string): string {
  const chars = [...text];
  return printable(chars.length > 60 ? `${chars.slice(0, 60).join("")}…` : text);
}
