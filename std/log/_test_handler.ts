import { BaseHandler } from "./base_handler.ts";

/** Keeps what it is given, for tests. */
export class TestHandler extends BaseHandler {
  /** The texts, oldest first. */
  messages: string[] = [];

  /** Keeps one text. */
  override log(msg: string): void {
    this.messages.push(msg);
  }
}
