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
const HEARTBEAT_MS = 500;

/** After so long without any sign the server's side is taken for dead. */
const SILENCE_MS = 1_500;

/** After so long what is known to be there, and does not come, is asked for. */
const LAG_MS = 500;

/** So many may wait to be given when another one is asked for. */
const MAX_FETCHED = 1_024;

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
  /** There seems to be nothing up to that number, besides what `onMessage` has got. */
  readonly onPassed: (seq: number) => void;
}

/** What waits to be given: a message, or the server's question whether it may send more. */
type Item = { readonly seq: number; readonly payload: Uint8Array } | { readonly flow: Msg };

/**
 * Gives the messages of a stream in order, each once, whatever breaks.
 *
 * The server's side is a push consumer that numbers what it sends, for this reader alone. A gap in these numbers, a
 * silence of 1.5 s or a new connection make another one begin behind the last message that has come. And where messages
 * are known to be there (see {@linkcode Feed.hint}) and do not come within half a second, the stream is asked for them one
 * by one: a server that dies can leave a consumer that sends signs of life and nothing else, and while JetStream elects
 * who may make consumers, for up to ten seconds, the stream goes on.
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
  /** The newest that has come. */
  #received: number;
  /** Up to there nothing that is there has not come. */
  #passed = 0;
  /** The newest that is known to be in the stream. */
  #known = 0;
  #begunMs = 0;
  #heardMs: number;
  #movedMs: number;
  readonly #items: Item[] = [];
  #isGiving = false;
  #isFetching = false;
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
    if (!this.#isBehind) this.#movedMs = this.#nowMs;
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

  /** Whether something is known to be there that has not come. */
  get #isBehind(): boolean {
    return this.#known > Math.max(this.#received, this.#passed);
  }

  /** Has a new consumer begin behind the last message that has come. */
  async #begin(reason?: string): Promise<void> {
    const { nats, manager, stream, log } = this.#options;
    this.#drop();
    const generation = ++this.#generation;
    this.#delivered = 0;
    this.#begunMs = this.#heardMs = this.#nowMs;
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
      if (nowMs - this.#heardMs > SILENCE_MS) this.#begin("silence");
      const isLate = this.#isBehind && this.#items.length === 0 && nowMs - this.#movedMs > LAG_MS;
      if (isLate && !this.#isFetching) this.#fetch();
    }
    this.#timer = this.#options.clock.setTimeout(() => this.#tick(), RETRY_MS);
  }

  /** Asks the stream for what is behind the newest that has come, until the consumer goes on. */
  async #fetch(): Promise<void> {
    this.#isFetching = true;
    const { manager, stream, subject, log } = this.#options;
    try {
      while (this.#isBehind && this.#items.length < MAX_FETCHED) {
        const [known, received] = [this.#known, this.#received];
        const next = await nextMessage(manager, stream, { seq: received + 1, subject });
        if (this.#isEnded || this.#received !== received) return;
        if (next === null) return await this.#pass(known);
        if (this.#nowMs - this.#begunMs > SILENCE_MS) this.#begin("something does not come");
        this.#received = next.seq;
        this.#movedMs = this.#nowMs;
        this.#add({ seq: next.seq, payload: next.data });
      }
    } catch (error) {
      log.debug("what comes next in the log is not known", { reason: printable(messageOf(error)) });
    } finally {
      this.#isFetching = false;
    }
  }

  /** The stream says that there is nothing any more up to a number. */
  async #pass(known: number): Promise<void> {
    const { manager, stream, onPassed } = this.#options;
    const { state } = await manager.streams.info(stream);
    // A leader that has just been elected may not have all yet. Should another one have answered now: what comes of it
    // is given all the same.
    if (this.#isEnded || state.last_seq < known || this.#received >= known) return;
    this.#passed = known;
    onPassed(known);
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
