import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { type Log, logCalls, type LogFields, withCallLog } from "../../../logs/calls/log_calls.ts";

/** Keeps DEBUG records; the clock gives each call 1.5 ms. */
class Calls {
  readonly records: LogFields[] = [];
  readonly log: { -readonly [K in keyof Log]: Log[K] };
  #clock = 0;

  constructor() {
    this.log = {
      debug: (message, fields) => {
        assertEquals(message, "call");
        this.records.push(fields!);
      },
      info: () => {},
      warn: () => {},
      error: () => {},
      level: 10,
    };
  }

  readonly now = (): number => this.#clock += 1.5;

  /** The one record since the last call, without its caller. */
  one(): Record<string, unknown> {
    assertEquals(this.records.length, 1, JSON.stringify(this.records));
    const { caller: _, ...rest } = this.records.pop()!;
    return rest;
  }
}

Deno.test("logCalls logs a method's name, arguments, caller, outcome and duration", () => {
  const calls = new Calls();
  class Accounts {
    readonly #prefix = "hi ";

    @logCalls({ log: calls.log, now: calls.now })
    greet(name: string, _options?: unknown): string {
      return this.#prefix + name;
    }

    @logCalls({ log: () => calls.log, now: calls.now })
    static count(...names: string[]): number {
      return names.length;
    }

    @logCalls({ log: calls.log, now: calls.now })
    #secret(): void {
      throw new RangeError("no\nway");
    }

    tell(): void {
      this.#secret();
    }
  }
  function someCaller(): string {
    return new Accounts().greet("eve", { age: 7, password: "x" });
  }
  assertEquals(someCaller(), "hi eve");
  assertMatch(String(calls.records[0]!.caller), /^someCaller log_calls_test\.ts:\d+$/);
  assertEquals(calls.one(), {
    fn: "Accounts.greet",
    args: 'name="eve" _options={age: 7, password: [redacted]}',
    outcome: "returned",
    result: '"hi eve"',
    ms: 1.5,
  });
  assertEquals(Accounts.count("a", "b"), 2);
  assertEquals(calls.one(), {
    fn: "Accounts.count",
    args: 'names="a" names="b"',
    outcome: "returned",
    result: "2",
    ms: 1.5,
  });
  assertThrows(() => new Accounts().tell(), RangeError, "no\nway");
  assertMatch(String(calls.records[0]!.caller), /^Accounts\.tell log_calls_test\.ts:\d+$/);
  assertEquals(calls.one(), {
    fn: "Accounts.#secret",
    args: "",
    outcome: "threw",
    error: "RangeError: no\nway",
    ms: 1.5,
  });
  assertEquals([Accounts.prototype.greet.name, Accounts.prototype.greet.length], ["greet", 2]);
});

Deno.test("logCalls shows no password and no text", () => {
  const calls = new Calls();
  const log = calls.log;
  const args = (): unknown => calls.one().args;

  withCallLog((_name: string, _password: string) => {}, { log })("eve", "s3cret");
  assertEquals(args(), '_name="eve" _password=[redacted]');
  withCallLog((..._newPasswords: string[]) => {}, { log })("s3cret", "s4cret");
  assertEquals(args(), "_newPasswords=[redacted] _newPasswords=[redacted]");
  withCallLog(({ password: _ }: { password: string }) => {}, { log })({ password: "s3cret" });
  assertEquals(args(), "{password: [redacted]}");
  withCallLog(([_]: string[]) => {}, { log })(["s3cret"]);
  assertEquals(args(), "[redacted]");
  // More arguments than parameters, and functions that do not tell: nobody knows what it is.
  (withCallLog(() => {}, { log }) as (...args: unknown[]) => void)("s3cret");
  assertEquals(args(), "[redacted]");
  withCallLog(((_name: string) => {}).bind(null), { log })("s3cret");
  assertEquals(args(), "[redacted]");
  withCallLog((_frame: unknown) => {}, { log })({ to: "eve", body: { message_text: "s3cret" } });
  assertEquals(args(), '_frame={to: "eve", body: [redacted]}');

  withCallLog(() => ({ id: 1, text: "s3cret" }), { log })();
  assertEquals(calls.one().result, "{id: 1, text: [redacted]}");
  withCallLog(() => "s3cret", { log, result: false })();
  assertEquals("result" in calls.one(), false);
  withCallLog((_pin: string, _password: string) => {}, { log, redact: ["PIN"] })("1", "2");
  assertEquals(args(), '_pin=[redacted] _password="2"');
});

