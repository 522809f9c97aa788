import { assertEquals } from "@std/assert";

import { LastOnline } from "../../../server/people/last_online.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { RecordingLog } from "../../support/recording_log.ts";

const MINUTE = 60_000;
const START = 30_000_000;

/** What was written, call by call. */
function stage(fails = (): boolean => false) {
  const [clock, log] = [new FakeClock(START * MINUTE), new RecordingLog()];
  const written: (readonly [string, number])[][] = [];
  const store = {
    noteLeft: (left: readonly (readonly [string, number])[]): Promise<void> => {
      if (fails()) return Promise.reject(new Error("disk"));
      written.push([...left]);
      return Promise.resolve();
    },
  };
  return { clock, log, written, last: new LastOnline({ store, clock, log }) };
}

Deno.test("LastOnline: what is known at once, to the minute; what is written may be newer", async () => {
  const { clock, last } = stage();
  assertEquals(last.secondsOf("eve", undefined), undefined);
  assertEquals(last.secondsOf("eve", START - 5), (START - 5) * 60);
  assertEquals(last.secondsOf("eve", 0), 0);
  clock.advance(59_999);
  last.left("eve");
  assertEquals(last.secondsOf("eve", START - 5), START * 60);
  assertEquals(last.secondsOf("eve", START + 5), (START + 5) * 60);
  await last.close();
});

Deno.test("LastOnline: many who leave are written at once, ten seconds behind the first, each once", async () => {
  const { clock, written, last } = stage();
  last.left("eve");
  clock.advance(9_999);
  last.left("bob");
  last.leftElsewhere("kim");
  assertEquals(written, []);
  clock.advance(1);
  await last.close();
  assertEquals(written, [[["eve", START], ["bob", START]]]);
  assertEquals(last.secondsOf("kim", undefined), START * 60);
  last.left("eve");
  clock.advance(2 * MINUTE);
  last.left("eve");
  await last.close();
  assertEquals(written.slice(1), [[["eve", START]], [["eve", START + 2]]]);
});

Deno.test("LastOnline: a crowd is written in parts, and the end waits for all of it", async () => {
  const { written, last } = stage();
  for (let n = 0; n < 10_001; n++) last.left(`n${n}`);
  await last.close();
  assertEquals(written.length, 21);
  assertEquals(new Set(written.flat().map(([name]) => name)).size, 10_001);
  assertEquals(Math.max(...written.map(({ length }) => length)), 500);
  await last.close();
  assertEquals(written.length, 21);
});

Deno.test("LastOnline: what the disk does not take is known all the same, and the log says so", async () => {
  let isBroken = true;
  const { log, written, last } = stage(() => isBroken);
  last.left("eve");
  await last.close();
  assertEquals(log.of("not noted who has left").length, 1);
  assertEquals(last.secondsOf("eve", undefined), START * 60);
  isBroken = false;
  last.left("bob");
  await last.close();
  assertEquals(written, [[["bob", START]]]);
});
