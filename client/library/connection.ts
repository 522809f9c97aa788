/**
 * One link to a server, from its first byte to its last. What comes after its end is decided by
 * the session, see `session.ts`.
 *
 * @module
 */

import { type Clock, systemClock } from "../../common/clock.ts";
import { FrameError } from "../../common/errors.ts";
import type { Link } from "../../common/link.ts";
import { encodeFrame } from "../../common/wire/encode.ts";
import { isOverlong, LineReader } from "../../common/wire/lines.ts";
import { Outbox } from "../../common/wire/outbox.ts";
import {
  CODE,
  type Deleted,
  type Delivery,
  type Edited,
  type Notice,
  type Request,
  type RequestId,
  type Response,
} from "../../common/wire/protocol.ts";
import { AnswerError, parseServerFrame } from "../../common/wire/server_frames.ts";
import { ConnectionLostError, type LossReason } from "./errors.ts";
import { SilenceWatch } from "./silence_watch.ts";

/** What the server says unasked. */
export type ConnectionEvent =
  /** A message; `line` is what stood on the wire. */
  | { readonly type: "message"; readonly message: Delivery; readonly line: string }
  /** A notice; `line` is what stood on the wire. */
  | { readonly type: "notice"; readonly notice: Notice; readonly line: string }
  /** A kept message was edited or deleted; `line` is what stood on the wire. */
  | { readonly type: "change"; readonly change: Edited | Deleted; readonly line: string }
  /** The server asks whether this side is there. */
  | { readonly type: "probe" }
  /** A line that is no frame; it was left out. */
  | { readonly type: "malformed"; readonly reason: string };

/** How a {@linkcode Connection} behaves. */
export interface ConnectionOptions {
  /** Called with everything that the server says unasked, in the order of the wire. */
  onEvent: (event: ConnectionEvent) => void;
  /** Called once at the end, after every open request was answered with the same error. */
  onEnd: (error: ConnectionLostError) => void;
  /**
   * Milliseconds without a byte from the server before it is probed.
   *
   * @default {8000}
   */
  probeIntervalMs?: number;
  /**
   * Milliseconds that the server has to send any byte after a probe.
   *
   * @default {5000}
   */
  probeTimeoutMs?: number;
  /**
   * Whether the link is encrypted.
   *
   * @default {false}
   */
  tls?: boolean;
  /**
   * Where time comes from.
   *
   * @default {systemClock}
   */
  clock?: Clock;
}

/** How quickly a dead link is noticed: at worst after the sum of the two. */
const PROBE_INTERVAL_MS = 8_000;
const PROBE_TIMEOUT_MS = 5_000;
/** The longest frame of a server: `who` with 1000 users, each with the longest name and status. */
const MAX_FRAME_BYTES = 4_194_304;
/** Lines that are no frames, on one connection: a server that sends more of them will not stop. */
const MAX_MALFORMED = 1_000;
/** How a server that speaks TLS says that this side does not (RFC 8446, section 5.1). */
const TLS_ALERT = "\x15\x03";

/** What became of a request: its response, or the end of the connection. */
export type Answer = Response | ConnectionLostError;

interface Pending {
  readonly id: RequestId | undefined;
  readonly onAnswer: (answer: Answer) => void;
  /** Whether anybody waits for it, so that reading goes on until it is there. */
  readonly isAwaited: boolean;
}

const NOBODY = (): void => {};

/**
 * A link that speaks JIM.
 *
 * Guarantees:
 * 1. Requests go out in the order of the calls, and responses are matched to them in that order. A response
 *    that carries the `id` of another request, or cannot be read, ends the connection.
 * 2. Every request is answered exactly once: with its response, or with a {@linkcode ConnectionLostError}.
 * 3. Responses and events are reported in the order of the wire, each as it is read.
 * 4. `onEnd` is called exactly once, whatever way the connection ends.
 * 5. After `pause`, nothing is read any more, so that the server holds back; but an answer that somebody waits for
 *    is always read.
 * 6. A line over {@linkcode MAX_FRAME_BYTES}, or too many that are no frames, end the connection, and probes of the server make one
 *    answer at a time, however many they are. What the events take is for whoever gets them to bound.
 */
