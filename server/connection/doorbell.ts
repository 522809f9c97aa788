/**
 * A way to wait until the runtime has looked at its sockets.
 *
 * @module
 */

const PUSH = new Uint8Array(1);

/**
 * A connection to ourselves (Bernstein's self-pipe trick): a byte written at one end arrives at the other
 * only when the event loop has asked the system which sockets are ready. `setImmediate`, a message port or
 * work on another thread come back without that.
 *
 * Opened when it is first used. Where that fails (no descriptor left, no permission), a timer stands in for that time.
 */
export class Doorbell implements Disposable {
  #opening: Promise<[Deno.Conn, Deno.Conn] | undefined> | undefined;
  #isDisposed = false;

  /** Resolves after the next look at the sockets. Not to be called again before. */
  async ring(): Promise<void> {
    if (this.#isDisposed) return;
    const ends = await (this.#opening ??= open());
    if (ends === undefined) {
      this.#opening = undefined; // the next one may have more luck
      return await pause();
    }
    try {
      const heard = ends[1].read(new Uint8Array(1));
      await ends[0].write(PUSH);
      await heard;
    } catch {
      if (!this.#isDisposed) await pause();
    }
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#opening?.then((ends) => ends?.forEach((end) => end.close()));
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

async function open(): Promise<[Deno.Conn, Deno.Conn] | undefined> {
  try {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    near.setNoDelay();
    for (;;) {
      const far = await listener.accept();
      // Nobody else should know the port, but a stranger who does must not become our doorbell.
      if (far.remoteAddr.port === near.localAddr.port) return [near, far];
      far.close();
    }
  } catch {
    return undefined;
  }
}
