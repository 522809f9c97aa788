import { assertEquals } from "@std/assert";

import { HeardLines } from "../../../launcher/script/heard_lines.ts";
import { FakeClock } from "../../support/fake_clock.ts";

Deno.test("a wait finds a line that was said before, and each line once", async () => {
  const heard = new HeardLines(new FakeClock());
  for (const line of ["one", "two", "one"]) heard.say(line);
  assertEquals(await heard.wait(/one/, 1), true);
  assertEquals(await heard.wait(/one/, 1), true);
  heard.end();
  assertEquals(await heard.wait(/two/, 1), false);
});

Deno.test("a wait finds a line that comes in time", async () => {
  const clock = new FakeClock();
  const heard = new HeardLines(clock);
  const waiting = heard.wait(/hi/, 1);
  heard.say("ho");
  clock.advance(999);
  heard.say("hi");
  assertEquals(await waiting, true);
  assertEquals(clock.pending, 0);
  assertEquals(heard.last(3), []);
});

Deno.test("a wait ends when its time is up, or nobody is there to say anything", async () => {
  const clock = new FakeClock();
  const heard = new HeardLines(clock);
  const late = heard.wait(/hi/, 0.5);
  clock.advance(500);
  assertEquals(await late, false);
  const silent = heard.wait(/hi/, 5);
  heard.say("bye");
  heard.end();
  assertEquals(await silent, false);
  assertEquals(heard.last(3), ["bye"]);
});
