import { openSqliteStore } from "../../server/store/sqlite.ts";
import type { Store } from "../../server/store/store.ts";

/** What asks no disk. */
const IN_MEMORY = new Set<string | symbol>(["nextSeq", "close"]);
/** What answers without a promise. */
const AT_ONCE = new Set<string | symbol>([
  "hasLegacyAccount",
  "checkRoom",
  "findEarlier",
  "hasMessage",
]);

/** A store that fails, while it is told to, at everything that a server asks of it. */
export class BrokenStore implements AsyncDisposable {
  /** Whether it fails. */
  isBroken = false;
  /** What to hand to the server. */
  readonly store: Store;

  /** @param reason What its errors say. */
  constructor(reason: string) {
    const store = openSqliteStore(":memory:");
    this.store = this.#breaking(store, reason, { rooms: this.#breaking(store.rooms, reason) });
  }

  #breaking<T extends object>(target: T, reason: string, parts: Partial<T> = {}): T {
    return new Proxy(target, {
      get: (_, name) => {
        const member = Reflect.get(Object.hasOwn(parts, name) ? parts : target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          const fails = this.isBroken && typeof name === "string" && !IN_MEMORY.has(name);
          if (!fails) return member.apply(target, args);
          if (AT_ONCE.has(name)) throw new Error(reason);
          return Promise.reject(new Error(reason));
        };
      },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.store[Symbol.asyncDispose]();
  }
}
