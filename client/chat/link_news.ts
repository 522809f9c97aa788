/**
 * What becomes of the connection, as it is told to the person and to the log.
 *
 * @module
 */

import type { Clock } from "../../common/clock.ts";
import type { Log } from "../../common/log.ts";
import { ConnectionLostError } from "../library/errors.ts";
import type { ClientEvent } from "../library/events.ts";
import type { Chat } from "./chat.ts";
import { Comeback, type Interruption } from "./comeback.ts";
import { describeFailure, REPLACED, SHUTDOWN } from "./failures.ts";
import { line } from "./styled_line.ts";

/** What is told here. */
export type LinkEvent = Extract<
  ClientEvent,
  { type: "online" | "offline" | "room-lost" | "malformed" | "gap" }
>;

/** Tells how the connection is. */
export class LinkNews {
  readonly #chat: Pick<Chat, "client" | "ui" | "speaker" | "slash" | "tell" | "fail">;
  readonly #log: Log;
  readonly #comeback: Comeback;

  /** Has told nothing yet. */
  constructor(
    chat: Pick<Chat, "client" | "ui" | "speaker" | "slash" | "tell" | "fail">,
    { log, clock }: { log: Log; clock: Clock },
  ) {
    this.#chat = chat;
    this.#log = log;
    this.#comeback = new Comeback({
      hasPrompt: chat.ui.repaintsPrompt ?? false,
      clock,
      tell: (key, error) => {
        if (key === "notYetBack") {
          chat.ui.show(line("info", chat.speaker.say(key), "faint"));
          return;
        }
        // Why it closes the connection, the server has said itself: that stands above.
        const isSaid = error instanceof ConnectionLostError && error.notice !== undefined &&
          !this.tells(error.announced);
        const reason = isSaid ? chat.speaker.say("closedByServer") : this.#reason(error);
        chat.fail(key, { name: chat.client.name ?? "", reason });
        if (key === "notLetIn" && chat.ui.isInteractive) chat.tell("notLetInHint");
      },
    });
  }

  /** What the prompt begins with while there is no connection. */
  get prompt(): Comeback["prompt"] {
    return this.#comeback.prompt;
  }

  /**
   * Tells it.
   *
   * @returns How long the connection was lost, if it is back and a person is to be told of that.
   */
  tell(event: LinkEvent): Interruption | undefined {
    const chat = this.#chat;
    switch (event.type) {
      case "online": {
        this.#log.info("online", { name: event.name, again: event.again });
        const interruption = this.#comeback.succeeded(event.resumed === false);
        if (chat.ui.isInteractive) return interruption;
        if (interruption !== undefined) chat.tell("backOnline");
        break;
      }
      case "offline":
        this.#log.warn("connection lost", {
          reason: event.error.message,
          attempt: event.attempt,
          retryMs: event.retryMs,
        });
        this.#comeback.failed(event.error);
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
        chat.tell(event.reason === "renumbered" ? "gapRenumbered" : "gap", {
          name: event.with,
          slash: chat.slash,
        });
        break;
    }
    return undefined;
  }

  /**
   * Whether what the server says last for that reason is not to be shown as it comes: how a connection ends that was
   * replaced is said once, by the caller of `Chat.run`; that the server has shut down, when it is back.
   */
  tells(reason: string | undefined): boolean {
    if (reason === REPLACED) return true;
    return reason === SHUTDOWN && this.#chat.ui.repaintsPrompt === true;
  }

  /** Nothing more happens. */
  end(): void {
    this.#comeback.end();
  }

  #reason(error: unknown): string {
    return describeFailure(error, this.#chat.speaker);
  }
}
