import { assert, assertEquals, assertThrows } from "@std/assert";

import { FrameError, FramingError } from "../../../../common/errors.ts";
import { OVERLONG_MARK } from "../../../../common/wire/lines.ts";
import type { Request } from "../../../../common/wire/protocol.ts";
import {
  ClassicRequest,
  ClassicRequests,
} from "../../../../server/connection/classic/classic_requests.ts";
import { ClassicShape } from "../../../../server/connection/classic/classic_shape.ts";
import { STRAY_MARK } from "../../../../server/connection/classic/object_reader.ts";

function read(object: object, requests = new ClassicRequests({}, new ClassicShape())): Request {
  return requests.read(JSON.stringify(object));
}

function refusal(object: object): string {
  return assertThrows(() => read(object), FrameError).message;
}

Deno.test("ClassicRequests: presence, whatever its time and type are", () => {
  for (const rest of [{}, { time: "now", type: 7 }, { time: null, type: "status" }, { time: [] }]) {
    const user = { account_name: "eve" };
    assertEquals(read({ action: "presence", user, ...rest }), { event: "presence", user });
  }
  const user = { account_name: "eve", status: "Yep", password: "x", pubkey: "K" };
  assertEquals(read({ action: "presence", user, resume: true, features: ["gathered"] }), {
    event: "presence",
    user: { account_name: "eve", status: "Yep" },
  });
});

Deno.test("ClassicRequests: a message under any of its keys; the first of each kind counts", () => {
  const expected = { event: "msg", to: "bob", message: "hi" } as const;
  for (const action of ["msg", "message"]) {
    for (const text of ["mess_text", "message_text", "msg_text", "text", "message"]) {
      for (const to of ["to", "destination", "receiver"]) {
        assertEquals(read({ action, [text]: "hi", [to]: "bob", time: "x" }), expected);
        for (const from of ["from", "sender"]) {
          assertEquals(read({ action, [text]: "hi", [to]: "bob", [from]: "eve" }), {
            ...expected,
            from: "eve",
          });
        }
      }
    }
  }
  const all = { message: "5", text: "4", msg_text: "3", message_text: "2", mess_text: "1" };
  const names = { receiver: "c", destination: "b", to: "a", sender: "y", from: "x" };
  assertEquals(read({ action: "msg", ...all, ...names, store: true, reply: 1, encoding: [] }), {
    event: "msg",
    ...{ to: "a", from: "x", message: "1" },
  });
});

Deno.test("ClassicRequests: quit, probe, and an id", () => {
  assertEquals(read({ action: "exit", time: {}, account_name: "eve" }), { event: "quit" });
  assertEquals(read({ action: "quit" }), { event: "quit" });
  assertEquals(read({ action: "probe", id: 7 }), { event: "probe", id: 7 });
});

Deno.test("ClassicRequests: lists, contacts, keys", () => {
  for (
    const [object, question, name] of [
      [{ action: "get_users" }, "users", ""],
      [{ action: "who" }, "users", ""],
      [{ action: "get_contacts", user: "eve" }, "contacts", ""],
      [{ action: "add", account_name: "bob" }, "add", "bob"],
      [{ action: "add_contact", user_id: "bob" }, "add", "bob"],
      [{ action: "remove", user_login: "bob" }, "remove", "bob"],
      [{ action: "del_contact", account_name: "bob", user_id: "x" }, "remove", "bob"],
      [{ action: "pubkey_need", account_name: "bob" }, "key", "bob"],
    ] as const
  ) {
    const request = read({ ...object, id: "i" });
    assert(request instanceof ClassicRequest);
    assertEquals([request.question, request.name, request.id], [question, name, "i"]);
  }
});

Deno.test("ClassicRequests: what is not for classic clients, or wrong", () => {
  for (const action of ["authenticate", "join", "leave", "history", "search", "ack", "rooms"]) {
    assert(refusal({ action }).startsWith("rooms, accounts and history"), action);
  }
  assert(refusal({ action: "msg", to: "#dev", message: "x" }).startsWith("rooms,"));
  assert(refusal({ action: "constructor" }).startsWith("action must be one of presence, "));
  for (
    const object of [
      {},
      { action: 1 },
      { action: "presence" },
      { action: "presence", user: { account_name: "a b" } },
      { action: "msg", message: "x" },
      { action: "msg", to: "bob" },
      { action: "msg", to: "bob", message: "" },
      { action: "msg", to: "bob", message: "x", from: 1 },
      { action: "add" },
      { action: "add", account_name: "#dev" },
      { action: "probe", id: {} },
    ]
  ) refusal(object);
  const error = assertThrows(() => read({ action: "add", id: 9 }), FrameError);
  assertEquals([error.id, error instanceof FramingError], [9, false]);
});

Deno.test("ClassicRequests: what cannot be told apart is the end", () => {
  const requests = new ClassicRequests({ maxLine: 99 }, new ClassicShape());
  for (const mark of [STRAY_MARK, OVERLONG_MARK]) {
    assertThrows(() => requests.read(mark), FramingError);
  }
  for (const text of ["{[}", '{"a":"\uFFFD"}']) {
    const error = assertThrows(() => requests.read(text), FrameError);
    assertEquals(error instanceof FramingError, false, "what follows can be read");
  }
});

Deno.test("ClassicRequests: the public key of the last presence", () => {
  const requests = new ClassicRequests({}, new ClassicShape());
  const keyOf = (rest: object, user: object = {}): string | undefined => {
    read({ action: "presence", user: { account_name: "eve", ...user }, ...rest }, requests);
    return requests.publicKey;
  };
  assertEquals(keyOf({}, { pubkey: "K" }), "K");
  assertEquals(keyOf({ pubkey: "L" }), "L");
  assertEquals(keyOf({}), undefined);
  assertEquals(keyOf({ pubkey: 7 }), undefined);
  assertEquals(keyOf({ pubkey: "x".repeat(898) }), "x".repeat(898));
  assertEquals(keyOf({ pubkey: "x".repeat(899) }), undefined, "it would fit into no answer");
});

Deno.test("ClassicRequests tells the shape what it has read, if it was right", () => {
  const shape = new ClassicShape();
  const requests = new ClassicRequests({}, shape);
  const keys = (): string[] => Object.keys(shape.messageOf(1, "bob", "hi"));
  const before = keys();
  assertThrows(() => read({ action: "msg", receiver: "bob", text: "" }, requests));
  assertEquals(keys(), before);
  read({ action: "msg", receiver: "bob", text: "x", sender: "eve" }, requests);
  assertEquals(keys(), ["action", "time", "sender", "receiver", "text"]);
});
