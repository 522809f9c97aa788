import { assertEquals } from "@std/assert";

import { Passwords } from "../../../server/accounts/passwords.ts";

Deno.test("a cheap hash stays as it is once the module is loaded, and not before", async () => {
  const hash = await new Passwords({ cost: { logN: 1, r: 8, p: 1 } }).hash("correct horse");
  const passwords = new Passwords();
  assertEquals(passwords.needsRehash(hash), true);
  await import("../../../bench/kept/cheap_logins.ts");
  assertEquals(passwords.needsRehash(hash), false);
  assertEquals(await passwords.verify("correct horse", hash), true);
  assertEquals(await passwords.verify("another horse", hash), false);
});
