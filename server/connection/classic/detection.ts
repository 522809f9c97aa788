/**
 * Lines, or bare objects: what a connection's first bytes tell.
 *
 * @module
 */

import type { Clock } from "../../../common/clock.ts";
import { within } from "../farewell.ts";
import type { Intake } from "./intake.ts";
import { ObjectScanner, OPENING } from "./object_scanner.ts";

/** How requests come: each on a line of its own, or as JSON objects with nothing between them. */
export type Framing = "lines" | "objects";

/** What {@linkcode detectFraming} goes by. */
export interface DetectionTerms {
  /** Where time comes from. */
  readonly clock: Clock;
  /** Bytes of a request; what has not shown itself by then is a line that is too long. */
  readonly maxLine: number;
}

/** Nobody who writes lines leaves an object without its newline for so long, unless by hand. */
const QUIET_SECONDS = 0.2;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Reads until it is known how a connection's requests come. Takes nothing but white space before the first one.
 *
 * Objects it is if the first one says `action` and not `event`, and is followed by another one, or by nothing for a
 * fifth of a second. All else is lines, as soon as that shows: so whoever writes lines waits for nothing, and gets the
 * answers to wrong ones that they always got.
 *
 * @returns Rejects if reading fails.
 */
export async function detectFraming(
  intake: Intake,
  { clock, maxLine }: DetectionTerms,
): Promise<Framing> {
  const scanner = new ObjectScanner();
  for (let scanned = 0, end = -1; end === -1;) {
    if (scanned === 0) intake.take(skipWhite(intake.bytes, 0));
    const { bytes } = intake;
    if (bytes.length > 0) {
      if (bytes[0] !== OPENING) return "lines";
      end = scanner.scan(bytes, scanned);
      const upTo = end === -1 ? bytes.length : end;
      if (upTo > maxLine) return "lines";
      // A line's end in the middle of it: the rest of an indented object has come with it, that of a broken line has not.
      if (end === -1 && bytes.subarray(scanned).includes(LF)) return "lines";
      scanned = upTo;
    }
    if (end !== -1) return await judge(intake, scanned, { clock, maxLine });
    if (!await intake.more()) return "lines";
  }
  return "lines";
}

/** Judges by what comes behind the first object. */
async function judge(
  intake: Intake,
  end: number,
  { clock, maxLine }: DetectionTerms,
): Promise<Framing> {
  const deadline = clock.monotonicMs() + QUIET_SECONDS * 1_000;
  let isClassic: boolean | undefined;
  for (;;) {
    const { bytes } = intake;
    const next = bytes[skipBlanks(bytes, end)];
    if (next !== undefined && next !== OPENING) return "lines";
    isClassic ??= saysAction(bytes.subarray(0, end));
    if (!isClassic) return "lines";
    if (next === OPENING) return "objects";
    if (bytes.length > maxLine) return "lines";
    const seconds = (deadline - clock.monotonicMs()) / 1_000;
    if (seconds <= 0 || !await within(clock, seconds, intake.ahead())) return "objects";
    if (!await intake.more()) return "lines";
  }
}

/** Whether an object is a request of the classic dialect. */
function saysAction(object: Uint8Array): boolean {
  try {
    const fields = JSON.parse(new TextDecoder().decode(object));
    return Object.hasOwn(fields, "action") && !Object.hasOwn(fields, "event");
  } catch {
    return false;
  }
}

/** The index of the first byte, from there on, that is no white space. */
export function skipWhite(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === LF || isBlank(bytes[at])) at++;
  return at;
}

/** The same, but a line's end is none. */
function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(bytes[at])) at++;
  return at;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB || byte === CR;
}

/**
 * Whether a line ends there.
 *
 * @returns How many bytes its end has, 0 if it does not end; `undefined` if what comes next decides.
 */
export function lineEndAt(bytes: Uint8Array, at: number): number | undefined {
  const byte = bytes[at];
  if (byte === LF) return 1;
  if (byte !== undefined && byte !== CR) return 0;
  if (byte === undefined || at + 1 === bytes.length) return undefined;
  return bytes[at + 1] === LF ? 2 : 0;
}
