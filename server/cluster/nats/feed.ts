/**
 * Reading the log as it grows.
 *
 * @module
 */

import { AckPolicy, DeliverPolicy, ReplayPolicy } from "@nats-io/jetstream";
import { createInbox, type Msg, type Subscription } from "@nats-io/transport-node";

import type { Timer } from "../../../common/clock.ts";
import { messageOf } from "../../../common/errors.ts";
import type { Log } from "../../../common/log.ts";
import { printable } from "../../../common/printable.ts";
import type { JetStreamManager } from "./client_types.ts";
import type { NatsConnection } from "./nats_connection.ts";
import { nextMessage } from "./next_message.ts";
import { type Patience, RETRY_MS } from "./patience.ts";

/** The server sends a sign of life so often when there is nothing else. */
const HEARTBEAT_MS = 1_000;

/** After so long without any sign the server's side is taken for dead. */
const SILENCE_MS = 2_500;

/** After so long what is known to be there, and does not come, is asked for. */
const LAG_MS = 1_000;

/** The server forgets a consumer that nobody listens to after so long. */
const FORGET_NS = 10 * 1e9;

/** What a {@linkcode Feed} needs. */
export interface FeedOptions extends Omit<Patience, "patienceMs"> {
  /** The connection. */
  readonly nats: NatsConnection;
  /** JetStream. */
  readonly manager: JetStreamManager;
  /** The stream. */
  readonly stream: string;
  /** The subjects of all that is in the stream. */
  readonly subject: string;
  /** Is told of new beginnings. */
  readonly log: Log;
  /** The number behind which it begins. */
  readonly after: number;
  /** Gets one after the other: the next one when its promise resolves, or at once if it gives none. Does not throw. */
  readonly onMessage: (seq: number, payload: Uint8Array) => void | Promise<void>;
  /** There is nothing up to that number, besides what `onMessage` has got. */
  readonly onPassed: (seq: number) => void;
}

/** What waits to be given: a message, or the server's question whether it may send more. */
type Item = { readonly seq: number; readonly payload: Uint8Array } | { readonly flow: Msg };

/**
 * Gives the messages of a stream in order, each once, whatever breaks.
 *
 * The server's side is a push consumer that numbers what it sends, for this reader alone. A gap in these numbers, a
 * silence of 2.5 s or a new connection make another one begin behind the last message that has come. And where messages
 * are known to be there (see {@linkcode Feed.hint}) and do not come within a second, the stream itself is asked what is
 * next: a server that dies can leave a consumer that sends signs of life and nothing else.
 *
 * What has come and is not given yet is bounded by the server's flow control: 32 MiB at most, begun with 0.5 MiB.
 */
export class Feed implements Disposable {
  readonly #options: FeedOptions;
  readonly #endListening: () => void;
  #subscription: Subscription | undefined;
  /** Counts the consumers; what comes of an earlier one is not looked at. */
  #generation = 0;
  #consumer: string | undefined;
  /** The consumer's number of the newest message. */
  #delivered = 0;
  /** The newest that has come, or is known not to be there any more. */
  #received: number;
  /** The newest that is known to be in the stream. */
  #known = 0;
  #heardMs: number;
  #movedMs: number;
  readonly #items: Item[] = [];
  #isGiving = false;
  #isLooking = false;
  #isEnded = false;
  #timer: Timer | undefined;

