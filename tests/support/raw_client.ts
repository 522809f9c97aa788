/**
 * A peer that knows nothing of the protocol but lines: what the server is shown to do, it is shown to this.
 *
 * @module
 */

import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** A frame as it came, with the fields that tests look at. */
export interface Frame {
  readonly [field: string]: unknown;
  readonly response?: number;
  readonly event?: string;
  readonly action?: string;
  readonly time?: number;
  readonly alert?: string;
  readonly error?: string;
  readonly id?: string | number;
}

/** A line that came. */
class Received {
  readonly line: string;
  #frame: Frame | undefined;

  constructor(line: string) {
    this.line = line;
  }

  /** What it says. Parsed when it is asked for, and once: who waits for a response looks at all lines before it. */
  get frame(): Frame {
    return this.#frame ??= JSON.parse(this.line) as Frame;
  }

  get isResponse(): boolean {
    return this.frame.response! >= 200;
  }
}

/**
 * Waiting longer than this fails a test. Nothing waits for it to pass: it is there for what never happens, and far more
 * than what happens takes on a machine with ten times as much to do as it has cores.
 */
export const DEADLINE_MS = 120_000;

const encoder = new TextEncoder();

/** Rejects, saying what was waited for, if the promise takes longer than `ms`, by default {@linkcode DEADLINE_MS}. */
export async function withDeadline<T>(
  promise: Promise<T>,
  what: () => string,
  ms = DEADLINE_MS,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited in vain: ${what()}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How a connection ended: closed in order, or reset. */
export type End = "closed" | "reset";

/**
 * One connection. Reads all the time, unless it is paused; keeps what came until a test takes it.
 * A socket of `node:net`, because that can be reset.
 */
export class RawClient implements Disposable {
  readonly #socket: Socket;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  readonly #lines: Received[] = [];
  #rest = "";
  #end: End | undefined;
  #news = Promise.withResolvers<void>();
  #probes = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Uint8Array) => {
      const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
      const lines = text.split("\n");
      this.#rest = lines.pop()!;
      for (const line of lines) this.#lines.push(new Received(line));
      this.#tell();
    });
    socket.on("end", () => this.#over("closed"));
    socket.on("error", () => this.#over("reset"));
    socket.on("close", () => this.#over("reset"));
  }

  /**
   * Connects.
   *
   * @param address Where to.
   * @param localAddress From where; by default the system chooses.
   * @param ca Speak TLS, and trust this certificate (PEM).
   * @param prelude What a proxy says first, before TLS.
   */
  static async connect(
    { hostname, port }: { hostname: string; port: number },
    localAddress?: string,
    ca?: string,
    prelude?: Uint8Array,
  ): Promise<RawClient> {
    const options = {
      host: hostname,
      port,
      allowHalfOpen: true, // else it would close as soon as the server has said its last word
      noDelay: true,
      ...(localAddress !== undefined && { localAddress }),
    };
    const plain = connectSocket(options);
    await happened(plain, "connect");
    if (prelude !== undefined) plain.write(prelude);
    if (ca === undefined) return new RawClient(plain);
    const secure = connectTls({ ...options, ca, socket: plain });
    await happened(secure, "secureConnect");
    return new RawClient(secure);
  }

  /** How many lines have come that were not taken. */
  get unread(): number {
    return this.#lines.length;
  }

  /** Sends frames, a line each, in one go. */
  send(...frames: readonly object[]): Promise<void> {
    return this.sendText(frames.map((frame) => JSON.stringify(frame) + "\n").join(""));
  }

  /** Sends text as it is. */
  sendText(text: string): Promise<void> {
    return this.sendBytes(encoder.encode(text));
  }

  /** Sends bytes as they are; resolves when the system has taken them. */
  sendBytes(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve())
    );
  }

  /** Sends a request and takes its answer, which must be the next response. */
  async ask(frame: object): Promise<Frame> {
    await this.send(frame);
    return await this.response();
  }

  /** Sends one line of text and takes the answer to it. */
  async askText(line: string): Promise<Frame> {
    await this.sendText(line + "\n");
    return await this.response();
  }

  /** The next line, or `undefined` at the end. */
  async line(): Promise<string | undefined> {
    await this.#until(() => this.#lines.length > 0 || this.#end !== undefined, "a line");
    return this.#lines.shift()?.line;
  }

  /** The next frame. */
  async frame(): Promise<Frame> {
    const line = await this.line();
    if (line === undefined) throw new Error(`Waited for a frame, the connection was ${this.#end}`);
    return JSON.parse(line);
  }

  /** So many next frames. */
  async frames(count: number): Promise<Frame[]> {
    await this.#until(
      () => this.#lines.length >= count || this.#end !== undefined,
      `${count} lines`,
    );
    const frames = this.#lines.splice(0, count).map(({ frame }) => frame);
    if (frames.length === count) return frames;
    throw new Error(`Waited for ${count} frames, got ${frames.length}; then: ${this.#end}`);
  }

  /** The next response; messages and notices before it stay for `frame`. */
  async response(): Promise<Frame> {
    await this.#until(
      () => this.#lines.some(({ isResponse }) => isResponse) || this.#end !== undefined,
      "a response",
    );
    const at = this.#lines.findIndex(({ isResponse }) => isResponse);
    if (at === -1) throw new Error(`Waited for a response, the connection was ${this.#end}`);
    return this.#lines.splice(at, 1)[0]!.frame;
  }

  /**
   * Everything that the server has sent so far and was not taken: what comes before the answer to a probe.
   * Shows that something did not come, without waiting for time.
   */
  async pending(): Promise<Frame[]> {
    const id = `pending ${++this.#probes}`;
    await this.send({ event: "probe", id });
    const frames: Frame[] = [];
    for (;;) {
      const frame = await this.frame();
      if (frame.id === id) return frames;
      frames.push(frame);
    }
  }

  /** Waits for the end; all frames until then, and how it came. */
  async ended(): Promise<{ frames: Frame[]; end: End }> {
    await this.#until(() => this.#end !== undefined, "the end of the connection");
    return { frames: this.#lines.splice(0).map(({ frame }) => frame), end: this.#end! };
  }

  /** Reads no more until {@linkcode RawClient.resume}. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Sends no more, reads on. */
  finish(): void {
    this.#socket.end();
  }

  /** Closes the connection, if it is not closed. */
  close(): void {
    this.#socket.destroy();
  }

  /** Ends the connection with a reset (RST) instead of a close (FIN). */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #until(isTrue: () => boolean, what: string): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!isTrue()) await this.#news.promise;
    };
    if (!isTrue()) await withDeadline(wait(), () => `${what}; there are ${this.#describe()}`);
  }

  #describe(): string {
    const lines = this.#lines.slice(0, 5).map(({ line }) => line.slice(0, 200));
    return `${this.#lines.length} lines ${JSON.stringify(lines)}, end: ${this.#end}`;
  }

  #over(end: End): void {
    this.#end ??= this.#rest === "" ? end : "reset";
    this.#tell();
  }

  #tell(): void {
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers<void>();
    resolve();
  }
}

function happened(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once("error", reject);
  });
}
