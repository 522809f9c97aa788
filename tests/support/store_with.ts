import type { Store } from "../../server/store/store.ts";

/** The same store with some methods replaced. */
export function storeWith(store: Store, replaced: Partial<Store>): Store {
  return new Proxy(store, {
    get: (store, name) => {
      const member = Reflect.get(Object.hasOwn(replaced, name) ? replaced : store, name);
      return typeof member === "function" ? member.bind(store) : member;
    },
  });
}
