import { assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";

import { FrameError } from "../../../common/errors.ts";
import type { Request } from "../../../common/wire/protocol.ts";
import { parseRequest } from "../../../common/wire/requests.ts";

function refused(frame: unknown, ...words: string[]): FrameError {
  const line = typeof frame === "string" ? frame : JSON.stringify(frame);
  const error = assertThrows(() => parseRequest(line), FrameError);
  for (const word of words) assertStringIncludes(error.message, word, line.slice(0, 100));
  assertFalse(error.message.includes("\n"), "one line");
  return error;
}

const REQUESTS: Request[] = [
  {
    event: "presence",
    time: 1,
    type: "status",
    user: { account_name: "eve", status: "Yep, I am here!" },
  },
  { event: "presence", user: { account_name: "eve" } },
  { event: "authenticate", user: { account_name: "eve", password: "correct horse" } },
  {
    event: "authenticate",
    user: { account_name: "eve", password: "correct horse" },
    register: true,
  },
  {
    event: "authenticate",
    user: { account_name: "eve", password: "correct horse" },
    register: false,
    takeover: true,
  },
  { event: "presence", user: { account_name: "eve" }, resume: true },
  { event: "presence", user: { account_name: "eve" }, resume: "t".repeat(128), seen: 0 },
  { event: "authenticate", user: { account_name: "eve" }, resume: "t", seen: 2 ** 53 - 1 },
  {
    event: "authenticate",
    user: { account_name: "eve", password: "correct horse" },
    resume: true,
  },
  { event: "presence", user: { account_name: "eve" }, features: ["gathered", "no such"] },
  {
    event: "authenticate",
    user: { account_name: "eve", password: "correct horse" },
    features: Array<string>(20).fill("😀".repeat(25)),
  },
  { event: "authenticate", user: { account_name: "eve" }, resume: "t", features: [] },
  { event: "join", room: "#dev", seen: 5 },
  { event: "msg", to: "bob", message: "hi", store: true, seen: 64 },
  { event: "msg", time: 1.5, to: "bob", from: "eve", message: "😀", encoding: "utf-8" },
  { event: "msg", to: "#dev", message: "hi", id: "a", store: true },
  { event: "join", room: "#dev", id: 7 },
  { event: "leave", room: "#dev", id: -1 },
  { event: "quit" },
  { event: "probe" },
  { event: "msg", to: "#dev", message: "hi", reply: 3, kind: "action" },
  { event: "presence", user: { account_name: "eve", away: "" } },
  { event: "presence", user: { account_name: "eve", status: "x", away: "😀".repeat(100) } },
  { event: "whois", user: "Eve" },
  { event: "who" },
  { event: "who", room: "#dev" },
  { event: "rooms" },
  { event: "room", room: "#dev" },
  { event: "room", room: "#dev", topic: "", remove: false },
  { event: "room", room: "#dev", topic: "😀".repeat(200) },
  { event: "room", room: "#dev", remove: true },
  { event: "ack", stored: 3 },
];

Deno.test("parseRequest reads every request, in both dialects; the peer's time is dropped", () => {
  for (const sent of REQUESTS) {
    const { time: _, ...request } = sent;
    assertEquals(parseRequest(JSON.stringify(sent)), { key: "event", request });
    const { event, ...rest } = sent;
    assertEquals(parseRequest(JSON.stringify({ action: event, ...rest })), {
      key: "action",
      request,
    });
  }
});

Deno.test("parseRequest drops fields that the protocol does not name", () => {
  const { request } = parseRequest(
    '{"event":"probe","x":1,"__proto__":{"event":"quit"},"user":[]}',
  );
  assertEquals(request, { event: "probe" });
  assertEquals(Object.getPrototypeOf(request), Object.prototype);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
  const line = '{"event":"msg","to":"constructor","message":"x","__proto__":{"polluted":1}}';
  assertEquals(parseRequest(line).request, { event: "msg", to: "constructor", message: "x" });
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
});

Deno.test("parseRequest refuses what is not one JSON object", () => {
  for (
    const line of [
      "x",
      "{",
      '{"event":"probe"} x',
      "1",
      "null",
      "true",
      '"x"',
      "[]",
      "[".repeat(100_000),
    ]
  ) {
    refused(line, "line must be one JSON object");
  }
  refused('{"event":"probe","x":"\uFFFD"}', "UTF-8");
  refused('{"event":"probe"}\uDFFF', "line must be at most 32768 bytes");
  assertEquals(
    parseRequest(`{"event":"probe","x":${"[".repeat(9_000)}${"]".repeat(9_000)}}`).request.event,
    "probe",
  );
});

Deno.test("parseRequest names the field and what is allowed", () => {
  refused({}, "event must be one of presence, authenticate, msg", "received nothing");
  refused({ event: "zzz" }, "event must be one of");
  refused({ event: "toString" }, "event must be one of");
  refused({ event: 1 }, "event must be one of", "a number");
  refused({ action: "zzz" }, "action must be one of");
  refused({ event: "zzz", action: "probe" }, "event must be one of");
  refused({ event: "probe", time: "1" }, "time must be");
  refused({ event: "probe", time: null }, "time must be", "null");
  refused('{"event":"probe","time":1e999}', "time must be");
  for (const id of [null, "", "x".repeat(65), 1.5, 2 ** 53, true, [], {}]) {
    refused({ event: "probe", id }, "id must be");
  }
  refused({ event: "presence" }, "user must be an object", "received nothing");
  refused({ event: "presence", user: [] }, "user must be an object", "an array");
  refused({ event: "presence", user: {} }, "user.account_name must be", "received nothing");
  refused({ event: "presence", user: { account_name: "a b" } }, "user.account_name must be");
  refused({ event: "presence", user: { account_name: "a", status: 1 } }, "user.status must be");
  refused(
    { event: "presence", user: { account_name: "a", status: "x".repeat(101) } },
    "user.status",
    "101",
  );
  refused({ event: "presence", type: "x", user: { account_name: "a" } }, "type must be");
  refused({ event: "authenticate", user: { account_name: "a" } }, "user.password must be");
  refused(
    { event: "authenticate", user: { account_name: "a", password: "short" } },
    "user.password",
    "5",
  );
  refused(
    { event: "authenticate", user: { account_name: "a", password: "long enough" }, register: 1 },
    "register must be true or false",
  );
  const user = { account_name: "a", password: "long enough" };
  refused({ event: "authenticate", user, resume: "t" }, "user.password and a token in resume");
  refused({ event: "authenticate", user: { account_name: "a" }, resume: true }, "user.password");
  const toRegister = { register: true, resume: "t" };
  refused({ event: "authenticate", user: { account_name: "a" }, ...toRegister }, "user.password");
  for (const event of ["presence", "authenticate"]) {
    for (const resume of ["", "x".repeat(129), 1, null, {}, ["t"]]) {
      refused({ event, user, resume }, "resume must be true or a token of 1–128 characters");
    }
  }
  const manyFeatures = Array<string>(21).fill("x");
  for (
    const [features, received] of [
      ["gathered", "another text"],
      [{}, "an object"],
      [null, "null"],
      [["a", 1], "a number in it"],
      [["a", "😀".repeat(26)], "one of 26 characters"],
      [manyFeatures, "21"],
    ]
  ) {
    const rule = "features must be a list of at most 20 texts of at most 25 characters";
    for (const event of ["presence", "authenticate"]) {
      refused({ event, user, features }, `${rule}, received ${received}`);
    }
  }
  for (const event of ["probe", "who", "quit"]) {
    for (const seen of [-1, 1.5, "1", null, 2 ** 53]) {
      refused({ event, seen }, "seen must be a whole number from 0");
    }
  }
  refused({ event: "msg", message: "x" }, "to must be");
  refused({ event: "msg", to: "#", message: "x" }, "to must be '#'");
  refused(
    { event: "msg", to: "bob" },
    "message must be a text of 1–4096 characters, received nothing",
  );
  refused(
    { event: "msg", to: "bob", message: "" },
    "message must be 1–4096 characters, received 0",
  );
  refused(
    { event: "msg", to: "bob", message: "x".repeat(5_000) },
    "message must be 1–4096 characters, received 5000",
  );
  refused({ event: "msg", to: "bob", message: {} }, "message must be", "an object");
  refused({ event: "msg", to: "bob", message: "x", from: "#x" }, "from must be");
  refused({ event: "msg", to: "bob", message: "x", encoding: "x".repeat(26) }, "encoding must be");
  refused({ event: "msg", to: "bob", message: "x", encoding: 8 }, "encoding must be");
  refused({ event: "msg", to: "bob", message: "x", store: "yes" }, "store must be true or false");
  refused({ event: "join" }, "room must be");
  refused({ event: "leave", room: "dev" }, "room must be '#'");
  refused({ event: "who", room: null }, "room must be");
  refused({ event: "room" }, "room must be");
  refused({ event: "room", room: "dev", topic: "" }, "room must be '#'");
  refused({ event: "room", room: "#dev", topic: 1 }, "topic must be a text of 0–200 characters");
  refused(
    { event: "room", room: "#dev", topic: "x".repeat(201) },
    "topic must be 0–200 characters, received 201",
  );
  refused({ event: "room", room: "#dev", remove: 1 }, "remove must be true or false");
  for (const stored of [undefined, 0, -1, 1.5, "1", 2 ** 53]) {
    refused({ event: "ack", stored }, "stored must be");
  }
});

Deno.test("parseRequest says nothing of the peer's text in its errors", () => {
  for (
    const frame of [{ event: "EVIL\x1b" }, { event: "probe", id: ["EVIL"] }, {
      event: "join",
      room: "EVIL",
    }]
  ) {
    assertFalse(refused(frame).message.includes("EVIL"));
  }
});

Deno.test("parseRequest: the error carries the id where that is valid", () => {
  assertEquals(refused({ event: "zzz", id: 5 }).id, 5);
  assertEquals(refused({ event: "join", room: 1, id: "x" }).id, "x");
  assertEquals(refused({ event: "zzz", id: [] }).id, undefined);
  assertEquals(refused("x").id, undefined);
});

Deno.test("parseRequest: bounds are code points and may be set", () => {
  assertEquals(
    parseRequest(JSON.stringify({ event: "msg", to: "b", message: "😀".repeat(4_096) })).key,
    "event",
  );
  refused({ event: "msg", to: "b", message: "😀".repeat(4_097) }, "received 4097");
  const error = assertThrows(
    () => parseRequest('{"event":"msg","to":"b","message":"abcd"}', { maxMessage: 3 }),
    FrameError,
  );
  assertEquals(error.message, "message must be 1–3 characters, received 4");
});

Deno.test("parseRequest: of a key given twice the last counts, as JSON.parse has it", () => {
  assertEquals(parseRequest('{"event":"quit","event":"probe"}').request.event, "probe");
});
