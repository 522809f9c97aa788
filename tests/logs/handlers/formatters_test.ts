import { assert, assertEquals, assertMatch } from "@std/assert";
import { LogRecord } from "@std/log/logger";
import { jsonFormatter, textFormatter } from "../../../logs/handlers/formatters.ts";

function record(msg: string, ...args: unknown[]): LogRecord {
  return new LogRecord({ msg, args, level: 20, loggerName: "server.session" });
}

/** Without the date and time. */
function textOf(msg: string, ...args: unknown[]): string {
  return textFormatter()(record(msg, ...args)).slice(24);
}

Deno.test("text records look like those of Python", () => {
  const line = textFormatter()(record("connected", { peer: "127.0.0.1:5000", name: "eve" }));
  assertMatch(
    line,
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO server\.session {2}connected peer=127\.0\.0\.1:5000 name=eve$/,
  );
  const one = record("x");
  assertEquals(
    textFormatter({ utc: true })(one),
    `${one.datetime.toISOString().replace("T", " ").replace(".", ",").slice(0, 23)} ` +
      "INFO server.session  x",
  );
  assertMatch(
    textFormatter({ timeOnly: true })(one),
    /^\d\d:\d\d:\d\d,\d{3} INFO server\.session {2}x$/,
  );
});

Deno.test("text records stay one line, whatever a peer sent", () => {
  for (
    const evil of [
      "eve\n2026-11-23 01:02:03,456 CRITICAL server  forged",
      "\x1b]0;title\x07\x1b[2J",
      "a\rb\x85c\u2028d\u2029e",
      "\u202egnp.exe",
      "half \ud800",
    ]
  ) {
    for (
      const line of [
        textOf(evil),
        textOf("m", { name: evil }),
        textOf("m", evil),
        textOf("m", {
          [evil]: 1,
        }),
        textOf("m", [evil]),
        jsonFormatter()(record(evil, { [evil]: evil })),
      ]
    ) {
      assert(!/[\p{Cc}\u2028-\u202e\p{Cs}]/u.test(line), JSON.stringify(line));
    }
  }
  assertEquals(
    textOf("m", { name: "eve admin=true" }),
    'INFO server.session  m name="eve admin=true"',
  );
  assertEquals(
    textOf("m", { name: 'say "hi"' }),
    String.raw`INFO server.session  m name="say \"hi\""`,
  );
  assertEquals(textOf("m", { name: "", none: undefined }), 'INFO server.session  m name=""');
});

Deno.test("JSON records give back what went in", () => {
  const fields = { name: "a\nb\u202e😀", n: 7, deep: { list: [1, "x"] } };
  const one = record("hi\n", fields, "other", 5);
  const line = jsonFormatter()(one);
  assert(!line.includes("\n"));
  assertEquals(JSON.parse(line), {
    time: one.datetime.toISOString(),
    level: "INFO",
    logger: "server.session",
    message: "hi\n",
    ...fields,
    args: ["other", 5],
  });
  // A field cannot pass itself off as one of the record's own.
  const forged = JSON.parse(jsonFormatter()(record("true", { level: "DEBUG", message: "no" })));
  assertEquals([forged.level, forged.message, forged.level_, forged.message_], [
    "INFO",
    "true",
    "DEBUG",
    "no",
  ]);
});
