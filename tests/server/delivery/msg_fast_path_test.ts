import { assert, assertEquals } from "@std/assert";

import { encodeDelivery } from "../../../common/wire/encode.ts";
import { parseRequest } from "../../../common/wire/requests.ts";
import type { MsgRequest } from "../../../common/wire/protocol.ts";
import type { Member } from "../../../server/people/member.ts";
import { MsgFastPath } from "../../../server/delivery/msg_fast_path.ts";
import { FakeMember } from "../../support/fake_member.ts";
import { seededRandom } from "../../support/random.ts";

const TIME = 1_795_409_753;

/** A fast path from Eve that has learnt from a line to Bob. */
function learnt(line: string, maxMessage = 4_096): { path: MsgFastPath; bob: FakeMember } {
  const bob = new FakeMember("Bob");
  const path = new MsgFastPath(new FakeMember("eve"), maxMessage);
  learn(path, line, bob);
  return { path, bob };
}

function learn(path: MsgFastPath, line: string, bob: FakeMember): void {
  const { request } = parseRequest(line);
  path.learn(line, request as MsgRequest, (folded): Member => {
    assertEquals(folded, "bob");
    return bob;
  });
}

const LINE = '{"event":"msg","time":1,"to":"bob","from":"eve","message":"hi"}';

Deno.test("MsgFastPath serves what begins like the message before", () => {
  const { path, bob } = learnt(LINE);
  assertEquals(path.serve(LINE, TIME), { isDelivered: true, id: undefined });
  assertEquals(path.serve(LINE.replace("hi", "привет"), TIME + 1), {
    isDelivered: true,
    id: undefined,
  });
  assertEquals(path.serve(LINE.replace('"}', '","id":"a-1"}'), TIME + 1)?.id, "a-1");
  assertEquals(path.serve(LINE.replace('"}', '","id":17}'), TIME + 1)?.id, 17);
  assertEquals(bob.lines, [
    `{"event":"msg","time":${TIME},"to":"Bob","from":"eve","message":"hi"}\n`,
    `{"event":"msg","time":${TIME + 1},"to":"Bob","from":"eve","message":"привет"}\n`,
    `{"event":"msg","time":${TIME + 1},"to":"Bob","from":"eve","message":"hi","id":"a-1"}\n`,
    `{"event":"msg","time":${TIME + 1},"to":"Bob","from":"eve","message":"hi","id":17}\n`,
  ]);
  bob.takes = false;
  assertEquals(path.serve(LINE, TIME), { isDelivered: false, id: undefined });
});

Deno.test("MsgFastPath knows a text from the name of the field before it", () => {
  const { path, bob } = learnt(LINE.replace("hi", "message"));
  assertEquals(path.serve(LINE.replace('"message":', ""), TIME), undefined, "that is no JSON");
  assertEquals(path.serve(LINE, TIME)?.isDelivered, true);
  assertEquals(bob.frames.map(({ message }) => message), ["hi"]);
});

Deno.test("MsgFastPath leaves to the long way what it is not sure of", () => {
  const { path, bob } = learnt(LINE, 10);
  for (
    const line of [
      LINE.replace("bob", "eve"),
      LINE.replace("bob", "Bob"),
      LINE.replace("time", "tine"),
      LINE.replace("hi", ""),
      LINE.replace("hi", "a\\nb"),
      LINE.replace("hi", "a\tb"),
      LINE.replace("hi", "😀"),
      LINE.replace("hi", "\ufffd"),
      LINE.replace("hi", "12345678901"),
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
  ) assertEquals(path.serve(line, TIME), undefined, line);
  bob.isCatchingUp = true;
  assertEquals(path.serve(LINE, TIME), undefined);
  assertEquals(bob.lines, []);
  bob.isCatchingUp = false;
  assert(path.serve(LINE, TIME) !== undefined);
  bob.isOnline = false;
  assertEquals(path.serve(LINE, TIME), undefined);
  assertEquals(bob.lines.length, 1);
});

Deno.test("MsgFastPath learns nothing from rooms and from texts with escapes", () => {
  for (const line of [LINE.replace("bob", "#dev"), LINE.replace("hi", "a\\nb")]) {
    assertEquals(learnt(line).path.serve(line, TIME), undefined);
  }
  assertEquals(new MsgFastPath(new FakeMember("eve"), 10).serve("", TIME), undefined);
});

Deno.test("MsgFastPath looks seldom at messages that never begin alike, and soon again when they do", () => {
  const { path, bob } = learnt(LINE);
  const lineAt = (time: number): string => LINE.replace(":1,", `:${time},`);
  let learns = 0;
  for (let time = 2; time < 10_000; time++) {
    assertEquals(path.serve(lineAt(time), TIME), undefined);
    path.learn(lineAt(time), parseRequest(lineAt(time)).request as MsgRequest, () => {
      learns++;
      return bob;
    });
  }
  assert(learns > 100 && learns < 300, `${learns} of 10 000`);
  for (let i = 0; i < 65 && path.serve(LINE, TIME) === undefined; i++) learn(path, LINE, bob);
  assert(path.serve(LINE, TIME) !== undefined);
});

Deno.test("MsgFastPath says what the long way says of lines that somebody changed", () => {
  const random = seededRandom(3);
  const pick = <T>(list: ArrayLike<T>): T => list[Math.floor(random() * list.length)]!;
  const bits = [
    ...'{}[]",:\\#0123.-eE \t\u2028\u00e9яz',
    "\ud83d\ude00",
    "\ufffd",
    ',"id":2',
    '"to":"b"',
  ];
  const plain = '{"event":"msg","to":"bob","message":"hi you","id":"a1"}';
  let served = 0;
  for (let i = 0; i < 20_000; i++) {
    const { path, bob } = learnt(plain);
    const at = Math.floor(random() * plain.length);
    const line = plain.slice(0, at) + pick(bits) + plain.slice(at + Math.floor(random() * 3));
    const outcome = path.serve(line, TIME);
    if (outcome === undefined) continue;
    served++;
    const { key, request } = parseRequest(line);
    assert(request.event === "msg" && request.to === "bob" && key === "event", line);
    assertEquals(outcome, { isDelivered: true, id: request.id }, line);
    const text = JSON.stringify(request.message);
    const expected = encodeDelivery("event", TIME, '"Bob"', '"eve"', text, request.id);
    assertEquals(bob.lines, [expected], line);
  }
  assert(served > 1_000, `${served} were served: enough to tell`);
});
