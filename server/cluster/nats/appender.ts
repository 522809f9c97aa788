/**
 * Writing to the log.
 *
 * @module
 */

import { createInbox, headers, type Msg, type Subscription } from "@nats-io/transport-node";

import type { Timer } from "../../../common/clock.ts";
import { messageOf } from "../../../common/errors.ts";
import { printable } from "../../../common/printable.ts";
import { StoreError } from "../../store/store.ts";
import type { NatsConnection } from "./nats_connection.ts";
import { ANSWER_MS, type Patience, RETRY_MS, unavailable } from "./patience.ts";

/** So many are on the way at once; three servers that agree on each are fastest with about so many. */
const WINDOW = 512;

/** One that is to be appended. */
interface Pending {
  readonly id: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** When it is given up. */
  readonly endMs: number;
  /** When it was sent last. */
  sentMs: number;
  readonly resolve: (seq: number) => void;
  readonly reject: (error: StoreError) => void;
}

/** JetStream's answer to a message. */
interface Ack {
  readonly seq?: number;
  readonly error?: { readonly code: number; readonly description?: string };
}

/**
 * Publishes to a stream and waits for the acknowledgements, which come to one subscription for all: the client's own way
 * makes a promise with a timer for each, and takes five to ten times as long.
 *
 * While nothing is amiss, what is appended goes out in the order of the calls. When an answer is no, or does not come, or
 * the connection breaks, the oldest alone is sent again and again, under the same id; when that is through, all that
 * were under way, in their order, and only then what came later.
 */
export class Appender implements Disposable {
  readonly #nats: NatsConnection;
  readonly #patience: Patience;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #endListening: () => void;
  /** On the way, by the last word of the subject of their answers; oldest first. */
  readonly #sent = new Map<string, Pending>();
  /** Not sent yet; oldest first. */
  #waiting: Pending[] = [];
  #count = 0;
  /** Of all messages; the client writes them down at once. */
  readonly #headers = headers();
  /** Whether only the oldest is tried. */
  #isProbing = false;
  #fault = "no answer";
  #timer: Timer | undefined;

  /** Listens for answers. */
  constructor(nats: NatsConnection, patience: Patience) {
    this.#nats = nats;
    this.#patience = patience;
    this.#subscription = nats.client.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#answered(message);
      },
    });
    this.#endListening = nats.onChange((isConnected) => {
      if (isConnected) this.#probe();
      else this.#stall("the connection is lost");
    });
  }

  /**
   * Appends.
   *
   * @param id Two with the same id within ten minutes are one.
   * @returns Its number in the stream.
   * @throws {UnavailableError} If it is not acknowledged in time.
   * @throws {StoreError} If it is larger than NATS takes, or JetStream refuses it.
   */
  append(id: string, subject: string, payload: Uint8Array): Promise<number> {
    // The id and the lines around it are part of what NATS counts.
    const most = (this.#nats.client.info?.max_payload ?? 1024 ** 2) - 256;
    if (payload.length > most) {
      return Promise.reject(
        new StoreError(`An operation of ${payload.length} bytes is more than NATS takes: ${most}`),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const endMs = this.#nowMs + this.#patience.patienceMs;
    const pending = { id, subject, payload, endMs, sentMs: 0, resolve, reject };
    this.#waiting.push(pending);
    if (!this.#nats.isConnected) this.#isProbing = true;
    this.#fill();
    this.#timer ??= this.#patience.clock.setTimeout(() => this.#tick(), RETRY_MS);
    return promise;
  }

  /** Gives up all that is under way. */
  [Symbol.dispose](): void {
    this.#endListening();
    this.#subscription.unsubscribe();
    this.#patience.clock.clearTimeout(this.#timer);
    const all = [...this.#sent.values(), ...this.#waiting];
    this.#sent.clear();
    this.#waiting = [];
    for (const { reject } of all) reject(unavailable("the server ends"));
  }

  get #nowMs(): number {
    return this.#patience.clock.monotonicMs();
  }

  /** Sends what may go. */
  #fill(): void {
    if (this.#waiting.length === 0 || !this.#nats.isConnected) return;
    // Many at once: for each alone the system would be called, and the others moved up.
    if (this.#sent.size > (this.#isProbing ? 0 : WINDOW / 2)) return;
    const room = this.#isProbing ? 1 : WINDOW - this.#sent.size;
    for (const pending of this.#waiting.splice(0, room)) {
      const token = (this.#count++).toString(36);
      this.#sent.set(token, pending);
      this.#send(token, pending);
    }
  }

  #send(token: string, pending: Pending): void {
    pending.sentMs = this.#nowMs;
    this.#headers.set("Nats-Msg-Id", pending.id);
    try {
      this.#nats.client.publish(pending.subject, pending.payload, {
        headers: this.#headers,
        reply: `${this.#inbox}.${token}`,
      });
    } catch (error) {
      // The client is closed, or the server it is with now takes less.
      this.#stall(messageOf(error));
    }
  }

  #answered(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const pending = this.#sent.get(token);
    if (pending === undefined) return;
    const ack = readAck(message);
    // A repeat of one that the servers have not agreed on yet has number 0: it is asked again.
    if (ack.error === undefined && (ack.seq ?? 0) > 0) {
      this.#sent.delete(token);
      pending.resolve(ack.seq!);
      this.#recover();
    } else if (ack.error !== undefined && ack.error.code < 500) {
      this.#sent.delete(token);
      const reason = printable(ack.error.description ?? `error ${ack.error.code}`);
      pending.reject(new StoreError(`NATS refuses an operation: ${reason}`));
      this.#recover();
    } else {
      this.#stall(ack.error?.description ?? "the servers do not agree yet");
    }
  }

  #stall(reason: string): void {
    this.#fault = reason;
    this.#isProbing = this.#sent.size + this.#waiting.length > 0;
  }

  /** All is well (again). */
  #recover(): void {
    if (this.#isProbing) {
      this.#isProbing = false;
      for (const [token, pending] of this.#sent) this.#send(token, pending);
    }
    this.#fill();
  }

  /** Tries the oldest. */
  #probe(): void {
    if (!this.#nats.isConnected) return;
    const [oldest] = this.#sent;
    if (oldest === undefined) this.#fill();
    else this.#send(...oldest);
  }

  /** Gives up what is too old, and tries again. */
  #tick(): void {
    this.#timer = undefined;
    const nowMs = this.#nowMs;
    for (const [token, pending] of this.#sent) {
      if (pending.endMs > nowMs) break;
      this.#sent.delete(token);
      pending.reject(unavailable(this.#fault));
    }
    const alive = this.#waiting.findIndex(({ endMs }) => endMs > nowMs);
    const dead = this.#waiting.splice(0, alive === -1 ? this.#waiting.length : alive);
    for (const { reject } of dead) reject(unavailable(this.#fault));
    const [oldest] = this.#sent.values();
    if (oldest === undefined && this.#waiting.length === 0) {
      this.#isProbing = false;
      return;
    }
    if (oldest !== undefined && oldest.sentMs + ANSWER_MS <= nowMs) this.#stall("no answer");
    if (this.#isProbing) this.#probe();
    this.#timer = this.#patience.clock.setTimeout(() => this.#tick(), RETRY_MS);
  }
}

function readAck(message: Msg): Ack {
  // Nobody listens on the subject: the stream has no leader.
  if (message.headers?.code === 503) return { error: { code: 503, description: "no leader" } };
  try {
    return message.json<Ack>();
  } catch {
    return { error: { code: 503, description: "an answer that is none" } };
  }
}
