import { assertEquals } from "@std/assert";

import { renderWhois } from "../../../client/chat/render_whois.ts";
import { paint } from "../../../client/chat/styled_line.ts";
import { speakerOf } from "../../../client/texts/texts.ts";

const NOW = new Date(2026, 0, 10, 12, 0).getTime();
const at = (hour: number, day = 10): number => new Date(2026, 0, day, hour, 5).getTime() / 1_000;
const BOB = { name: "bob", isAccount: true, isOnline: true, status: "", rooms: [] };

const shown = (found: object, language: "en" | "ru" = "en"): string[] =>
  renderWhois({ ...BOB, ...found }, NOW, speakerOf(language)).map((line) => paint(line));

Deno.test("whois: a line for each thing that is known, and none for what is not", () => {
  assertEquals(shown({}), ["bob, an account", "  online"]);
  assertEquals(
    shown({ since: at(9), away: "lunch", status: "busy", rooms: ["#a", "#b"], isAccount: false }),
    [
      ...["bob, a guest", "  online since 09:05", "  away: lunch", "  status: busy"],
      "  with you in #a, #b",
    ],
  );
  assertEquals(shown({ isOnline: false }), ["bob, an account", "  offline"]);
  assertEquals(shown({ isOnline: false, last: at(18, 9) }), [
    ...["bob, an account", "  offline, last here 9 Jan 18:05"],
  ]);
  assertEquals(shown({ isOnline: false, last: at(18, 9) }, "ru"), [
    ...["bob, учётная запись", "  не в сети, последний раз: 9 янв. 18:05"],
  ]);
});

Deno.test("whois: what others say of themselves does not steer the terminal", () => {
  const evil = "\x1b[2J\u202e";
  const lines = shown({ away: evil, status: evil, rooms: [`#${evil}`], since: 1e300 });
  assertEquals(lines.slice(1), [
    ...["  online since --:--", "  away: \\u{1b}[2J\\u{202e}", "  status: \\u{1b}[2J\\u{202e}"],
    "  with you in #\\u{1b}[2J\\u{202e}",
  ]);
});
