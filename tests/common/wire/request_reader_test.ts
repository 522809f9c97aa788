import { assert, assertEquals } from "@std/assert";

import { FrameError } from "../../../common/errors.ts";
import { RequestReader } from "../../../common/wire/request_reader.ts";
import { parseRequest } from "../../../common/wire/requests.ts";
import { seededRandom } from "../../support/random.ts";

const LINE = '{"event":"msg","time":1,"to":"bob","from":"eve","message":"hi"}';

type Outcome = Record<string, unknown> | string;

/** What a way to read makes of a line: the request's fields that have a value, or the error. */
function outcomeOf(read: () => object): Outcome {
  try {
    const request = read() as Record<string, unknown>;
    const { encoding: _, ...own } = request;
    const fields = request.event === "msg" ? { ...own, message: request.message } : own;
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  } catch (error) {
    assert(error instanceof FrameError);
    return `${error.id}: ${error.message}`;
  }
}

/** Asserts that a reader says of a line what `parseRequest` says. */
function assertSame(reader: RequestReader, line: string): Outcome {
  const outcome = outcomeOf(() => reader.read(line));
  if (typeof outcome === "object" && outcome.messageJson !== undefined) {
    assertEquals(outcome.messageJson, JSON.stringify(outcome.message), line);
    delete outcome.messageJson;
  }
  assertEquals(outcome, outcomeOf(() => parseRequest(line).request), line);
  return outcome;
}

/** A reader that has read a line. */
function after(line: string, maxMessage?: number): RequestReader {
  const reader = new RequestReader(maxMessage === undefined ? {} : { maxMessage });
  reader.read(line);
  return reader;
}

Deno.test("RequestReader reads what begins like the message before", () => {
  const reader = after(LINE);
  for (
    const line of [
      LINE,
      LINE.replace("hi", "привет, \u2028 мир"),
      LINE.replace('"}', '","id":"a-1"}'),
      LINE.replace('"}', '","id":17}'),
      LINE.replace('"}', '","seen":0}'),
      LINE.replace('"}', '","id":"a-1","seen":12}'),
      LINE.replace('"}', '","id":17,"seen":13}'),
    ]
  ) {
    const outcome = assertSame(reader, line) as Record<string, unknown>;
    assertEquals([outcome.to, outcome.from], ["bob", "eve"]);
  }
});

Deno.test("RequestReader knows a text from the name of the field before it", () => {
  const reader = after(LINE.replace("hi", "message"));
  assert(typeof assertSame(reader, LINE.replace('"message":', "")) === "string", "that is no JSON");
  assertEquals((assertSame(reader, LINE) as Record<string, unknown>).message, "hi");
});

Deno.test("RequestReader says the same of what begins alike and ends differently", () => {
  for (
    const line of [
      LINE.replace('"}', '","seen":-1}'),
      LINE.replace('"}', '","seen":01}'),
      LINE.replace('"}', '","seen":9007199254740993}'),
      LINE.replace('"}', '","seen":1,"id":2}'),
      LINE.replace("bob", "eve"),
      LINE.replace("bob", "Bob"),
      LINE.replace("time", "tine"),
      LINE.replace("hi", ""),
      LINE.replace("hi", "a\\nb"),
      LINE.replace("hi", "a\tb"),
      LINE.replace("hi", "😀"),
      LINE.replace("hi", "\ufffd"),
      LINE.replace('"}', '","encoding":"utf-8"}'),
      LINE.replace('"}', '","store":true}'),
      LINE.replace('"}', '","to":"mallory"}'),
      LINE.replace('"}', '", "id":"a"}'),
      LINE.replace('"}', '","id":0}'),
      LINE + " ",
      LINE.slice(0, -1),
      LINE.slice(0, 40),
      "",
    ]
  ) assertSame(after(LINE), line);
});

Deno.test("RequestReader has the bounds that it was given, however a line begins", () => {
  const reader = after(LINE, 10);
  const ten = LINE.replace("hi", "1234567890");
  assertEquals(outcomeOf(() => reader.read(ten)), outcomeOf(() => after(LINE).read(ten)));
  const eleven = outcomeOf(() => reader.read(LINE.replace("hi", "12345678901")));
  assertEquals(eleven, "undefined: message must be 1–10 characters, received 11");
});

Deno.test("RequestReader speaks the dialect of the first valid request", () => {
  const reader = new RequestReader();
  assertEquals(reader.key, "event");
  outcomeOf(() => reader.read('{"action":"nonsense"}'));
  reader.read('{"action":"probe"}');
  reader.read(LINE);
  assertEquals(reader.key, "action");
  const other = after(LINE);
  other.read('{"action":"probe"}');
  assertEquals(other.key, "event");
});

Deno.test("RequestReader says of lines that somebody changed what parseRequest says, whatever came before", () => {
  const random = seededRandom(3);
  const pick = <T>(list: ArrayLike<T>): T => list[Math.floor(random() * list.length)]!;
  const plain = [
    '{"event":"msg","to":"bob","message":"hi you","id":"a1"}',
    '{"event":"msg","time":12,"to":"#dev","from":"eve","message":"hi you","encoding":"a","id":1}',
    '{"event": "msg", "to": "bob", "message": "hi you"}',
    '{"event":"msg","to":"bob","message":"hi you","id":"a1","seen":17}',
  ];
  const bits = [
    ...'{}[]",:\\#0123.-eE \t\u2028\u00e9яz',
    "\ud83d\ude00",
    "\ufffd",
    ',"id":2',
    ',"seen":3',
    '"to":"b"',
  ];
  let reader = new RequestReader();
  let valid = 0;
  for (let i = 0; i < 30_000; i++) {
    if (i % 50 === 0) reader = new RequestReader();
    const base = pick(plain);
    reader.read(base);
    const at = Math.floor(random() * base.length);
    const line = base.slice(0, at) + pick(bits) + base.slice(at + Math.floor(random() * 3));
    if (typeof assertSame(reader, line) === "object") valid++;
  }
  assert(valid > 3_000, `${valid} were valid: enough to tell`);
});
