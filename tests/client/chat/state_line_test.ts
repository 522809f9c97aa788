import { assert, assertEquals } from "@std/assert";
import stringWidth from "string-width";

import {
  type ChatState,
  stateLine,
  type StateOfOther,
  titleOf,
} from "../../../client/chat/state_line.ts";
import { paint } from "../../../client/chat/styled_line.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { seededRandom } from "../../support/random.ts";

function other(number: number, name: string, count = 0, isMentioned = false): StateOfOther {
  return { number, name, count, isMentioned };
}

const STATE: ChatState = {
  name: "eve",
  connection: "stateOnline",
  open: { name: "#dev", number: 2, members: 5 },
  others: [
    other(1, "bob", 3),
    other(3, "#ops", 12, true),
    other(4, "#tea", 7),
    other(5, "анна"),
    other(6, "#quiet"),
  ],
};

function rowOf(columns: number, state = STATE, language: "en" | "ru" = "en"): string {
  return paint(stateLine(state, columns, speakerOf(language)));
}

Deno.test("the less room there is, the more goes of what matters less, in an order of its own", () => {
  assertEquals(
    [100, 60, 45, 39, 36, 28, 20, 12, 6].map((columns) => rowOf(columns)),
    [
      "online  [2:#dev, 5 in]  1:bob 3  3:#ops 12!  4:#tea 7  5:анна  6:#quiet",
      "online  [2:#dev, 5 in]  1:bob 3  3:#ops 12!  4:#tea 7",
      "[2:#dev, 5 in]  1:bob 3  3:#ops 12!  4:#tea 7",
      "[2:#dev]  1:bob 3  3:#ops 12!  4:#tea 7",
      "[2:#dev]  1:bob 3  3:#ops 12!  +1",
      "[2:#dev]  3:#ops 12!  +2",
      "[2:#dev, 5 in]  +3",
      "[2:#dev]  +3",
      "[2:#dev]  +3", // is cut where it is shown
    ],
  );
});

Deno.test("trouble stands first and goes last", () => {
  const state: ChatState = { ...STATE, connection: "stateOffline" };
  assertEquals(rowOf(28, state), "no connection  [2:#dev]  +3");
  const taken: ChatState = { ...STATE, connection: "stateNameTaken" };
  assertEquals(rowOf(26, taken, "ru"), "имя занято  [2:#dev]  +3");
  assertEquals(rowOf(80, { ...STATE, open: undefined, others: [] }, "ru"), "на связи");
});

Deno.test("long names and great numbers leave room for the rest", () => {
  const name = "#a-very-long-name-of-a-room";
  const state: ChatState = {
    ...STATE,
    open: { name, number: 10, members: undefined },
    others: [other(1, "日本語日本語日本語日本語", 1_000), other(2, "bob", 999)],
  };
  assertEquals(rowOf(39, state), "[10:#a-very-lon..]  2:bob 999  +1");
  assertEquals(rowOf(60, state), "[10:#a-very-long-name-..]  1:日本語日本語日本語.. 999+  +1");
});

Deno.test("whatever there is: no row is too wide but one with nothing to leave out, and what is left is counted", () => {
  const random = seededRandom(7);
  for (let round = 0; round < 500; round++) {
    const others = Array.from({ length: Math.floor(random() * 15) }, (_, i) => {
      const name = ["bob", "#комната", "日本", "x".repeat(25)][Math.floor(random() * 4)]!;
      const count = random() < 0.5 ? 0 : Math.floor(random() * 2_000);
      return other(i + 1, name, count, count > 0 && random() < 0.3);
    });
    const columns = 24 + Math.floor(random() * 100);
    const row = rowOf(columns, { ...STATE, others });
    assert(stringWidth(row) <= columns, `${columns}: ${row}`);
    const hidden = Number(/ \+(\d+)$/.exec(row)?.[1] ?? 0);
    const seen = [...row.matchAll(/ {2}\d+:\S+ \d+\+?!?/g)].length;
    assertEquals(hidden + seen, others.filter(({ count }) => count > 0).length, row);
  }
});

Deno.test("nothing of what others are called steers the terminal", () => {
  const row = rowOf(80, { ...STATE, others: [other(1, "\x1b[2Jb\u202e\nb", 1)] });
  assertEquals(/[\p{Cc}\u202e]/u.test(row), false, row);
});

Deno.test("the title says how much is unread, who one is and where", () => {
  assertEquals(titleOf(STATE), "(22!) eve - #dev");
  assertEquals(titleOf({ ...STATE, others: [other(1, "bob", 3)] }), "(3) eve - #dev");
  assertEquals(titleOf({ ...STATE, others: [], open: undefined }), "eve");
});
