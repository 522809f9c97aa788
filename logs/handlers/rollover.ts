/**
 * When a log file rolls over and what the old one is called: pure arithmetic, no files.
 *
 * The rules are those of `TimedRotatingFileHandler` in CPython 3.13's `Lib/logging/handlers.py`;
 * docs/logging.md lists where this project goes further.
 *
 * @module
 */
import {
  type Calendar,
  type CalendarTime,
  dateText,
  localCalendar,
  twoDigits,
  utcCalendar,
} from "./local_time.ts";

export type { Calendar, CalendarTime };

/** A time of day. */
export interface TimeOfDay {
  /** 0–23. */
  hour: number;
  /**
   * 0–59.
   *
   * @default {0}
   */
  minute?: number;
  /**
   * 0–59.
   *
   * @default {0}
   */
  second?: number;
}

/** Options of {@linkcode Rollover}. */
export interface RolloverOptions {
  /**
   * The unit of `interval`, in upper or lower case: `S` seconds, `M` minutes, `H` hours, `D` days,
   * `W` weeks, all from the file's start; `MIDNIGHT`; or `W0` (Monday) to `W6` (Sunday).
   *
   * @default {"H"}
   */
  when?: string;
  /**
   * How many units lie between two rollovers, above 0.
   *
   * @default {1}
   */
  interval?: number;
  /**
   * Count and name in UTC instead of local time.
   *
   * @default {false}
   */
  utc?: boolean;
  /** With `MIDNIGHT` and `W0`–`W6`: the time of day of the rollover instead of midnight. */
  atTime?: TimeOfDay | undefined;
  /** How instants are taken apart; by default as `utc` says. */
  calendar?: Calendar;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** The finest field that a label names. */
type Precision = "day" | "hour" | "minute" | "second";

interface Unit {
  readonly seconds: number;
  readonly precision: Precision;
}

const UNITS: Readonly<Record<string, Unit>> = {
  S: { seconds: 1, precision: "second" },
  M: { seconds: MINUTE, precision: "minute" },
  H: { seconds: HOUR, precision: "hour" },
  D: { seconds: DAY, precision: "day" },
  W: { seconds: WEEK, precision: "day" },
  MIDNIGHT: { seconds: DAY, precision: "day" },
  ...Object.fromEntries(
    Array.from({ length: 7 }, (_, day) => [`W${day}`, { seconds: WEEK, precision: "day" }]),
  ),
};

const LABELS: Readonly<Record<Precision, RegExp>> = {
  day: /^\d{4}-\d{2}-\d{2}$/,
  hour: /^\d{4}-\d{2}-\d{2}_\d{2}$/,
  minute: /^\d{4}-\d{2}-\d{2}_\d{2}-\d{2}$/,
  second: /^\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}$/,
};

/** Whether a text could be a label of some plan: another one may have been followed before. */
export function isLabelOfAnyPlan(text: string): boolean {
  return Object.values(LABELS).some((pattern) => pattern.test(text));
}

/** How many of hour, minute and second follow the date in a label. */
const TIME_FIELDS: Readonly<Record<Precision, number>> = { day: 0, hour: 1, minute: 2, second: 3 };

/** The longest interval; a longer one could leave the range of dates. */
const MAX_INTERVAL_SECONDS = 10_000 * 366 * DAY;

/**
 * The plan by which one file rolls over.
 *
 * @example
 * ```ts
 * import { Rollover } from "./rollover.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const plan = new Rollover({ when: "MIDNIGHT", utc: true });
 * const noon = Date.UTC(2026, 10, 23, 12) / 1000;
 * const next = plan.next(noon);
 * assertEquals(next, Date.UTC(2026, 10, 24) / 1000);
 * assertEquals(plan.label(next, next), "2026-11-23");
 * ```
 */
export class Rollover {
  readonly #unit: Unit;
  /** Monday is 0; undefined unless `when` names a weekday. */
  readonly #weekday: number | undefined;
  /** Whether the rollover has a fixed time of day. */
  readonly #aligned: boolean;
  /** The time of day of an aligned rollover, in seconds from midnight; 24 h for midnight itself. */
  readonly #rotateAt: number;
  readonly #utc: boolean;
  readonly #calendar: Calendar;

  /** Seconds between two rollovers, before daylight saving time is considered. */
  readonly intervalSeconds: number;

