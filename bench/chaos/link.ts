/**
 * A link between a node and a NATS server that can be cut, blocked in one direction, and slowed down.
 *
 * @module
 */

/** Which bytes are held up: those to the NATS server, those from it, or all. */
export type Direction = "to" | "from" | "both";

/** Listens on a loopback port and hands all bytes on, as far as its state lets them through. */
export class Link implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: { hostname: string; port: number };
  readonly #conns = new Set<Deno.Conn>();
  readonly #work: Promise<void>[] = [];
  #blocked: Direction | undefined;
  #open = Promise.withResolvers<void>();
  /** Milliseconds by which each piece is late. */
  delayMs = 0;
  /** Whether whoever connects is hung up on. */
  isDown = false;

  /** Leads to a port of the loopback interface. */
  constructor(port: number) {
    this.#target = { hostname: "127.0.0.1", port };
    this.#open.resolve();
    this.#work.push(this.#accept());
  }

  /** Where to connect instead. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Breaks all connections. */
  cut(): void {
    for (const conn of this.#conns) close(conn);
    this.#conns.clear();
  }

  /** From now on bytes wait, and nobody learns of it. */
  block(direction: Direction): void {
    this.#blocked = direction;
    this.#open = Promise.withResolvers<void>();
  }

  /** All is let through again, what waited first. */
  heal(): void {
    this.isDown = false;
    this.delayMs = 0;
    this.#blocked = undefined;
    this.#open.resolve();
  }

  /** Breaks and ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.heal();
    this.cut();
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    try {
      for await (const near of this.#listener) this.#work.push(this.#join(near));
    } catch {
      // The listener was closed.
    }
  }

  async #join(near: Deno.Conn): Promise<void> {
    const far = this.isDown ? undefined : await Deno.connect(this.#target).catch(() => undefined);
    if (far === undefined) return close(near);
    this.#conns.add(near).add(far);
    await Promise.all([this.#pump(near, far, "to"), this.#pump(far, near, "from")]);
    this.#conns.delete(near);
    this.#conns.delete(far);
  }

  async #pump(from: Deno.Conn, to: Deno.Conn, direction: Direction): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let count; (count = await from.read(buffer)) !== null;) {
        if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
        while (this.#blocked === direction || this.#blocked === "both") await this.#open.promise;
        for (let part = buffer.subarray(0, count); part.length > 0;) {
          part = part.subarray(await to.write(part));
        }
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
