import { assert, assertEquals } from "@std/assert";

import { countChars, foldName, hasChars, isAccountName, isRoomName } from "../../common/names.ts";

Deno.test("account names: letters, marks and digits of any script, '_', '-', '.'", () => {
  const good = [
    "eve",
    "Ева",
    "日本",
    "a",
    "9lives",
    "a_b-c.d",
    "é",
    "e\u0301",
    "constructor",
    "toString",
  ];
  for (const name of [...good, "x".repeat(25), "я".repeat(25), "𐐷".repeat(25)]) {
    assert(isAccountName(name), name);
  }
  const bad = [
    "",
    " ",
    "a b",
    "_a",
    "-a",
    ".a",
    "#a",
    "\u0301a",
    "a\n",
    "a\u202e",
    "a\u0000",
    "😀",
    "\ud800",
    "½",
  ];
  for (const name of [...bad, "x".repeat(26), "𐐷".repeat(26), "x".repeat(100_000)]) {
    assert(!isAccountName(name), JSON.stringify(name.slice(0, 30)));
  }
});

Deno.test("account names are counted after NFC", () => {
  assert(isAccountName("e\u0301".repeat(25)), "25 composed letters");
  assert(!isAccountName("e\u0301".repeat(26)));
});

Deno.test("room names: '#' and then a name, 25 code points in all", () => {
  for (const name of ["#dev", "#Ж", "#1", "#" + "x".repeat(24), "#constructor"]) {
    assert(isRoomName(name), name);
  }
  for (const name of ["#", "dev", "##", "#_a", "# a", "#" + "x".repeat(25)]) {
    assert(!isRoomName(name), name);
  }
});

Deno.test("names are the same when NFKC and lower case make them equal", () => {
  for (const name of ["Eve", "eve", "EVE", "ＥＶＥ", "ｅve"]) assertEquals(foldName(name), "eve");
  assertEquals(foldName("ЕВА"), foldName("ева"));
  assertEquals(foldName("e\u0301"), foldName("É"));
  assert(foldName("ева") !== foldName("eva"), "Cyrillic is not Latin");
});

Deno.test("characters are code points", () => {
  assertEquals(countChars("a😀\ud800b"), 4);
  assertEquals(countChars("\udc00\ud83d"), 2);
  assert(hasChars("😀".repeat(10), 10, 10));
  assert(!hasChars("😀".repeat(11), 10, 10));
  assert(!hasChars("", 1, 5));
  assert(hasChars("", 0, 5));
  assert(!hasChars("x".repeat(11), 1, 10));
});