export class Connection {
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #options: ConnectionOptions;
  readonly #silence: SilenceWatch;
  /** In a numbered session: what each request says was seen, if there is anything new to say. */
  seen: (() => number | undefined) | undefined;
  /** Requests without an answer, oldest first; from `#answered` on. */
  #pending: Pending[] = [];
  #answered = 0;
  /** How many of them somebody waits for. */
  #awaited = 0;
  /** A probe of the server was answered, and the server has not answered to that. */
  #isAnsweringProbe = false;
  /** Lines that the outbox had no room for. */
  #overflow: string[] = [];
  #isPaused = false;
  #wakeReader: (() => void) | undefined;
  #hasSpoken = false;
  #malformed = 0;
  /** The server has hung up: what is left of its input is a line without an end. */
  #isCutOff = false;
  /** What the server said last of its own accord with 101. */
  #lastWords: Notice | undefined;
  #isEnded = false;

  /**
   * Takes a link over and begins to read.
   *
   * @param link What was dialled; the connection closes it in the end.
   * @param options See {@linkcode ConnectionOptions}.
   */
  constructor(link: Link, options: ConnectionOptions) {
    this.#link = link;
    this.#options = options;
    this.#silence = new SilenceWatch({
      clock: options.clock ?? systemClock,
      intervalMs: options.probeIntervalMs ?? PROBE_INTERVAL_MS,
      timeoutMs: options.probeTimeoutMs ?? PROBE_TIMEOUT_MS,
      isReading: () => this.#wakeReader === undefined,
      isAwaitingAnswer: () => this.pendingRequests > 0,
      probe: () => this.send({ event: "probe" }),
      onSilence: (idleMs) =>
        this.#end("silent", `The server was silent for ${Math.round(idleMs / 1000)} s`),
    });
    this.#outbox = new Outbox(link, {
      onRoomy: () => this.#refill(),
      onError: (cause) => this.#break(cause),
    });
    this.#read();
  }

  /** How many requests wait for their answer. */
  get pendingRequests(): number {
    return this.#pending.length - this.#answered;
  }

  /** Whether the connection has ended. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * Sends a request and resolves with the response. Code that must run before the next line is looked at needs
   * {@linkcode Connection.send}.
   *
   * @throws {ConnectionLostError} If the connection ends before the answer came.
   */
  request(request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      this.send(request, (answer) => {
        if (answer instanceof ConnectionLostError) reject(answer);
        else resolve(answer);
      });
    });
  }

  /**
   * Sends a request.
   *
   * @param onAnswer Called once, at the very place in the stream of events where the answer stood.
   * @param isAwaited Whether a pause has to let the answer through.
   * @default {true, if there is `onAnswer`}
   */
  send(
    request: Request,
    onAnswer: (answer: Answer) => void = NOBODY,
    isAwaited = onAnswer !== NOBODY,
  ): void {
    if (this.#isEnded) {
      onAnswer(new ConnectionLostError("own", "The connection is closed"));
      return;
    }
    this.#pending.push({ id: request.id, onAnswer, isAwaited });
    if (isAwaited) this.#awaited++;
    const seen = this.seen?.();
    // Behind all other fields, where the server reads it most quickly.
    const line = withoutReplacements(
      encodeFrame(seen === undefined ? request : { ...request, seen }),
    );
    if (this.#overflow.length > 0 || !this.#outbox.put(line)) this.#overflow.push(line);
    this.#wake();
  }

  /**
   * Answers a probe of the server. An answer to an earlier one that the server has not seen yet does for this one, too:
   * any byte does.
   *
   * @param request What it is answered with.
   */
  answerProbe(request: Request): void {
    if (this.#isAnsweringProbe) return;
    this.#isAnsweringProbe = true;
    this.send(request, () => this.#isAnsweringProbe = false, false);
  }

  /** From now on the server is probed when it is silent; not before login, whose answer may take long. */
  watch(): void {
    if (!this.#isEnded) this.#silence.start();
  }

  /** Reads nothing but the answers to requests from now on. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Reads on. */
  resume(): void {
    this.#isPaused = false;
    this.#wake();
  }

  /** Ends the connection from this side, at once. Does nothing if it has ended. */
  close(): void {
    this.#end("own", "The connection was closed");
  }

  /**
   * Ends the connection at once; if there is room, says goodbye first and waits for nothing.
   *
   * @param confirms Whether it says what was seen, too.
   */
  hangUp(confirms: boolean): void {
    if (this.#isEnded) return;
    if (!confirms) this.seen = undefined;
    this.send({ event: "quit" });
    // By then the outbox has begun to write.
    queueMicrotask(() => queueMicrotask(() => this.close()));
  }

  /** Gives up a server that does not answer. */
  abandon(): void {
    this.#end("silent", "The server does not answer");
  }

  async #read(): Promise<void> {
    const source = {
      read: async (buffer: Uint8Array<ArrayBuffer>): Promise<number | null> => {
        while (this.#isPaused && this.#awaited === 0 && !this.#isEnded) {
          await new Promise<void>((resolve) => this.#wakeReader = resolve);
          this.#silence.heard();
        }
        if (this.#isEnded) return null;
        const count = await this.#link.read(buffer);
        this.#isCutOff = count === null;
        return count;
      },
    };
    const onBytes = (): void => this.#silence.heard();
    try {
      for await (
        const lines of new LineReader(source, { maxLine: MAX_FRAME_BYTES, onBytes })
      ) {
        for (const line of lines) this.#take(line);
        if (this.#isEnded) return;
      }
      this.#endClosed();
    } catch (cause) {
      this.#break(cause);
    }
  }

  #take(line: string): void {
    if (this.#isEnded) return;
    if (isOverlong(line)) {
      this.#end("overload", `a line of more than ${MAX_FRAME_BYTES / 1_048_576} MiB`);
      return;
    }
    let received;
    try {
      received = parseServerFrame(line);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      if (this.#isCutOff && this.#hasSpoken) return;
      if (error instanceof AnswerError) {
        this.#end("protocol", "The server sent an answer that cannot be read");
      } else if (this.#hasSpoken) this.#leaveOut(error.message);
      else if (line.startsWith(TLS_ALERT)) this.#endClosed();
      else this.#end("protocol", "What answers there does not speak JIM");
      return;
    }
    this.#hasSpoken = true;
    switch (received.kind) {
      case "response":
        this.#answer(received.frame);
        break;
      case "notice":
        if (received.frame.response === CODE.important) this.#lastWords = received.frame;
        this.#options.onEvent({ type: "notice", notice: received.frame, line });
        break;
      case "message":
        this.#options.onEvent({ type: "message", message: received.frame, line });
        break;
      case "change":
        this.#options.onEvent({ type: "change", change: received.frame, line });
        break;
      case "probe":
        this.#options.onEvent({ type: "probe" });
        break;
      case "unknown":
        break;
    }
  }

  #leaveOut(reason: string): void {
    if (++this.#malformed > MAX_MALFORMED) {
      this.#end("overload", `more than ${MAX_MALFORMED} lines that are no frames`);
    } else {
      this.#options.onEvent({ type: "malformed", reason });
    }
  }

  #answer(response: Response): void {
    const pending = this.#pending[this.#answered];
    if (pending === undefined || (response.id !== undefined && response.id !== pending.id)) {
      this.#end("protocol", "The server answered out of order");
      return;
    }
    this.#answered++;
    if (pending.isAwaited) this.#awaited--;
    // Many are dropped at once: moving a long queue at each answer would be slow.
    if (this.#answered > 512 && this.#answered * 2 > this.#pending.length) {
      this.#pending = this.#pending.slice(this.#answered);
      this.#answered = 0;
    }
    pending.onAnswer(response);
  }

  #refill(): void {
    let taken = 0;
    while (taken < this.#overflow.length && this.#outbox.put(this.#overflow[taken]!)) taken++;
    this.#overflow = this.#overflow.slice(taken);
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }

  #break(cause: unknown): void {
    if (cause instanceof Deno.errors.ConnectionReset && !this.#hasSpoken) this.#endClosed();
    else this.#end("broken", "The connection broke", { cause });
  }

  #endClosed(): void {
    if (this.#hasSpoken || this.#options.tls) {
      this.#end("closed", "The server closed the connection");
    } else {
      this.#end("wordless", "The server closed the connection without a word; it may speak TLS");
    }
  }

  #end(reason: LossReason, message: string, options?: ErrorOptions): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#silence.stop();
    this.#outbox.close();
    try {
      this.#link.close();
    } catch {
      // Closed already by the failure that is being handled.
    }
    this.#wake();
    // The peer may be reset behind its last words.
    const lastWords = reason === "closed" || reason === "broken" ? this.#lastWords : undefined;
    const error = new ConnectionLostError(reason, message, {
      ...options,
      notice: lastWords?.alert,
      announced: lastWords?.reason,
    });
    const waiting = this.#pending.slice(this.#answered);
    this.#pending = [];
    this.#answered = this.#awaited = 0;
    this.#overflow = [];
    for (const pending of waiting) pending.onAnswer(error);
    this.#options.onEnd(error);
  }
}

/** As it stands, U+FFFD is what bytes become that are no UTF-8, and the server refuses it; escaped it is itself. */
function withoutReplacements(line: string): string {
  return line.replaceAll("\ufffd", "\\ufffd");
}
