/**
 * What launcher and guards say to each other: one JSON object a line.
 *
 * @module
 */

import type { Command, Place } from "../commands.ts";
import type { SeatEnd } from "./lifeline.ts";

/** Guards connect here, strangers on other machines cannot. */
export const LOOPBACK = "127.0.0.1";

/** What a guard runs. */
export interface Job {
  /** The process to guard. */
  command: Command;
  /** A server gets a pipe as its input and is ended by closing it; a client gets the terminal. */
  role: "server" | "client";
  /** Run when the process has ended. */
  atEnd?: Command;
}

/** The first message of a guard. */
export interface Hello {
  /** The token. */
  hello: string;
  /** Its number. */
  seat: number;
}

type Fields = Record<string, unknown>;

/** A line → a message; `undefined` if it is none. */
export function readMessage(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a guard presents itself. */
export function isHello(message: unknown): message is Hello {
  return isFields(message) && typeof message.hello === "string" &&
    Number.isSafeInteger(message.seat);
}

/** Whether a guard says that its server listens. */
export function isListening(message: unknown): message is { listening: Place } {
  return isFields(message) && isFields(message.listening) &&
    typeof message.listening.address === "string" && typeof message.listening.port === "number";
}

/** Whether a guard says that its process has ended. */
export function isEnd(message: unknown): message is { ended: SeatEnd } {
  return isFields(message) && isFields(message.ended) &&
    typeof message.ended.status === "number" && isTexts(message.ended.words);
}

/** Whether the launcher says what to run. */
export function isJob(message: unknown): message is { job: Job } {
  if (!isFields(message) || !isFields(message.job)) return false;
  const { command, role, atEnd } = message.job;
  return isCommand(command) && (role === "server" || role === "client") &&
    (atEnd === undefined || isCommand(atEnd));
}

/** Whether the launcher wants the process ended. */
export function isEndRequest(message: unknown): message is { end: true } {
  return isFields(message) && message.end === true;
}

/** Whether the launcher lets the process live for itself. */
export function isRelease(message: unknown): message is { release: true } {
  return isFields(message) && message.release === true;
}

function isCommand(value: unknown): value is Command {
  return isFields(value) && typeof value.program === "string" && isTexts(value.args);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
