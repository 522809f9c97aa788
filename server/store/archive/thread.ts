import { type Clock, systemClock, type Timer } from "../../../common/clock.ts";
import { StoreError } from "../store.ts";
import { LAST_WORDS } from "./last_words.ts";
import type {
  ArchiveCall,
  ArchiveRunner,
  CallArguments,
  CallMessage,
  Done,
  ReplyMessage,
} from "./runner.ts";

/** Milliseconds after which a call is given up, and its thread with it. What is asked takes far less. */
const LOST_AFTER_MS = 30_000;
/** Milliseconds for closing the connection: a server that stops has only seconds. */
const CLOSED_AFTER_MS = 1_000;

/** The folders in which the thread's modules are. */
const MODULES = ["../../../common", "../.."].map((folder) => new URL(folder, import.meta.url));

/** What an {@linkcode ArchiveThread} may be told. */
export interface ArchiveThreadOptions {
  /** Called when the thread has ended by itself or was given up; the next call starts another. */
  onLost?: (error: StoreError) => void;
  /**
   * Starts a thread.
   *
   * @default a worker that runs `worker.ts`
   */
  start?: (path: string) => Worker;
  /**
   * Measures how long calls take: the machine's time, whatever the store's is.
   *
   * @default {systemClock}
   */
  clock?: Clock;
}

/** The call that is under way. */
interface Pending {
  readonly resolve: (reply: ReplyMessage) => void;
  readonly reject: (error: StoreError) => void;
  readonly timer: Timer;
}

/**
 * An archive in a thread of its own, on a connection of its own.
 *
 * Guarantees:
 * 1. The thread is started by the first call, and the database is opened by the first that needs it.
 * 2. A call settles, whatever becomes of the thread. One that dies is noticed at once, one that hangs after half a
 *    minute; what it had begun to write is undone, and another one is started by the next call.
 */
export class ArchiveThread implements ArchiveRunner {
  readonly #path: string;
  readonly #options: ArchiveThreadOptions;
  readonly #clock: Clock;
  #worker: Worker | undefined;
  #isOpen = false;
  #pending: Pending | undefined;
  #isClosed = false;

  /**
   * Starts nothing yet.
   *
   * @param path The database file; it exists, with today's tables.
   */
  constructor(path: string, options: ArchiveThreadOptions = {}) {
    this.#path = path;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Whether this program may start it: for that, it has to be allowed to read its own modules. Asks nobody. */
  static isAllowed(): boolean {
    return MODULES.every((path) =>
      Deno.permissions.querySync({ name: "read", path }).state === "granted"
    );
  }

  /** See {@linkcode ArchiveRunner.isOpen}. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** See {@linkcode ArchiveRunner.start}. */
  async start(): Promise<void> {
    if (this.#worker === undefined) await this.#reply("start");
  }

  /** See {@linkcode ArchiveRunner.open}. */
  async open(): Promise<void> {
    if (!this.#isOpen) await this.#reply("open");
    this.#isOpen = true;
  }

  /** See {@linkcode ArchiveRunner.ask}. */
  async ask<Call extends ArchiveCall>(
    call: Call,
    ...args: CallArguments<Call>
  ): Promise<Done<Call>> {
    return await this.#reply({ call, args }) as Done<Call>;
  }

  /** See {@linkcode ArchiveRunner.close}. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const busy = this.#settle();
    busy?.reject(new StoreError("Database is closed"));
    // It closes its connection first, if it has time: whoever closes the last one tidies up the file.
    if (this.#worker !== undefined && busy === undefined) {
      await this.#exchange("close", CLOSED_AFTER_MS).catch(() => {});
    }
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#isOpen = false;
  }

  async #reply(message: CallMessage): Promise<ReplyMessage> {
    if (this.#isClosed) throw new StoreError("Database is closed");
    const reply = await this.#exchange(message);
    if (typeof reply === "object" && "fault" in reply) throw new StoreError(reply.fault);
    return reply;
  }

  #exchange(message: CallMessage, lostAfterMs = LOST_AFTER_MS): Promise<ReplyMessage> {
    if (this.#pending !== undefined) throw new Error("The archive was asked two things at once");
    return new Promise((resolve, reject) => {
      const worker = this.#worker ??= this.#start();
      const timer = this.#clock.setTimeout(
        () => this.#lose(worker, `no answer for ${lostAfterMs / 1000} s`),
        lostAfterMs,
      );
      this.#pending = { resolve, reject, timer };
      worker.postMessage(message);
    });
  }

  #start(): Worker {
    const { start = startWorker } = this.#options;
    const worker = start(this.#path);
    worker.onmessage = ({ data }: MessageEvent<ReplyMessage>) => {
      if (data === LAST_WORDS) this.#lose(worker, "it ended by itself");
      else if (worker === this.#worker) this.#settle()?.resolve(data);
    };
    // A module that cannot be loaded: later errors are the thread's own to catch.
    worker.onerror = (event) => {
      event.preventDefault(); // it would end the server
      this.#lose(worker, "it ended by itself");
    };
    worker.onmessageerror = () => this.#lose(worker, "it cannot be understood");
    return worker;
  }

  #lose(worker: Worker, why: string): void {
    worker.terminate();
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#isOpen = false;
    const error = new StoreError(`The archive's thread was lost: ${why}`);
    this.#settle()?.reject(error);
    this.#options.onLost?.(error);
  }

  #settle(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending !== undefined) this.#clock.clearTimeout(pending.timer);
    return pending;
  }
}

function startWorker(path: string): Worker {
  return new Worker(new URL("worker.ts", import.meta.url), { type: "module", name: path });
}
