/**
 * A proxy whose ways can swallow all, each by itself, as a firewall does that drops packets.
 *
 * @module
 */

/** Listens on a port of the loopback interface and hands all bytes on, but for what it is told to lose. */
export class OneWayProxy implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns = new Set<Deno.Conn>();
  readonly #pumps: Promise<void>[] = [];
  /** Whether what the client sends is lost, on connections there are and on new ones. */
  losesSent = false;
  /** Whether what the server sends is lost. */
  losesReceived = false;

  /** @param target `host:port` of the server. */
  constructor(target: string) {
    const [hostname, port] = target.split(":");
    this.#pumps.push(this.#accept({ hostname: hostname!, port: Number(port) }));
  }

  /** Where to connect instead: `host:port`. */
  get address(): string {
    const { hostname, port } = this.#listener.addr;
    return `${hostname}:${port}`;
  }

  /** Nothing goes through any more. */
  cut(): void {
    this.losesSent = this.losesReceived = true;
  }

  /** New connections work. Those there are end: bytes of them are missing. */
  mend(): void {
    this.losesSent = this.losesReceived = false;
    for (const conn of this.#conns) close(conn);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.mend();
    await Promise.all(this.#pumps);
  }

  async #accept(target: { hostname: string; port: number }): Promise<void> {
    try {
      for await (const near of this.#listener) {
        const far = await Deno.connect(target).catch(() => undefined);
        if (far === undefined) {
          close(near);
          continue;
        }
        this.#conns.add(near).add(far);
        this.#pumps.push(
          this.#pump(near, far, () => this.losesSent),
          this.#pump(far, near, () => this.losesReceived),
        );
      }
    } catch {
      // The listener was closed.
    }
  }

  async #pump(from: Deno.Conn, to: Deno.Conn, isLost: () => boolean): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        for (let part = buffer.subarray(0, count); !isLost() && part.length > 0;) {
          part = part.subarray(await to.write(part));
        }
      }
    } catch {
      // One of the two has gone.
    }
    close(from);
    close(to);
    this.#conns.delete(from);
    this.#conns.delete(to);
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
