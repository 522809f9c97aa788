import { assertEquals } from "@std/assert";
import { BaseHandler } from "@std/log/base-handler";
import { LogRecord } from "@std/log/logger";

import { Repeats, REPEATS_A_SECOND } from "../../../logs/handlers/repeats.ts";
import { FakeClock } from "../../support/fake_clock.ts";

class Lines extends BaseHandler {
  lines: string[] = [];

  constructor() {
    super("NOTSET", {
      formatter: ({ levelName, msg, args }) => `${levelName} ${msg} ${JSON.stringify(args)}`,
    });
  }

  override log(msg: string): void {
    this.lines.push(msg);
  }
}

/** A record of the clock's present. */
class RecordOf extends LogRecord {
  readonly #time: number;

  constructor(clock: FakeClock, level: 10 | 20 | 30 | 40, msg: string, fields: object = {}) {
    super({ msg, args: [fields], level, loggerName: "server.session" });
    this.#time = clock.epochMs();
  }

  override get datetime(): Date {
    return new Date(this.#time);
  }
}

interface Fixture {
  clock: FakeClock;
  inner: Lines;
  repeats: Repeats;
  /** Makes so many records of one message. */
  log(count: number, msg?: string, level?: 10 | 20 | 30 | 40): void;
  /** What was passed on since the last call. */
  taken(): string[];
}

function fixture(): Fixture {
  const clock = new FakeClock();
  const inner = new Lines();
  const repeats = new Repeats([inner], clock);
  let n = 0;
  return {
    clock,
    inner,
    repeats,
    log(count, msg = "connected", level = 20) {
      for (let i = 0; i < count; i++) repeats.handle(new RecordOf(clock, level, msg, { n: ++n }));
    },
    taken: () => inner.lines.splice(0),
  };
}

Deno.test("a flood of one message is counted beyond 100 a second, and told every ten seconds", () => {
  const { clock, log, taken } = fixture();
  for (let second = 0; second < 25; second++) {
    log(1_000);
    clock.advance(1_000);
  }
  const lines = taken();
  assertEquals(lines.slice(0, REPEATS_A_SECOND).at(-1), 'INFO connected [{"n":100}]');
  assertEquals(lines.slice(REPEATS_A_SECOND), [
    'INFO connected … and 9900 more like it in 10 s [{"n":10000}]',
    'INFO connected … and 10000 more like it in 10 s [{"n":20000}]',
  ]);
  clock.advance(60_000);
  assertEquals(taken(), ['INFO connected … and 5000 more like it in 10 s [{"n":25000}]']);
  assertEquals(clock.pending, 0);
  log(2);
  assertEquals(taken().length, 2);
});

Deno.test("messages in turn are counted each for itself; others pass meanwhile", () => {
  const { clock, log, taken } = fixture();
  for (let i = 0; i < 150; i++) {
    log(1, "connected");
    log(1, "disconnected");
    log(1, "wrong login or password", 30);
  }
  log(1, "stopping");
  assertEquals(taken().length, 3 * REPEATS_A_SECOND + 1);
  clock.advance(10_000);
  assertEquals(taken(), [
    'INFO connected … and 50 more like it in 10 s [{"n":448}]',
    'INFO disconnected … and 50 more like it in 10 s [{"n":449}]',
    'WARN wrong login or password … and 50 more like it in 10 s [{"n":450}]',
  ]);
  log(3);
  assertEquals(taken().length, 3);
});

Deno.test("100 a second pass for ever; neither DEBUG nor ERROR is counted", () => {
  const { clock, log, taken } = fixture();
  for (let second = 0; second < 30; second++) {
    log(REPEATS_A_SECOND);
    clock.advance(1_000);
  }
  log(1_000, "request", 10);
  log(1_000, "store failed", 40);
  assertEquals(taken().length, 30 * REPEATS_A_SECOND + 2_000);
  assertEquals(clock.pending, 0);
});

Deno.test("the end tells what was counted", () => {
  const { clock, log, repeats, taken } = fixture();
  log(1_101);
  clock.advance(2_000);
  taken();
  repeats.destroy();
  assertEquals(taken(), ['INFO connected … and 1001 more like it in 2 s [{"n":1101}]']);
  assertEquals(clock.pending, 0);
  repeats.destroy();
  assertEquals(taken(), []);
});

Deno.test("the records' own time counts, also when the timer is late or the clock is set back", () => {
  const { inner, taken } = fixture();
  const late = new FakeClock();
  const repeats = new Repeats([inner], new FakeClock()); // its timers never fire
  const log = (count: number): void => {
    for (let i = 0; i < count; i++) repeats.handle(new RecordOf(late, 20, "connected"));
  };
  log(150);
  late.advance(12_000);
  log(1);
  assertEquals(taken().slice(REPEATS_A_SECOND), [
    "INFO connected … and 50 more like it in 12 s [{}]",
    "INFO connected [{}]",
  ]);
  log(150);
  late.advance(-3_600_000);
  log(1);
  assertEquals(taken().slice(-2), [
    "INFO connected … and 51 more like it in 1 s [{}]",
    "INFO connected [{}]",
  ]);
  repeats.destroy();
});
