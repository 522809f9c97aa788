/**
 * Our server while monitoring asks for its metrics.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../common/clock.ts";
import { messageOf, StartError } from "../common/errors.ts";
import { freePort, JIM, type Server, startUnlimited } from "./servers.ts";

/** Milliseconds from one answer to the next question. Prometheus asks every 15 s, or once a minute. */
const EVERY_MS = 1_000;

/** With `--metrics`, which are asked for once a second. */
export const METERED: Server = {
  ...JIM,
  id: "metered",
  title: "one that is asked for metrics",
  isVariant: true,
  async start(host, rate = 0) {
    await using stack = new AsyncDisposableStack();
    const port = freePort();
    const flags = ["--db", ":memory:", "--rate", `${rate}`, "--metrics", `${port}`];
    const server = stack.use(await startUnlimited(this, host, flags));
    stack.use(await Scraper.start(`http://127.0.0.1:${port}/metrics`));
    const parts = stack.move();
    return { ...server, [Symbol.asyncDispose]: () => parts.disposeAsync() };
  },
};

/** Asks for metrics, reads them and forgets them, again and again until it is disposed of. */
export class Scraper implements AsyncDisposable {
  readonly #url: string;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #asking: Promise<void> = Promise.resolve();
  #fault: unknown;
  #isOver = false;

  private constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
  }

  /**
   * Asks for the first time, and goes on once a second.
   *
   * @throws {StartError} If the first answer is none.
   */
  static async start(url: string, clock: Clock = systemClock): Promise<Scraper> {
    const scraper = new Scraper(url, clock);
    await scraper.#ask();
    scraper.#next();
    return scraper;
  }

  /**
   * Ends it.
   *
   * @throws {StartError} If a question was not answered: then nothing was measured that is worth it.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#clock.clearTimeout(this.#timer);
    await this.#asking;
    if (this.#fault !== undefined) throw this.#fault;
  }

  #next(): void {
    if (this.#isOver) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#asking = this.#ask().then(() => this.#next(), (fault) => {
        this.#fault = fault;
      });
    }, EVERY_MS);
  }

  async #ask(): Promise<void> {
    try {
      const response = await fetch(this.#url);
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text.trim()}`);
    } catch (cause) {
      throw new StartError(`Cannot read the metrics at ${this.#url}: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
}