  /** Begins. */
  constructor(options: FeedOptions) {
    this.#options = options;
    this.#received = options.after;
    this.#heardMs = this.#movedMs = options.clock.monotonicMs();
    this.#endListening = options.nats.onChange((isConnected) => {
      if (isConnected) this.#begin("connected again");
    });
    this.#begin();
    this.#tick();
  }

  /** The message with that number was appended by somebody: if it does not come, it is asked for. */
  hint(seq: number): void {
    if (seq <= this.#known) return;
    if (this.#received >= this.#known) this.#movedMs = this.#nowMs;
    this.#known = seq;
  }

  /** Ends; nothing is given any more. */
  [Symbol.dispose](): void {
    this.#isEnded = true;
    this.#endListening();
    this.#options.clock.clearTimeout(this.#timer);
    this.#drop();
    this.#items.length = 0;
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  /** Has a new consumer begin behind the last message that has come. */
  async #begin(reason?: string): Promise<void> {
    const { nats, manager, stream, log } = this.#options;
    this.#drop();
    const generation = ++this.#generation;
    this.#delivered = 0;
    this.#heardMs = this.#movedMs = this.#nowMs;
    if (reason !== undefined) log.debug("log read anew", { reason, behind: this.#received });
    const inbox = createInbox();
    try {
      this.#subscription = nats.client.subscribe(inbox, {
        callback: (error, message) => {
          if (error === null && generation === this.#generation) this.#heard(message);
        },
      });
      const { name } = await manager.consumers.add(stream, {
        deliver_subject: inbox,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: this.#received + 1,
        ack_policy: AckPolicy.None,
        replay_policy: ReplayPolicy.Instant,
        flow_control: true,
        idle_heartbeat: HEARTBEAT_MS * 1e6,
        inactive_threshold: FORGET_NS,
        max_deliver: 1,
        mem_storage: true,
        num_replicas: 1,
      });
      if (generation === this.#generation && !this.#isEnded) this.#consumer = name;
      else this.#forget(name);
    } catch (error) {
      // The watchdog notices the silence, and begins again.
      if (!this.#isEnded) log.debug("log not read", { reason: printable(messageOf(error)) });
    }
  }

  #drop(): void {
    this.#subscription?.unsubscribe();
    if (this.#consumer !== undefined) this.#forget(this.#consumer);
    this.#consumer = undefined;
  }

  /** The server would forget it by itself, later. */
  #forget(consumer: string): void {
    const { nats, manager, stream } = this.#options;
    if (nats.isConnected) manager.consumers.delete(stream, consumer).catch(() => {});
  }

  #heard(message: Msg): void {
    this.#heardMs = this.#nowMs;
    const { headers } = message;
    if (headers?.code === 100) {
      // A heartbeat; it has this header if the server waits for an answer that got lost.
      const stalled = headers.get("Nats-Consumer-Stalled");
      if (message.reply !== undefined && message.reply !== "") this.#add({ flow: message });
      else if (stalled !== "" && this.#items.length === 0) {
        this.#options.nats.client.publish(stalled);
      } else if (Number(headers.get("Nats-Last-Consumer")) > this.#delivered) {
        this.#begin("a gap before a heartbeat");
      }
      return;
    }
    if (headers?.code !== undefined && headers.code >= 400) {
      this.#begin(`told ${headers.code}`);
      return;
    }
    const place = placeOf(message.reply ?? "");
    if (place === undefined) return;
    if (place.delivered !== this.#delivered + 1) {
      this.#begin("a gap");
      return;
    }
    this.#delivered = place.delivered;
    if (place.seq <= this.#received) return;
    this.#received = place.seq;
    this.#movedMs = this.#heardMs;
    this.#add({ seq: place.seq, payload: message.data });
  }

  #add(item: Item): void {
    this.#items.push(item);
    if (!this.#isGiving) this.#give();
  }

  async #give(): Promise<void> {
    this.#isGiving = true;
    try {
      let given = 0;
      // Not shifted one by one: an array of thousands is copied with each shift.
      while (given < this.#items.length) {
        const item = this.#items[given++]!;
        if ("flow" in item) item.flow.respond();
        else {
          const isDone = this.#options.onMessage(item.seq, item.payload);
          if (isDone !== undefined) await isDone;
        }
        if (given >= 1_024) this.#items.splice(0, given), given = 0;
      }
      this.#items.length = 0;
    } finally {
      this.#isGiving = false;
    }
  }

  /** The watchdog. */
  #tick(): void {
    const nowMs = this.#nowMs;
    if (this.#options.nats.isConnected) {
      const isLate = this.#known > this.#received && this.#items.length === 0;
      if (nowMs - this.#heardMs > SILENCE_MS) this.#begin("silence");
      else if (isLate && nowMs - this.#movedMs > LAG_MS) this.#look();
    }
    this.#timer = this.#options.clock.setTimeout(() => this.#tick(), RETRY_MS);
  }

  /** Asks the stream what is behind the newest that has come. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const { manager, stream, subject, onPassed } = this.#options;
    const [known, received] = [this.#known, this.#received];
    try {
      const next = await nextMessage(manager, stream, { seq: received + 1, subject });
      if (this.#isEnded || this.#received !== received) return;
      if (next !== null) {
        this.#begin("something does not come");
        return;
      }
      // All that there was up to there has been taken out of the stream.
      this.#received = known;
      onPassed(known);
    } catch (error) {
      const reason = printable(messageOf(error));
      this.#options.log.debug("what comes next in the log is not known", { reason });
    } finally {
      this.#isLooking = false;
      this.#movedMs = this.#nowMs;
    }
  }
}

/** What stands in the reply subject of a message: `$JS.ACK[.domain.account].stream.consumer.1.seq.delivered.…`. */
function placeOf(reply: string): { seq: number; delivered: number } | undefined {
  const words = reply.split(".");
  if (words[0] !== "$JS" || words[1] !== "ACK") return undefined;
  // Two words more if NATS says which domain and account: see its ADR-15.
  const at = words.length === 9 ? 5 : 7;
  const [seq, delivered] = [Number(words[at]), Number(words[at + 1])];
  return seq > 0 && delivered > 0 ? { seq, delivered } : undefined;
}