Deno.test("withCallLog wraps handlers of a table: named, with their this, by the log of an argument", () => {
  const calls = new Calls();
  const { log, now } = calls;
  const handlers = {
    join: {
      code: 200,
      handle(_context: { log: Log }, _room: string): number {
        return this.code;
      },
    },
  };
  const table = Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [name, {
      ...handler,
      handle: withCallLog(handler.handle, {
        name,
        now,
        log: (_self, [context]) => context.log,
        redact: ["context"],
      }),
    }]),
  );
  assertEquals(table.join!.handle({ log }, "#dev"), 200);
  assertEquals(calls.one(), {
    fn: "join",
    args: '_context=[redacted] _room="#dev"',
    outcome: "returned",
    result: "200",
    ms: 1.5,
  });
});

Deno.test("logCalls waits for a promise, and leaves a rejection to its owner", async () => {
  const calls = new Calls();
  const { log, now } = calls;
  const { promise, resolve } = Promise.withResolvers<number>();
  const later = withCallLog(async (_id: number) => await promise, { log, now });
  const result = later(7);
  assertEquals(calls.records.length, 0);
  resolve(42);
  assertEquals(await result, 42);
  assertEquals(calls.one(), {
    fn: "(anonymous)",
    args: "_id=7",
    outcome: "returned",
    result: "42",
    ms: 1.5,
  });
  const failing = withCallLog(function fail() {
    return Promise.reject(new TypeError("bad"));
  }, { log, now });
  await assertRejects(() => failing(), TypeError, "bad");
  assertEquals(calls.one(), {
    fn: "fail",
    args: "",
    outcome: "threw",
    error: "TypeError: bad",
    ms: 1.5,
  });
});

Deno.test("logCalls counts what a generator yields, and passes all through it", () => {
  const calls = new Calls();
  const { log, now } = calls;
  const cleanups: string[] = [];
  const count = withCallLog(
    function* count(to: number): Generator<number, string, string | undefined> {
      try {
        let heard = "";
        for (let i = 1; i <= to; i++) heard += yield i;
        return heard;
      } finally {
        cleanups.push("done");
      }
    },
    { log, now },
  );

  const generator = count(2);
  assertEquals(calls.records.length, 0);
  assertEquals(generator.next("ignored"), { value: 1, done: false });
  assertEquals(generator.next("a"), { value: 2, done: false });
  assertEquals(generator.next("b"), { value: "ab", done: true });
  assertEquals(calls.one(), {
    fn: "count",
    args: "to=2",
    outcome: "returned",
    result: '"ab"',
    yielded: 2,
    ms: 1.5,
  });
  for (const value of count(9)) if (value === 3) break;
  assertEquals(calls.one(), { fn: "count", args: "to=9", outcome: "closed", yielded: 3, ms: 1.5 });
  const thrown = count(9);
  thrown.next("");
  assertThrows(() => thrown.throw(new Error("stop")), Error, "stop");
  assertEquals(calls.one().outcome, "threw");
  assertEquals(cleanups, ["done", "done", "done"]);
});

Deno.test("logCalls counts what an async generator yields", async () => {
  const calls = new Calls();
  const { log, now } = calls;
  class Reader {
    @logCalls({ log, now })
    async *lines(to: number): AsyncGenerator<number> {
      for (let i = 1; i <= to; i++) yield await Promise.resolve(i);
    }
  }
  const seen: number[] = [];
  for await (const value of new Reader().lines(3)) seen.push(value);
  assertEquals(seen, [1, 2, 3]);
  assertEquals(calls.one(), {
    fn: "Reader.lines",
    args: "to=3",
    outcome: "returned",
    yielded: 3,
    ms: 1.5,
  });
  for await (const value of new Reader().lines(3)) if (value === 2) break;
  assertEquals(calls.one().outcome, "closed");
});

Deno.test("logCalls does nothing while DEBUG is off, and follows the level", () => {
  const calls = new Calls();
  const unreadable = {
    get name(): string {
      throw new Error("must not be read");
    },
  };
  const fn = withCallLog((arg: unknown) => arg, { log: calls.log });
  calls.log.level = 20;
  assertEquals(fn(unreadable), unreadable);
  assertEquals(calls.records, []);
  calls.log.level = 10;
  assertEquals(fn(unreadable), unreadable);
  assertEquals(calls.one().args, "arg=[unreadable]");
});

Deno.test("logCalls is for methods only", () => {
  const decorate = logCalls({ log: new Calls().log }) as unknown as (
    method: unknown,
    context: unknown,
  ) => void;
  assertThrows(
    () => decorate(() => 1, { kind: "getter", name: "size" }),
    TypeError,
    "Cannot log calls: must be a method, received a getter",
  );
});
