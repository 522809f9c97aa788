import type { ByteReceiver, Link } from "../../common/link.ts";
import { giveOnce } from "./byte_source.ts";

/** A connection whose two ends are in the test's hands. */
export class FakeConn implements Link {
  /** All that was written, one entry per `write`. */
  readonly writes: string[] = [];
  /** Whether `closeWrite` was called. */
  isWriteClosed = false;
  /** Whether `close` was called. */
  isClosed = false;
  /** While `false`, writes do not come to an end. */
  #takes = true;
  /** Writes that have not come to an end. */
  #writing = 0;
  #blocked: (() => void)[] = [];
  #input: Uint8Array[] = [];
  #hasEnded = false;
  #failure: Error | undefined;
  #reader: (() => void) | undefined;

  /** The frames that were written. */
  get frames(): Record<string, unknown>[] {
    return this.writes.join("").split("\n").filter((line) => line !== "").map((line) =>
      JSON.parse(line)
    );
  }

  /** The peer says something. */
  feed(data: string | Uint8Array): void {
    this.#input.push(typeof data === "string" ? new TextEncoder().encode(data) : data);
    this.#wake();
  }

  /** The peer says something as one frame a line. */
  feedFrames(...frames: unknown[]): void {
    this.feed(frames.map((frame) => JSON.stringify(frame) + "\n").join(""));
  }

  /** The peer closes its sending side. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** The peer resets the connection. */
  reset(): void {
    this.#failure = new Deno.errors.ConnectionReset("reset by peer");
    this.#wake();
  }

  /** The peer takes nothing more, or does again. */
  set takes(takes: boolean) {
    this.#takes = takes;
    if (takes) { for (const resolve of this.#blocked.splice(0)) resolve(); }
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (true) {
      if (this.isClosed) throw new Deno.errors.BadResource("closed");
      if (this.#failure) throw this.#failure;
      const chunk = this.#input.shift();
      if (chunk !== undefined) {
        const part = chunk.subarray(0, buffer.length);
        if (part.length < chunk.length) this.#input.unshift(chunk.subarray(part.length));
        buffer.set(part);
        return part.length;
      }
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => this.#reader = resolve);
    }
  }

  /** As a socket's handle does. */
  receive(receiver: ByteReceiver): void {
    giveOnce(this, receiver);
  }

  async write(bytes: Uint8Array): Promise<number> {
    const text = new TextDecoder().decode(bytes);
    this.#writing++;
    while (!this.#takes && !this.isClosed) {
      await new Promise<void>((resolve) => this.#blocked.push(resolve));
    }
    this.#writing--;
    if (this.isClosed) throw new Deno.errors.BadResource("closed");
    this.writes.push(text);
    return bytes.length;
  }

  /** As `Deno.Conn` does, waits until the writes before it have ended. */
  async closeWrite(): Promise<void> {
    while (this.#writing > 0 && !this.isClosed) {
      await new Promise<void>((resolve) => this.#blocked.push(resolve));
    }
    this.isWriteClosed = true;
  }

  close(): void {
    if (this.isClosed) throw new Deno.errors.BadResource("closed");
    this.isClosed = true;
    this.#wake();
    for (const resolve of this.#blocked.splice(0)) resolve();
  }

  #wake(): void {
    this.#reader?.();
    this.#reader = undefined;
  }
}
