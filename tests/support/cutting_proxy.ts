/**
 * A proxy whose connections break in the middle of what they carry.
 *
 * @module
 */

/** Listens on a port of the loopback interface and hands all bytes on, until a connection has carried its share. */
export class CuttingProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.Conn[] = [];
  readonly #pumps: Promise<void>[] = [];
  readonly #share: () => number;
  /** Connections that were cut. */
  cuts = 0;
  /** Whether those who connect are hung up on at once. */
  isDown = false;
  /** How many have connected. */
  visits = 0;

  /**
   * @param target The server.
   * @param share How many bytes each connection carries in both directions before it is cut; by default any number.
   */
  constructor(target: { hostname: string; port: number }, share = (): number => Infinity) {
    this.#share = share;
    this.#pumps.push(this.#accept(target));
  }

  /** Where to connect instead of the server. */
  get address(): { hostname: string; port: number } {
    const { hostname, port } = this.#listener.addr;
    return { hostname, port };
  }

  /** All connections that there are break. */
  cut(): void {
    this.cuts += this.#conns.length / 2;
    for (const conn of this.#conns.splice(0)) close(conn);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) close(conn);
    await Promise.all(this.#pumps);
  }

  async #accept(target: { hostname: string; port: number }): Promise<void> {
    try {
      for await (const near of this.#listener) {
        this.visits++;
        if (this.isDown) {
          near.close();
          continue;
        }
        const far = await Deno.connect(target).catch(() => undefined);
        if (far === undefined) {
          near.close();
          continue;
        }
        this.#conns.push(near, far);
        const left = { bytes: this.#share() };
        this.#pumps.push(this.#pump(near, far, left), this.#pump(far, near, left));
      }
    } catch {
      // The listener was closed.
    }
  }

  async #pump(from: Deno.Conn, to: Deno.Conn, left: { bytes: number }): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let count; left.bytes > 0 && (count = await from.read(buffer)) !== null;) {
        let part = buffer.subarray(0, Math.min(count, left.bytes));
        left.bytes -= count;
        if (left.bytes <= 0) this.cuts++;
        while (part.length > 0) part = part.subarray(await to.write(part));
      }
    } catch {
      // One of the two has gone.
    }
    close(from);
    close(to);
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
