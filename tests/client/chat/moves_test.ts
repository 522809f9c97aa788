import { assertEquals } from "@std/assert";

import { type Moved, Moves } from "../../../client/chat/moves.ts";
import { renderMoved } from "../../../client/chat/render_moves.ts";
import { paint } from "../../../client/chat/styled_line.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { FakeClock } from "../../support/fake_clock.ts";

function start(): { moves: Moves; clock: FakeClock; shown: () => string[] } {
  const clock = new FakeClock();
  const lines: string[] = [];
  const show = (moved: Moved): number =>
    lines.push(paint(renderMoved(moved, speakerOf("en"))).replace(/^\[.*?\] /, ""));
  return { moves: new Moves({ show, clock }), clock, shown: () => lines.splice(0) };
}

Deno.test("who comes and goes within three seconds is one line, by room", () => {
  const { moves, clock, shown } = start();
  moves.add("#dev", ["ann"], [], 1);
  clock.advance(2_000);
  moves.add("#DEV", ["bob"], ["kim"], 3);
  for (let i = 0; i < 97; i++) moves.add("#dev", [`guest${i}`], [], 3);
  moves.add("#ops", [], ["leo"], 3);
  clock.advance(999);
  assertEquals(shown(), []);
  clock.advance(1);
  assertEquals(shown(), ["*** #dev + ann, bob, guest0 and 96 others  − kim"]);
  clock.advance(2_000);
  assertEquals(shown(), ["*** leo left #ops"]);
  assertEquals(clock.pending, 0);
});

Deno.test("who is back within that time, or gone again, is not told of", () => {
  const { moves, clock, shown } = start();
  moves.add("#dev", [], ["Ann"], 1);
  moves.add("#dev", ["ann"], [], 2);
  clock.advance(3_000);
  moves.add("#dev", ["bob"], [], 5);
  moves.add("#dev", ["kim"], ["bob"], 6);
  moves.flush("#dev");
  assertEquals(shown(), ["*** kim joined #dev"]);
  // Leaving, coming and leaving again is leaving.
  for (const isIn of [false, true, false]) {
    moves.add("#dev", isIn ? ["leo"] : [], isIn ? [] : ["leo"], 7);
  }
  moves.flush();
  assertEquals(shown(), ["*** leo left #dev"]);
});

Deno.test("what has gathered in a room is shown when something is said there, not elsewhere", () => {
  const { moves, shown, clock } = start();
  moves.add("#dev", ["ann", "bob"], [], 1);
  moves.flush("#ops");
  assertEquals(shown(), []);
  moves.flush("#Dev");
  assertEquals(shown(), ["*** #dev + ann and bob"]);
  clock.advance(10_000);
  assertEquals(shown(), []);
});

Deno.test("after a lost connection only real changes are told, when all have had the time to come back", () => {
  const { moves, clock, shown } = start();
  moves.add("#dev", ["leo"], ["Bob", "kim"], 1);
  clock.advance(1_000);
  moves.lost();
  clock.advance(3_000);
  moves.lost(); // an attempt has failed
  clock.advance(3_000);
  moves.flush();
  assertEquals(shown(), ["*** leo joined #dev"]);
  moves.back(false);
  moves.returned("#DEV", ["ann", "eve", "leo"], ["eve", "bob", "zoe"]);
  clock.advance(5_999);
  moves.add("#dev", ["ann"], [], 9);
  assertEquals(shown(), []);
  clock.advance(1);
  assertEquals(shown(), ["*** #dev + zoe  − kim and leo"]);
  moves.add("#dev", [], ["bob"], 10);
  moves.lost();
  moves.back(false);
  moves.returned("#dev", ["ann", "eve", "zoe"], ["ann", "bob", "eve", "zoe"]);
  assertEquals([clock.pending, shown()], [0, []]);
});

Deno.test("a room that one is not let into again, or that does not answer, leaves nothing behind", () => {
  const { moves, clock, shown } = start();
  moves.add("#dev", [], ["ann"], 1);
  moves.add("#ops", [], ["leo"], 1);
  moves.lost();
  moves.back(false);
  moves.forget("#dev");
  clock.advance(3_000);
  assertEquals([clock.pending, shown()], [0, ["*** leo left #ops"]]);
});

Deno.test("the line is dim, and in Russian", () => {
  const moved = {
    room: "#dev",
    came: ["ann", "bob", "kim", "leo", "mia"],
    went: ["zoe\x1b[2J"],
    time: NaN,
  };
  const line = renderMoved(moved, speakerOf("ru"));
  assertEquals(paint(line), "[--:--:--] *** #dev + ann, bob, kim и ещё 2  − zoe\\u{1b}[2J");
  assertEquals(line.spans.map(({ style }) => style), ["faint", "faint", "plain", "faint"]);
});
