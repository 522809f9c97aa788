/**
 * How records look: a line of text for people, a line of JSON for programs.
 *
 * @module
 */
import type { FormatterFunction } from "@std/log/base-handler";
import type { LogRecord } from "@std/log/logger";
import { escapeText, formatValue, toJson } from "./escape.ts";
import { dateText, localCalendar, twoDigits, utcCalendar } from "./local_time.ts";

export type { FormatterFunction, LogRecord };

/** Options of {@linkcode textFormatter}. */
export interface TextFormatterOptions {
  /**
   * Write times in UTC instead of local time.
   *
   * @default {false}
   */
  utc?: boolean;
  /**
   * Leave out the date.
   *
   * @default {false}
   */
  timeOnly?: boolean;
}

/**
 * Makes a formatter for lines such as
 * `2026-11-23 01:02:03,456 INFO server.session  connected peer=127.0.0.1:5000 name=eve`.
 *
 * The date and time are those of Python's `logging`. What was passed after the message follows as
 * `key=value` if it is a plain object, else as a value. All of it is escaped: a record is one line, whatever
 * a peer sent.
 */
export function textFormatter(options: TextFormatterOptions = {}): FormatterFunction {
  const formatTime = timeFormatter(options.utc ?? false, options.timeOnly ?? false);
  return (record) => {
    const time = formatTime(record.datetime.getTime());
    let line = `${time} ${record.levelName} ${record.loggerName}  ${escapeText(record.msg)}`;
    for (const arg of record.args) {
      if (!isFields(arg)) {
        line += ` ${formatValue(arg)}`;
        continue;
      }
      for (const [key, value] of Object.entries(arg)) {
        if (value !== undefined) line += ` ${escapeText(key)}=${formatValue(value)}`;
      }
    }
    return line;
  };
}

/**
 * Makes a formatter for lines such as
 * `{"time":"2026-11-23T01:02:03.456Z","level":"INFO","logger":"server.session","message":"connected","name":"eve"}`.
 *
 * Fields passed after the message stand beside the record's own; one with the name of one of those gets a `_` at its
 * end. What is no plain object is listed in `args`.
 */
export function jsonFormatter(): FormatterFunction {
  return (record) => {
    const line: Record<string, unknown> = {
      time: record.datetime.toISOString(),
      level: record.levelName,
      logger: record.loggerName,
      message: record.msg,
    };
    const others: unknown[] = [];
    for (const arg of record.args) {
      if (!isFields(arg)) others.push(arg);
      else for (const [key, value] of Object.entries(arg)) line[freeKey(line, key)] = value;
    }
    if (others.length > 0) line[freeKey(line, "args")] = others;
    return toJson(line);
  };
}

function freeKey(line: Record<string, unknown>, key: string): string {
  while (Object.hasOwn(line, key)) key += "_";
  return key;
}

/** Whether a value is a plain object, so that its entries are fields of the record. */
function isFields(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `2026-11-23 01:02:03,456`; most records of a busy program share their second. */
function timeFormatter(utc: boolean, timeOnly: boolean): (milliseconds: number) => string {
  const calendar = utc ? utcCalendar : localCalendar();
  let second = NaN;
  let text = "";
  return (milliseconds) => {
    const now = Math.floor(milliseconds / 1000);
    if (now !== second) {
      second = now;
      const time = calendar(now);
      const clock = [time.hour, time.minute, time.second].map(twoDigits).join(":");
      text = timeOnly ? clock : `${dateText(time)} ${clock}`;
    }
    return `${text},${String(milliseconds - now * 1000).padStart(3, "0")}`;
  };
}
