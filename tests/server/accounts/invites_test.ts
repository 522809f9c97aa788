import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";

import { hashOfInvite, newInvite } from "../../../server/accounts/invites.ts";

Deno.test("a code has four groups of five signs, and is another one each time", () => {
  const made = Array.from({ length: 50 }, () => newInvite());
  for (const { code, hash } of made) {
    assertMatch(code, /^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$/);
    assertEquals(hash, hashOfInvite(code));
    assert(!hash.includes(code));
  }
  assertEquals(new Set(made.map(({ code }) => code)).size, made.length);
});

Deno.test("all signs are equally likely: bytes beyond the last whole round are left out", () => {
  const given = [255, 248, 247, 0, ...Array<number>(30).fill(1)];
  const { code } = newInvite((count) => Uint8Array.from(given.splice(0, count)));
  assertEquals(code, "9abbb-bbbbb-bbbbb-bbbbb");
});

Deno.test("capitals, dashes and spaces of a code do not matter", () => {
  const hash = hashOfInvite("abcde-fghjk-mnpqr-stuvw");
  assertEquals(hashOfInvite(" ABCDE FGHJK mnpqrstuvw\t"), hash);
  assertNotEquals(hashOfInvite("abcde-fghjk-mnpqr-stuvx"), hash);
});
