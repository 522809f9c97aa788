import { assert, assertEquals } from "@std/assert";

import { hashOfToken, isSameHash, newToken, wasGivenOut } from "../../../server/accounts/tokens.ts";

Deno.test("a token is 24 bytes that never come twice, and a seal, short enough for the protocol", () => {
  const tokens = Array.from({ length: 100 }, newToken);
  assertEquals(new Set(tokens.map(({ token }) => token)).size, 100);
  for (const { token, hash } of tokens) {
    assert(/^[\w-]{64}$/.test(token), token);
    assertEquals(hash, hashOfToken(token));
    assert(!hash.includes(token));
  }
});

Deno.test("hashes are the same or not, whatever their length", () => {
  const [one, other] = [hashOfToken("a"), hashOfToken("b")];
  assert(isSameHash(one, hashOfToken("a")));
  for (const wrong of [other, "", one.slice(1), `${one}x`]) assert(!isSameHash(one, wrong));
});

Deno.test("a server knows the tokens that it has made, and no other text", () => {
  const { token } = newToken();
  const other = newToken().token;
  assert(wasGivenOut(token));
  const mixed = token.slice(0, 32) + other.slice(32);
  for (const wrong of ["", "x".repeat(64), token.slice(1), `${token}x`, mixed]) {
    assert(!wasGivenOut(wrong), wrong);
  }
});