  /**
   * Checks the options.
   *
   * @throws {RangeError} If `when` is unknown, `interval` is not above 0, or `atTime` is no time of day.
   */
  constructor(options: RolloverOptions = {}) {
    const { when = "H", interval = 1, utc = false, atTime } = options;
    const name = String(when).toUpperCase();
    const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined;
    if (unit === undefined) {
      throw new RangeError(
        `Cannot rotate log: 'when' must be S, M, H, D, W, W0-W6 or MIDNIGHT, received '${when}'`,
      );
    }
    if (
      typeof interval !== "number" || !(interval > 0) ||
      interval * unit.seconds > MAX_INTERVAL_SECONDS
    ) {
      throw new RangeError(
        `Cannot rotate log: 'interval' must be above 0 and at most 10000 years, received ${interval}`,
      );
    }
    this.#unit = unit;
    this.#weekday = /^W\d$/.test(name) ? Number(name[1]) : undefined;
    this.#aligned = name === "MIDNIGHT" || this.#weekday !== undefined;
    this.#rotateAt = atTime === undefined ? DAY : secondsOfDay(atTime);
    this.#utc = utc;
    this.#calendar = options.calendar ?? (utc ? utcCalendar : localCalendar());
    this.intervalSeconds = interval * unit.seconds;
  }

  /**
   * The instant of the first rollover after another instant (`computeRollover`).
   *
   * @param unixSeconds For a file that is being opened, when its current interval began.
   */
  next(unixSeconds: number): number {
    if (!this.#aligned) return unixSeconds + this.intervalSeconds;

    const start = this.#calendar(unixSeconds);
    let weekday = start.weekday;
    let wait = this.#rotateAt - ((start.hour * 60 + start.minute) * 60 + start.second);
    if (wait <= 0) {
      wait += DAY;
      weekday = (weekday + 1) % 7;
    }
    let result = unixSeconds + wait;
    if (this.#weekday !== undefined) {
      // Midnight is 24:00 here, that is, the end of a day: with no `atTime` a rollover "on Monday"
      // closes Monday, it does not open it.
      result += ((this.#weekday - weekday + 7) % 7) * DAY;
    }
    // The first interval ends with the first fitting time of day, a longer one is for those after it.
    result += this.intervalSeconds - this.#unit.seconds;
    return this.#utc ? result : result + this.#dstShift(start.isDst, result);
  }

  /**
   * The suffix of the file that a rollover closes: when its interval began (`doRollover`).
   *
   * Where the clocks change meanwhile, CPython moves that by an hour. For a rollover at a time of day that is right,
   * since such an interval is an hour longer or shorter. All others have their length on any day: here, they are
   * called after the time at which they began.
   *
   * @param rolloverAt When the rollover was due.
   * @param now When it happens, which may be many intervals later. Both in Unix seconds.
   */
  label(rolloverAt: number, now: number): string {
    const start = rolloverAt - this.intervalSeconds;
    if (this.#utc || !this.#aligned) return this.labelOf(start);
    const { isDst } = this.#calendar(now);
    if (isDst === this.#calendar(start).isDst) return this.labelOf(start);
    return this.labelOf(start + (isDst ? HOUR : -HOUR));
  }

  /** The suffix of a file whose interval begins at an instant, in Unix seconds. */
  labelOf(unixSeconds: number): string {
    return formatLabel(this.#calendar(unixSeconds), this.#unit.precision);
  }

  /** Whether a text could be a label of this plan. */
  isLabel(text: string): boolean {
    return LABELS[this.#unit.precision].test(text);
  }

  /** What keeps the time of day when the clocks change between now and the rollover. */
  #dstShift(isDst: boolean, result: number): number {
    if (this.#calendar(result).isDst === isDst) return 0;
    if (isDst) return HOUR;
    // An hour earlier may be before the change; then that time of day does not exist on that day.
    return this.#calendar(result - HOUR).isDst ? -HOUR : 0;
  }
}

function secondsOfDay({ hour, minute = 0, second = 0 }: TimeOfDay): number {
  for (
    const [name, value, max] of [
      ["hour", hour, 23],
      ["minute", minute, 59],
      ["second", second, 59],
    ] as const
  ) {
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw new RangeError(
        `Cannot rotate log: 'atTime.${name}' must be an integer from 0 to ${max}, received ${value}`,
      );
    }
  }
  return (hour * 60 + minute) * 60 + second;
}

function formatLabel(time: CalendarTime, precision: Precision): string {
  const fields = [time.hour, time.minute, time.second].slice(0, TIME_FIELDS[precision]);
  const date = dateText(time);
  return fields.length === 0 ? date : `${date}_${fields.map(twoDigits).join("-")}`;
}
