/**
 * What becomes of the connection, as it is told to the person and to the log.
 *
 * @module
 */

import type { Log } from "../../common/log.ts";
import type { ClientEvent } from "../library/events.ts";
import type { TextKey } from "../texts/texts.ts";
import type { Chat } from "./chat.ts";
import { Comeback } from "./comeback.ts";
import { describeFailure } from "./failures.ts";

/** What is told here. */
export type LinkEvent = Extract<
  ClientEvent,
  { type: "online" | "offline" | "room-lost" | "malformed" | "gap" }
>;

/** Tells how the connection is. */
export class LinkNews {
  readonly #chat: Pick<Chat, "client" | "ui" | "speaker" | "tell" | "fail">;
  readonly #log: Log;
  readonly #comeback = new Comeback();

  /** Has told nothing yet. */
  constructor(chat: Pick<Chat, "client" | "ui" | "speaker" | "tell" | "fail">, log: Log) {
    this.#chat = chat;
    this.#log = log;
  }

  /** What the prompt begins with while there is no connection. */
  get prompt(): TextKey {
    return this.#comeback.prompt;
  }

  /** Tells it. */
  tell(event: LinkEvent): void {
    const chat = this.#chat;
    switch (event.type) {
      case "online":
        this.#comeback.succeeded();
        this.#log.info("online", { name: event.name, again: event.again });
        if (event.again) chat.tell("backOnline");
        break;
      case "offline":
        this.#log.warn("connection lost", {
          reason: event.error.message,
          attempt: event.attempt,
          retryMs: event.retryMs,
        });
        this.#failToComeBack(event.error);
        break;
      case "room-lost":
        chat.fail("roomLost", { room: event.room, reason: this.#reason(event.error) });
        break;
      case "malformed":
        this.#log.warn("malformed frame", { reason: event.reason });
        chat.fail("malformed", { reason: event.reason });
        break;
      case "gap":
        this.#log.warn("messages were missed", { reason: event.reason });
        chat.tell(event.reason === "renumbered" ? "gapRenumbered" : "gap", { name: event.with });
        break;
    }
  }

  #failToComeBack(error: Error): void {
    const key = this.#comeback.failed(error);
    if (key === undefined) return;
    const chat = this.#chat;
    chat.fail(key, { name: chat.client.name ?? "", reason: this.#reason(error) });
    if (key === "notLetIn" && chat.ui.isInteractive) chat.tell("notLetInHint");
  }

  #reason(error: unknown): string {
    return describeFailure(error, this.#chat.speaker);
  }
}
