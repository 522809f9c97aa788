import { assert, assertEquals } from "@std/assert";

import { FrameError } from "../../../common/errors.ts";
import { type ParsedRequest, parseRequest } from "../../../common/wire/requests.ts";
import { LIMITS } from "../../../common/limits.ts";
import { parsePlainMsg } from "../../../common/wire/plain_msg.ts";
import { seededRandom } from "../../support/random.ts";

const MAX = LIMITS.maxMessage;

/** What the long way makes of a line. */
function theLongWay(line: string): ParsedRequest | string {
  try {
    return parseRequest(line);
  } catch (error) {
    assert(error instanceof FrameError);
    return error.message;
  }
}

/** Asserts that the short way says what the long way says, or nothing; whether it said something. */
function isShort(line: string): boolean {
  const request = parsePlainMsg(line, MAX);
  if (request === undefined) return false;
  const { messageJson, ...own } = request;
  const fields = { ...own, message: request.message };
  const rest = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  );
  assertEquals(messageJson, JSON.stringify(request.message), line);
  const long = theLongWay(line);
  assert(typeof long === "object", `${line}: the long way says ${long}`);
  const { encoding: _, ...expected } = long.request as { encoding?: string };
  assertEquals(
    { key: "event", request: rest } as unknown,
    { key: long.key, request: expected },
    line,
  );
  return true;
}

Deno.test("a plain msg takes the short way", () => {
  for (
    const line of [
      '{"event":"msg","to":"bob","message":"hi"}',
      '{"event":"msg","time":1,"to":"bob","from":"eve","message":"hi","encoding":"utf-8"}',
      '{"event": "msg", "time": 1795409753.25, "to": "#dev", "message": "hi", "id": 7}',
      '{"event":"msg","to":"bob","message":"hi","seen":0}',
      '{"event": "msg", "to": "bob", "message": "hi", "id": 7, "seen": 999999999999999}',
      '{"event":"msg","to":"Bob.B-1_","message":"привет, \u2028 мир 日本","id":"a-1"}',
      `{"event":"msg","to":"b","message":"${"x".repeat(MAX)}"}`,
    ]
  ) assert(isShort(line), line);
});

Deno.test("what is not plain takes the long way", () => {
  const name = "n".repeat(LIMITS.maxNameChars);
  for (
    const line of [
      '{"event":"msg","to":"bob","message":""}',
      '{"event":"msg","to":"bob","message":"a\\nb"}',
      '{"event":"msg","to":"bob","message":"a\tb"}',
      '{"event":"msg","to":"bob","message":"a"b"}',
      '{"event":"msg","to":"bob","message":"😀"}',
      '{"event":"msg","to":"bob","message":"\ufffd"}',
      '{"event":"msg","to":"bob","message":"\ud800"}',
      '{"event":"msg","to":"боб","message":"hi"}',
      '{"event":"msg","to":"","message":"hi"}',
      '{"event":"msg","to":"#","message":"hi"}',
      `{"event":"msg","to":"#${name}","message":"hi"}`,
      `{"event":"msg","to":"${name}n","message":"hi"}`,
      '{"event":"msg","time":01,"to":"bob","message":"hi"}',
      '{"event":"msg","time":-1,"to":"bob","message":"hi"}',
      '{"event":"msg","time":1.,"to":"bob","message":"hi"}',
      '{"event":"msg","time":1e999,"to":"bob","message":"hi"}',
      '{"event":"msg","to":"bob","message":"hi","id":0}',
      '{"event":"msg","to":"bob","message":"hi","id":9007199254740993}',
      '{"event":"msg","to":"bob","message":"hi","id":""}',
      '{"event":"msg","to":"bob","message":"hi","store":true}',
      '{"event":"msg","to":"bob","message":"hi","message":"ho"}',
      '{"event":"msg","to":"bob","message":"hi"} ',
      '{"event":"msg","to":"bob","message":"hi"}{}',
      '{"event":"msg","to":"bob","message":"hi"',
      '{"action":"msg","to":"bob","message":"hi"}',
      '{"event":"quit"}',
      `{"event":"msg","to":"b","message":"${"x".repeat(MAX + 1)}"}`,
    ]
  ) assertEquals(isShort(line), false, line);
});

Deno.test("both ways say the same of lines that were plain before somebody changed them", () => {
  const random = seededRandom(1);
  const pick = <T>(list: ArrayLike<T>): T => list[Math.floor(random() * list.length)]!;
  const plain =
    '{"event":"msg","time":12,"to":"#dev","from":"eve","message":"hi you","encoding":"a","id":1}';
  const bits = [
    ...'{}[]",:\\#0123.-eE \t\u2028\u00e9яz',
    "\ud83d\ude00",
    "\ufffd",
    '"id":2',
    '"to":"b"',
  ];
  let short = 0;
  for (let i = 0; i < 20_000; i++) {
    let line = plain;
    for (let edits = 1 + Math.floor(random() * 2); edits > 0; edits--) {
      const at = Math.floor(random() * line.length);
      line = line.slice(0, at) + pick(bits) + line.slice(at + Math.floor(random() * 3));
    }
    if (isShort(line)) short++;
  }
  assert(short > 500, `${short} lines took the short way: enough to tell`);
});
