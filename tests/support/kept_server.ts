/**
 * A scripted server that keeps conversations, for tests of what a client shows of them.
 *
 * @module
 */

import type { Conversation, KeptDelivery, Request } from "../../common/wire/protocol.ts";
import { type Answer, ScriptedServer } from "./scripted_server.ts";

/** Noon in local time, so that the day is the same in all time zones for some hours around. */
export const NOON = new Date(2026, 0, 10, 12).getTime() / 1000;

/** Answers as a server does that keeps what is in `kept`; whatever else is asked for gets 200. */
export class KeptServer extends ScriptedServer {
  /** Messages by conversation, as eve, who asks, names them; the oldest first. */
  readonly kept = new Map<string, KeptDelivery[]>();
  /** Up to where eve has read. */
  readonly read = new Map<string, number>();
  /** What a search finds, the newest first. */
  hits: KeptDelivery[] = [];
  /** Whether what eve writes is kept where something is. */
  keepsOwn = false;
  /** What is refused, and with which code. */
  readonly refused = new Map<string, number>();

  constructor() {
    super();
    this.answer = (request) => this.#answerTo(request);
  }

  /** Keeps a message from bob; in a room, if the conversation is one. */
  keep(name: string, message: string, more: Partial<KeptDelivery> = {}): KeptDelivery {
    const messages = this.kept.get(name) ?? [];
    const to = name.startsWith("#") ? name : "eve";
    const seq = (messages.at(-1)?.seq ?? 0) + 1;
    const kept = { time: NOON + seq, to, from: "bob", message, seq, ...more };
    messages.push(kept);
    this.kept.set(name, messages);
    return kept;
  }

  /** Keeps several messages, `text 1` and so on. */
  keepMany(name: string, text: string, count: number): void {
    for (let i = 1; i <= count; i++) this.keep(name, `${text} ${i}`);
  }

  /** Delivers a message as it is kept. */
  async deliver(message: KeptDelivery): Promise<void> {
    await this.peer.write({ event: "msg", ...message });
  }

  #answerTo(request: Request): Answer {
    const code = this.refused.get(request.event);
    if (code !== undefined) return { response: code, error: "Not here" };
    switch (request.event) {
      case "conversations":
        return { conversations: this.#conversations() };
      case "history":
        return this.#page(request.with, request);
      case "join":
        return {
          ...{ room: request.room, users: ["bob", "eve"], lasting: true },
          ...(request.history === undefined
            ? {}
            : this.#page(request.room, { limit: request.history })),
        };
      case "msg":
        if (!this.keepsOwn || !this.kept.has(request.to)) return {};
        return { seq: this.keep(request.to, request.message, { from: "eve", to: request.to }).seq };
      case "read":
        this.read.set(request.with, request.seq);
        return {};
      case "search": {
        const start = Number(request.cursor ?? 0);
        const end = start + (request.limit ?? 50);
        const next = end < this.hits.length ? { next: String(end) } : {};
        return { messages: this.hits.slice(start, end), ...next };
      }
      default:
        return {};
    }
  }

  #conversations(): Conversation[] {
    return [...this.kept].map(([name, messages]) => {
      const read = this.read.get(name) ?? 0;
      const unread = messages.filter(({ seq, from }) => seq > read && from !== "eve").length;
      const { seq: last, time } = messages.at(-1)!;
      return { with: name, last, read, unread, time };
    });
  }

  #page(
    name: string,
    { before = Infinity, after, limit = 50 }: { before?: number; after?: number; limit?: number },
  ): Answer {
    const found = (this.kept.get(name) ?? []).filter(({ seq }) =>
      seq < before && seq > (after ?? 0)
    );
    const messages = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    return { messages, more: found.length > messages.length };
  }
}
