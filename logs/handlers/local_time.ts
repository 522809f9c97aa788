/**
 * Instants taken apart into calendar fields, as C's `gmtime` and `localtime` do.
 *
 * @module
 */

/** The fields of `struct tm` (C17, 7.27.1) that rotation needs. */
export interface CalendarTime {
  /** For example 2026. */
  readonly year: number;
  /** 1–12. */
  readonly month: number;
  /** 1–31. */
  readonly day: number;
  /** 0–23. */
  readonly hour: number;
  /** 0–59. */
  readonly minute: number;
  /** 0–59. */
  readonly second: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** Whether daylight saving time is in effect, `tm_isdst`. */
  readonly isDst: boolean;
}

/** Takes an instant, in Unix seconds, apart; fractions are cut off. */
export type Calendar = (unixSeconds: number) => CalendarTime;

/** The date of a time, as `2026-11-23`. */
export function dateText({ year, month, day }: CalendarTime): string {
  return `${String(year).padStart(4, "0")}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** A number below 100 in two digits. */
export function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** The calendar of UTC. */
export function utcCalendar(unixSeconds: number): CalendarTime {
  const date = new Date(Math.floor(unixSeconds) * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: (date.getUTCDay() + 6) % 7,
    isDst: false,
  };
}

/**
 * Makes the calendar of the process's time zone (`TZ`, or the system's).
 *
 * JavaScript has no `tm_isdst`. What comes nearest is the English name of the zone's time, which
 * says "Daylight" or "Summer" just when the time-zone database sets the flag, whatever the offset
 * did. The exceptions are listed in {@linkcode flagOf}.
 */
export function localCalendar(): Calendar {
  const format = new Intl.DateTimeFormat("en-US", { timeZoneName: "long" });
  const zone = format.resolvedOptions().timeZone;
  return (unixSeconds) => {
    const date = new Date(Math.floor(unixSeconds) * 1000);
    const name = format.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ??
      "";
    return {
      year: date.getFullYear(),
      month: date.getMonth() + 1,
      day: date.getDate(),
      hour: date.getHours(),
      minute: date.getMinutes(),
      second: date.getSeconds(),
      weekday: (date.getDay() + 6) % 7,
      isDst: flagOf(zone, date) ?? (isUnnamed(name) ? isAhead(date) : /Daylight|Summer/.test(name)),
    };
  };
}

/** From here on Morocco's standard time is UTC+1, and UTC during Ramadan its "summer" time. */
const MOROCCO_CHANGED = Date.UTC(2018, 9, 28, 2);

/** `tm_isdst` in zones where it is not what the name says, by the time-zone database's own files. */
function flagOf(zone: string, date: Date): boolean | undefined {
  const offsetMinutes = -date.getTimezoneOffset();
  switch (zone) {
    // Irish Standard Time is that of summer by law; the flag is set in winter.
    case "Europe/Dublin":
    case "Eire":
      return offsetMinutes === 0;
    case "Africa/Casablanca":
    case "Africa/El_Aaiun":
      return date.getTime() >= MOROCCO_CHANGED ? offsetMinutes === 0 : undefined;
    // From 1994 to 2017 the flag was set in winter here, too; since then nothing changes.
    case "Africa/Windhoek":
      return offsetMinutes === 60;
    case "Antarctica/Troll":
      return offsetMinutes === 120;
    default:
      return undefined;
  }
}

/** Whether the zone's time has no name in English (Jersey, Famagusta), only its offset. */
function isUnnamed(name: string): boolean {
  return /^(GMT|UTC)[+-]/.test(name);
}

/**
 * Whether the clocks are ahead of where they are in the Januaries before and after; in just one of them, a country has
 * changed its standard time. Zones without names are all in the north.
 */
function isAhead(date: Date): boolean {
  const year = date.getFullYear();
  const offset = date.getTimezoneOffset();
  return [year, year + 1].every((each) => offset < new Date(each, 0, 1).getTimezoneOffset());
}
