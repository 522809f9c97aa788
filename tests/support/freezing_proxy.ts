/**
 * A proxy whose connections can die without a word, as when a laptop sleeps or a network changes.
 *
 * @module
 */

/** Listens on a port of the loopback interface and hands all bytes on, until it is told to freeze. */
export class FreezingProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.Conn[] = [];
  readonly #pumps: Promise<void>[] = [];
  /** Whether what belongs to it is handed on: one for all connections up to a freeze. */
  #flow = { isOpen: true };

  /** @param target The server. */
  constructor(target: { hostname: string; port: number }) {
    this.#pumps.push(this.#accept(target));
  }

  /** Where to connect instead of the server. */
  get address(): { hostname: string; port: number } {
    const { hostname, port } = this.#listener.addr;
    return { hostname, port };
  }

  /** From now on no byte and no end of the connections there are reaches the other side; new ones are served. */
  freeze(): void {
    this.#flow.isOpen = false;
    this.#flow = { isOpen: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) close(conn);
    await Promise.all(this.#pumps);
  }

  async #accept(target: { hostname: string; port: number }): Promise<void> {
    try {
      for await (const near of this.#listener) {
        const far = await Deno.connect(target);
        this.#conns.push(near, far);
        const flow = this.#flow;
        this.#pumps.push(pump(near, far, flow), pump(far, near, flow));
      }
    } catch {
      // The listener was closed.
    }
  }
}

async function pump(from: Deno.Conn, to: Deno.Conn, flow: { isOpen: boolean }): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      for (let part = buffer.subarray(0, count); flow.isOpen && part.length > 0;) {
        part = part.subarray(await to.write(part));
      }
    }
  } catch {
    // One of the two has gone.
  }
  if (flow.isOpen) close(to);
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
