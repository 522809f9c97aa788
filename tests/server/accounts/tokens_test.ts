import { assert, assertEquals } from "@std/assert";

import { hashOfToken, isSameHash, newToken } from "../../../server/accounts/tokens.ts";

Deno.test("a token is 32 bytes that never come twice, short enough for the protocol", () => {
  const tokens = Array.from({ length: 100 }, newToken);
  assertEquals(new Set(tokens.map(({ token }) => token)).size, 100);
  for (const { token, hash } of tokens) {
    assert(/^[\w-]{43}$/.test(token), token);
    assertEquals(hash, hashOfToken(token));
    assert(!hash.includes(token));
  }
});

Deno.test("hashes are the same or not, whatever their length", () => {
  const [one, other] = [hashOfToken("a"), hashOfToken("b")];
  assert(isSameHash(one, hashOfToken("a")));
  for (const wrong of [other, "", one.slice(1), `${one}x`]) assert(!isSameHash(one, wrong));
});
