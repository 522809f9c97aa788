import type { Peer } from "../../server/events/handler.ts";
import type { User } from "../../server/people/user.ts";
import { FakeOutlet } from "./fake_user.ts";

/** A connection that asks, without a socket. */
export class FakePeer implements Peer {
  readonly address = "192.0.2.1:1";
  readonly network = "192.0.2.1";
  readonly outlet: FakeOutlet = new FakeOutlet();
  /** While `true`, nobody can be attached. */
  isEnding = false;
  /** Wrong passwords that it may still say before `loginFailed` is `true`. */
  attempts = 3;
  /** For each line it has waited in: whether it still does, and whether others are the cause. */
  readonly waits: { isOver: boolean; isOthersDoing: () => boolean }[] = [];
  readonly #controller = new AbortController();
  #user: User | undefined;

  get user(): User | undefined {
    return this.#user?.outlet === this.outlet ? this.#user : undefined;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What was sent to the client. */
  get frames(): Record<string, unknown>[] {
    return this.outlet.frames;
  }

  attach(user: User): boolean {
    if (this.isEnding || this.#user !== undefined) return false;
    this.#user = user;
    return true;
  }

  waitInLine(isOthersDoing: () => boolean): Disposable {
    const wait = { isOver: false, isOthersDoing };
    this.waits.push(wait);
    return { [Symbol.dispose]: () => void (wait.isOver = true) };
  }

  /** Whether the client has hung up. */
  hasHungUp = false;

  unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
    return this.hasHungUp ? Promise.resolve(undefined) : work;
  }

  loginFailed(): boolean {
    return --this.attempts <= 0;
  }

  /** The connection ends. */
  end(): void {
    this.isEnding = true;
    this.#controller.abort();
  }
}
