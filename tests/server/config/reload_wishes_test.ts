import { assertEquals } from "@std/assert";

import { ReloadWishes } from "../../../server/config/reload_wishes.ts";

Deno.test("wishes that come early are fulfilled once, when that is possible; later ones each", () => {
  let reloads = 0;
  const wishes = new ReloadWishes();
  wishes.request();
  wishes.request();
  wishes.open(() => reloads++);
  assertEquals(reloads, 1);
  wishes.request();
  wishes.request();
  assertEquals(reloads, 3);
});

Deno.test("where nobody has wished anything, nothing is read again", () => {
  let reloads = 0;
  new ReloadWishes().open(() => reloads++);
  assertEquals(reloads, 0);
});
