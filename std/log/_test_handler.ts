import { BaseHandler } from "./base_handler.ts";
import type { LogRecord } from "./logger.ts";

/** Keeps what it is given, for tests. */
export class TestHandler extends BaseHandler {
  /** The texts, oldest first. */
  messages: string[] = [];
  /** The records, those below the handler's level included. */
  records: LogRecord[] = [];

  /** Keeps one record. */
  override handle(logRecord: LogRecord): void {
    this.records.push(logRecord);
    super.handle(logRecord);
  }

  /** Keeps one text. */
  override log(msg: string): void {
    this.messages.push(msg);
  }
}
