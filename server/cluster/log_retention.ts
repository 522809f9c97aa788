import type { Clock, Timer } from "../../common/clock.ts";
import { LIMITS } from "../../common/limits.ts";
import type { Lifetime } from "./operation.ts";
import type { Replication } from "./replication.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Once an hour has all nodes let go of what is too old, and takes it out of the log. One node does it for all: which one
 * does not matter, nor does it if two do it at once.
 */
export class LogRetention implements Disposable {
  readonly #replication: Replication;
  readonly #touch: () => Promise<void>;
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  #timer: Timer | undefined;
  #isOver = false;

  /**
   * Begins nothing yet.
   *
   * @param options.touch Writes down which rooms people of this node are in: they are not old.
   * @param options.onFault Called when it has failed; it is tried again an hour later.
   */
  constructor(
    replication: Replication,
    { touch, clock, onFault }: {
      readonly touch: () => Promise<void>;
      readonly clock: Clock;
      readonly onFault: (error: unknown) => void;
    },
  ) {
    this.#replication = replication;
    this.#touch = touch;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  /** Does it now, and every hour. */
  start(): void {
    this.run().catch(this.#onFault).finally(() => {
      if (!this.#isOver) this.#timer = this.#clock.setTimeout(() => this.start(), HOUR_MS);
    });
  }

  /** Does it once, if no node has done so within the hour. */
  async run(): Promise<void> {
    await this.#touch();
    const { copy: { retention }, log } = this.#replication;
    if (this.#clock.epochMs() - this.#replication.lastTidy < HOUR_MS) return;
    const now = this.#clock.epochMs();
    // First of all, so that the newest entry is one that stays.
    await this.#replication.perform({ do: "tidy", terms: retention });
    const forget = (lifetime: Lifetime, ms: number): Promise<void> =>
      log.forget(lifetime, new Date(now - ms));
    await forget("text", Math.max(retention.historyDays, retention.mailDays) * DAY_MS);
    await forget("pass", retention.resumeHours * HOUR_MS + DAY_MS);
    await forget("day", (Math.max(retention.knownDays, LIMITS.trustedDays) + 1) * DAY_MS);
  }

  /** Begins no more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#clock.clearTimeout(this.#timer);
  }
}
