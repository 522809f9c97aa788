import { assert, assertEquals, assertThrows } from "@std/assert";

import { FrameError } from "../../../common/errors.ts";
import { encodeDelivery, encodeDeliveryHead } from "../../../common/wire/encode.ts";
import { parseRequest } from "../../../common/wire/requests.ts";
import { AnswerError, parseServerFrame } from "../../../common/wire/server_frames.ts";

Deno.test("U+FFFD, escaped, is text like any other, also on the way from the server", () => {
  const { request } = parseRequest(String.raw`{"event":"msg","to":"bob","message":"\ufffd"}`);
  assert(request.event === "msg");
  const line = encodeDelivery(
    encodeDeliveryHead("event", 5, '"bob"', '"eve"'),
    JSON.stringify(request.message),
  );
  assertEquals(parseServerFrame(line.trimEnd()), {
    kind: "message",
    frame: { event: "msg", time: 5, to: "bob", from: "eve", message: "\ufffd" },
  });
});

Deno.test("parseServerFrame reads what became of messages", () => {
  const frames = [
    { event: "edit", time: 5, to: "#a", from: "eve", seq: 3, message: "hi" },
    { event: "delete", time: 5, to: "#a", from: "eve", by: "bob", seq: 3 },
  ];
  for (const frame of frames) {
    const line = JSON.stringify({ ...frame, z: 1 });
    assertEquals<unknown>(parseServerFrame(line), { kind: "change", frame });
    const numbered = { ...frame, n: 7 };
    assertEquals<unknown>(parseServerFrame(JSON.stringify(numbered)), {
      kind: "change",
      frame: numbered,
    });
    assertThrows(() => parseServerFrame(JSON.stringify({ ...frame, seq: 0 })), FrameError, "seq");
  }
});

Deno.test("parseServerFrame reads kept messages and conversations", () => {
  const frame = {
    ...{ response: 200, time: 1, more: true, next: "x", seq: 4 },
    messages: [
      { time: 1, to: "#a", from: "eve", seq: 3, message: "hi", id: "a", reply: 2, edited: 5 },
      { time: 1, to: "#a", from: "eve", seq: 4, deleted: true },
    ],
    conversations: [{ with: "bob", last: 4, read: 2, unread: 1, time: 9 }],
  };
  assertEquals<unknown>(parseServerFrame(JSON.stringify(frame)), { kind: "response", frame });
  for (const wrong of [{ messages: [1] }, { messages: [{}] }, { conversations: [{ with: 1 }] }]) {
    const line = JSON.stringify({ response: 200, ...wrong });
    assertThrows(() => parseServerFrame(line), FrameError);
  }
});

Deno.test("parseServerFrame reads what belongs to a session that outlives its connection", () => {
  for (
    const [kind, frame] of [
      ["message", { event: "msg", time: 1, to: "bob", from: "eve", message: "hi", n: 1 }],
      ["notice", { response: 100, time: 1, alert: "x", room: "#a", joined: "eve", n: 2 }],
      ["response", {
        ...{ response: 200, time: 1, features: ["resume"], resume: "token" },
        ...{ resumed: true, rooms: ["#a", "#б"] },
      }],
    ] as const
  ) {
    assertEquals<unknown>(parseServerFrame(JSON.stringify(frame)), { kind, frame });
  }
  for (
    const wrong of [
      { event: "msg", time: 1, to: "bob", from: "eve", message: "hi", n: 0 },
      { response: 100, n: "1" },
      { response: 200, resume: 1 },
      { response: 200, features: [1] },
      { response: 200, rooms: [1] },
    ]
  ) {
    assertThrows(() => parseServerFrame(JSON.stringify(wrong)), FrameError);
  }
});

Deno.test("parseServerFrame tells the kinds apart", () => {
  assertEquals(parseServerFrame('{"response":200,"time":1,"alert":"ok","id":3,"total":1}'), {
    kind: "response",
    frame: { response: 200, time: 1, alert: "ok", id: 3, total: 1 },
  });
  assertEquals(
    parseServerFrame('{"response":100,"time":1,"alert":"x","room":"#a","joined":"eve","z":1}'),
    {
      kind: "notice",
      frame: { response: 100, time: 1, alert: "x", room: "#a", joined: "eve" },
    },
  );
  for (const field of ["joined", "left"]) {
    const frame = { response: 100, time: 1, alert: "x", room: "#a", [field]: ["eve", "боб"] };
    assertEquals<unknown>(parseServerFrame(JSON.stringify(frame)), { kind: "notice", frame });
    for (const wrong of [[1], [null], {}, 1, ["x".repeat(1_025)]]) {
      const line = JSON.stringify({ ...frame, [field]: wrong });
      assertThrows(() => parseServerFrame(line), FrameError);
    }
  }
  assertEquals(parseServerFrame('{"response":101,"time":1,"alert":"x","reason":"replaced"}'), {
    kind: "notice",
    frame: { response: 101, time: 1, alert: "x", reason: "replaced" },
  });
  assertEquals(
    parseServerFrame(
      '{"response":100,"time":1,"alert":"x","room":"#a","topic":"t","remove":true,"by":"eve"}',
    ),
    {
      kind: "notice",
      frame: {
        ...{ response: 100, time: 1, alert: "x", room: "#a" },
        ...{ topic: "t", remove: true, by: "eve" },
      },
    },
  );
  const room = {
    ...{ response: 200, time: 1, alert: "x", room: "#a", topic: "t", last: 3 },
    ...{ lasting: true, role: "owner", owners: ["eve"], moderators: [] },
  };
  assertEquals<unknown>(parseServerFrame(JSON.stringify(room)), { kind: "response", frame: room });
  assertEquals(
    parseServerFrame('{"response":200,"time":1,"role":"king","rooms":[{"room":"#a","z":1}]}'),
    {
      kind: "response",
      frame: {
        ...{ response: 200, time: 1 },
        rooms: [{ room: "#a", topic: "", users: 0, lasting: false }],
      },
    },
  );
  assertEquals(parseServerFrame('{"action":"probe","time":1}'), {
    kind: "probe",
    frame: { event: "probe", time: 1 },
  });
  assertEquals(parseServerFrame('{"event":"wave","to":"#a","seq":1}'), { kind: "unknown" });
  for (
    const line of [
      "x",
      "[]",
      "{}",
      '{"response":"200"}',
      '{"response":99}',
      '{"response":101,"reason":1}',
      '{"event":"msg","to":1}',
      '{"response":200,"rooms":[1]}',
      '{"response":200,"rooms":[{"room":1}]}',
      '{"response":200,"owners":[1]}',
      '{"response":200,"lasting":1}',
      `{"response":200,"topic":"${"x".repeat(1_025)}"}`,
    ]
  ) {
    assertThrows(() => parseServerFrame(line), FrameError);
  }
});

Deno.test("an answer with a wrong shape is told from other lines that are no frames", () => {
  const isAnswer = (line: string): boolean =>
    assertThrows(() => parseServerFrame(line), FrameError) instanceof AnswerError;
  const lines = [
    '{"response":200,"messages":[{}]}',
    '{"response":100,"room":1}',
    '{"event":"msg"}',
  ];
  assertEquals(lines.map(isAnswer), [true, false, false]);
});
