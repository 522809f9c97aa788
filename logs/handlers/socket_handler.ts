/**
 * The handler that ships records to a collector.
 *
 * @module
 */
import { messageOf } from "../../common/errors.ts";
import { BaseHandler, type FormatterFunction } from "@std/log/base-handler";
import { type LevelName, LogLevels } from "@std/log/levels";
import { LogRecord } from "@std/log/logger";
import {
  close,
  type CollectorConn,
  connectIfPermitted,
  type ConnectToCollector,
  hostAndPort,
  pause,
} from "./collector_conn.ts";
import { jsonFormatter } from "./formatters.ts";
import { LineQueue } from "./line_queue.ts";

export type { CollectorConn, ConnectToCollector, FormatterFunction, LevelName };

/** Options of {@linkcode SocketHandler}. */
export interface SocketHandlerOptions {
  /**
   * The collector's host.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /** The collector's TCP port, 1–65535. */
  port: number;
  /**
   * Turns a record into one line without its end.
   *
   * @default {jsonFormatter()}
   */
  formatter?: FormatterFunction;
  /**
   * How many bytes may wait for the collector; what does not fit is dropped and counted.
   *
   * @default {1 MiB}
   */
  maxQueuedBytes?: number;
  /**
   * After how many milliseconds a lost or refused connection is tried again. It doubles with each failure, up
   * to `maxRetryDelay`.
   *
   * @default {500}
   */
  retryDelay?: number;
  /**
   * The longest pause between two attempts, in milliseconds.
   *
   * @default {30_000}
   */
  maxRetryDelay?: number;
  /**
   * Told once when the collector is away, and when it is back.
   *
   * @default {console.error}
   */
  onWarning?: (message: string) => void;
  /**
   * How to connect.
   *
   * @default {Deno.connect}
   */
  connect?: ConnectToCollector;
}

/** A batch is about as much as the system takes at once, so that a slow collector costs no large copies. */
const MAX_BATCH_BYTES = 64 * 1024;
/** Milliseconds for which a host that does not answer may keep an ending program. */
const CONNECT_TIMEOUT = 5_000;

/**
 * Ships records to a collector over TCP, one line of JSON each, in order.
 *
 * What it guarantees:
 * 1. No call waits, blocks or throws, whatever the collector does, and the process may end meanwhile.
 * 2. At most `maxQueuedBytes` are kept. What does not fit is dropped, and {@linkcode SocketHandler.dropped}
 *    counts it. The next record that fits brings one of level WARN along that says how many are missing.
 * 3. A lost connection is made again, with growing pauses. A line of which only a part was handed to the system
 *    is sent again, whole.
 *
 * What TCP does not tell: lines that the system took but the collector never read are lost with the
 * connection, uncounted. The log file is the record, the collector a copy.
 *
 * Needs `--allow-net` for the collector. Without it nothing is asked and all records are dropped.
 *
 * @example
 * ```ts
 * import { SocketHandler } from "./socket_handler.ts";
 * import { Logger } from "@std/log/logger";
 *
 * using collector = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const handler = new SocketHandler("INFO", { port: collector.addr.port });
 * handler.setup();
 * new Logger("app", "INFO", { handlers: [handler] }).info("ready");
 *
 * using conn = await collector.accept();
 * const { value } = await conn.readable.pipeThrough(new TextDecoderStream()).getReader().read();
 * console.log(JSON.parse(value!).message); // ready
 * handler.destroy();
 * ```
 */
export class SocketHandler extends BaseHandler {
  readonly #address: { readonly hostname: string; readonly port: number };
  readonly #queue: LineQueue;
  readonly #retryDelay: number;
  readonly #maxRetryDelay: number;
  readonly #warn: (message: string) => void;
  readonly #connect: ConnectToCollector;
  #dropped = 0;
  /** Dropped since the collector was told last. */
  #untold = 0;
  #conn: CollectorConn | undefined;
  /** Wakes the sender while it waits for lines. */
  #wake: (() => void) | undefined;
  /** Ends what {@linkcode SocketHandler.setup} began. */
  #stop: AbortController | undefined;
  /** Whether it was said that the collector is away. */
  #isAway = false;
  #waiters: ((isSent: boolean) => void)[] = [];

