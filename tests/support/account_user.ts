import type { FakeUser } from "./fake_user.ts";
import type { House } from "./house.ts";

/** Somebody comes with an account, which is made. */
export async function withAccount(
  { context, store, come }: House,
  name: string,
): Promise<FakeUser> {
  const user = come(name);
  await store.createAccount(user.folded, name, "hash");
  user.becomeAccount(context.delivery.openMailbox(user));
  return user;
}
