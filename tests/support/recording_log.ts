import { DEBUG_LEVEL, type Log, type LogFields } from "../../common/log.ts";

/** One record. */
export interface LogRecord {
  level: "debug" | "info" | "warn" | "error";
  message: string;
  fields: LogFields;
}

/** A log that keeps what it is told. */
export class RecordingLog implements Log {
  /** Below it nothing is wanted. */
  readonly level: number;
  /** All records, oldest first. */
  readonly records: LogRecord[] = [];

  /** Makes a log of a level, by default DEBUG. */
  constructor(level: number = DEBUG_LEVEL) {
    this.level = level;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.records.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.records.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.records.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.records.push({ level: "error", message, fields });
  }

  /** The records with that message. */
  of(message: string): LogRecord[] {
    return this.records.filter((record) => record.message === message);
  }
}