  /**
   * Checks the options; connects to nothing.
   *
   * @throws {RangeError} If `port`, `maxQueuedBytes`, `retryDelay` or `maxRetryDelay` is out of range.
   */
  constructor(levelName: LevelName, options: SocketHandlerOptions) {
    const { maxQueuedBytes = 1024 * 1024, retryDelay = 500, maxRetryDelay = 30_000 } = options;
    super(levelName, { formatter: options.formatter ?? jsonFormatter() });
    checkInteger("port", options.port, 1, 65_535);
    checkInteger("maxQueuedBytes", maxQueuedBytes, 0, 1024 ** 3);
    checkInteger("retryDelay", retryDelay, 1, 2 ** 31 - 1);
    checkInteger("maxRetryDelay", maxRetryDelay, retryDelay, 2 ** 31 - 1);
    this.#address = { hostname: options.hostname ?? "127.0.0.1", port: options.port };
    this.#queue = new LineQueue(maxQueuedBytes);
    this.#retryDelay = retryDelay;
    this.#maxRetryDelay = maxRetryDelay;
    this.#connect = options.connect ?? connectIfPermitted;
    this.#warn = options.onWarning ?? ((message) => {
      // deno-lint-ignore no-console -- there is nowhere else to say it
      console.error(message);
    });
  }

  /** How many records were dropped so far: the queue was full, or they still waited at the end. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether there is a connection at this moment. */
  get isConnected(): boolean {
    return this.#conn !== undefined;
  }

  /** Begins to connect; returns at once. */
  override setup(): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    this.#run(this.#stop.signal);
  }

  /** Puts one line in the queue, or drops and counts it if there is no room. */
  override log(msg: string): void {
    // The line that says how many are missing stands where they are missing, or nowhere.
    if (!this.#queue.add(this.#untold === 0 ? msg : `${this.#notice()}\n${msg}`)) {
      this.#dropped++;
      this.#untold++;
      return;
    }
    this.#untold = 0;
    this.#wake?.();
  }

  /**
   * Waits until the system has taken all lines, for example before the program ends.
   *
   * @param timeout At most that many milliseconds.
   * @returns False if lines still wait.
   */
  sent(timeout: number): Promise<boolean> {
    if (this.#queue.length === 0) return Promise.resolve(true);
    if (this.#stop === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeout);
      this.#waiters.push((isSent) => {
        clearTimeout(timer);
        resolve(isSent);
      });
    });
  }

  /** Closes the connection and drops, counted, what still waits; may be called more than once. */
  override destroy(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#hangUp();
    this.#dropped += this.#queue.clear();
    this.#tellWaiters(false);
  }

  /** Connects, sends, and connects again, until it is stopped. Never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    let delay = this.#retryDelay;
    while (!signal.aborted) {
      try {
        const conn = await this.#open(signal);
        delay = this.#retryDelay;
        await this.#send(conn);
        if (signal.aborted) return;
        this.#sayAway("it closed the connection");
      } catch (error) {
        if (signal.aborted) return;
        this.#sayAway(messageOf(error));
      }
      this.#hangUp();
      await pause(delay, signal);
      delay = Math.min(delay * 2, this.#maxRetryDelay);
    }
  }

  async #open(signal: AbortSignal): Promise<CollectorConn> {
    const timeout = AbortSignal.timeout(CONNECT_TIMEOUT);
    const conn = await this.#connect({
      ...this.#address,
      signal: AbortSignal.any([signal, timeout]),
    });
    if (signal.aborted) {
      close(conn);
      throw signal.reason;
    }
    conn.unref?.();
    this.#conn = conn;
    if (this.#isAway) {
      this.#isAway = false;
      this.#warn(`Log collector ${this.#name} is back; records dropped so far: ${this.#dropped}`);
    }
    this.#watch(conn);
    return conn;
  }

  /** Notices that the collector hangs up even while there is nothing to send. */
  async #watch(conn: CollectorConn): Promise<void> {
    const buffer = new Uint8Array(256);
    try {
      // Whatever a collector says is of no interest.
      while (await conn.read(buffer) !== null);
    } catch {
      // A reset is also an end.
    }
    if (this.#conn === conn) this.#hangUp();
  }

  /** Sends what waits, and what will, until the connection ends. */
  async #send(conn: CollectorConn): Promise<void> {
    while (this.#conn === conn) {
      const batch = this.#queue.next(MAX_BATCH_BYTES);
      if (batch.length === 0) {
        this.#tellWaiters(true);
        await new Promise<void>((resolve) => this.#wake = resolve);
        this.#wake = undefined;
        continue;
      }
      const written = await conn.write(batch);
      // Otherwise the line that was cut off has been rewound already.
      if (this.#conn === conn) this.#queue.take(written);
    }
  }

  /** The line that tells the collector how many records are missing. */
  #notice(): string {
    return this.format(
      new LogRecord({
        msg: "records dropped",
        args: [{ dropped: this.#untold }],
        level: LogLevels.WARN,
        loggerName: "log.collector",
      }),
    );
  }

  #tellWaiters(isSent: boolean): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const tell of waiters) tell(isSent);
  }

  #hangUp(): void {
    const conn = this.#conn;
    this.#conn = undefined;
    this.#queue.rewind();
    if (conn !== undefined) close(conn);
    this.#wake?.();
  }

  #sayAway(reason: string): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#warn(`Log collector ${this.#name} is away, will try again: ${reason}`);
  }

  get #name(): string {
    return hostAndPort(this.#address);
  }
}

function checkInteger(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(
    `Cannot ship log: '${name}' must be an integer from ${min} to ${max}, received ${value}`,
  );
}
