import { assertEquals } from "@std/assert";

import { refusal, roomOf, toJoined, toOutcome, toRoom } from "../../../client/library/answers.ts";

Deno.test("a message is sent, stored or refused, as the code says", () => {
  const id = "m-1";
  assertEquals(
    [
      { response: 200, time: 1, alert: "ok" },
      { response: 200, time: 1, delivered: 0, seq: 7 },
      { response: 202, time: 1, alert: "kept", seq: 8 },
      { response: 202, time: 1, alert: "kept", seq: 0.5 },
      { response: 404, time: 1, error: "nobody" },
      { response: 500, time: 1 },
    ].map((response) => toOutcome(response, id, "bob")),
    [
      { state: "sent", code: 200, id, sentence: "ok" },
      { state: "sent", code: 200, id, sentence: "", delivered: 0, seq: 7 },
      { state: "stored", code: 202, id, sentence: "kept", seq: 8 },
      { state: "stored", code: 202, id, sentence: "kept" },
      { state: "refused", code: 404, id, sentence: "nobody" },
      { state: "refused", code: 500, id, sentence: "no reason given" },
    ],
  );
});

Deno.test("a refusal says what was asked for, the code and the reason", () => {
  const { event, code, message } = refusal("join", { response: 403, time: 1, error: "full" });
  assertEquals([event, code, message], ["join", 403, "full"]);
});

Deno.test("of a room what the server left out is nothing", () => {
  const response = { response: 200, time: 1 };
  assertEquals(toRoom(response, "#dev"), {
    ...{ time: 1, room: "#dev", topic: "", isLasting: false },
    ...{ isPrivate: false, isModerated: false, slow: 0 },
    ...{ owners: [], moderators: [] },
  });
  const said = { room: "#Dev", topic: "tea", owners: ["eve"], moderators: ["bob"] };
  assertEquals(toRoom({ ...response, ...said, lasting: true }, "#dev"), {
    ...said,
    ...{ time: 1, isLasting: true, isPrivate: false, isModerated: false, slow: 0 },
  });
});

Deno.test("of a room that was entered what the server left out is nothing, and a wrong number is none", () => {
  const response = { response: 201, time: 1, users: [{ account_name: "eve", status: "" }] };
  const bare = {
    ...{ room: "#dev", users: ["eve"], isNew: true, topic: "", isLasting: false },
    ...{ role: "member", messages: [], more: false },
  };
  for (const last of [-1, 0.5, NaN, 2 ** 53]) {
    assertEquals<unknown>(toJoined({ ...response, last }, "#dev"), bare);
  }
  assertEquals<unknown>(toJoined({ ...response, last: 0 }, "#dev"), { ...bare, last: 0 });
});

Deno.test("what a room has against a request is told in words for programs, if the server says it", () => {
  const response = { response: 403, time: 1, error: "no" };
  const muted = { ...response, refused: "muted" as const, retry: 240 };
  assertEquals(refusal("join", response, "#dev").about, undefined);
  assertEquals(refusal("login", muted).about, undefined);
  const banned = { ...response, refused: "banned" as const, retry: 0, reason: "spam" };
  assertEquals(refusal("join", banned, "#dev").about, {
    ...{ refused: "banned", room: "#dev", reason: "spam" },
  });
  assertEquals(toOutcome(muted, "m", "#dev"), {
    ...{ state: "refused", code: 403, id: "m", sentence: "no" },
    about: { refused: "muted", room: "#dev", retry: 240 },
  });
  assertEquals("about" in toOutcome(muted, "m", "bob"), false);
});

Deno.test("of a room those who run it learn who is out, silent and invited", () => {
  const response = { response: 200, time: 1, private: true, moderated: true, slow: 10 };
  const lists = { banned: ["bob"], muted: [], invited: ["kim"] };
  const sanctions = [{ kind: "ban" as const, user: "bob", by: "ann" }];
  const answer = toRoom({ ...response, ...lists, sanctions }, "#dev");
  assertEquals(answer, {
    ...{ time: 1, room: "#dev", topic: "", isLasting: false, owners: [], moderators: [] },
    ...{ isPrivate: true, isModerated: true, slow: 10, ...lists, sanctions },
  });
  assertEquals("banned" in toRoom(response, "#dev"), false);
});

Deno.test("the room of a request is the one that it names or writes to", () => {
  const message = "hi";
  assertEquals([
    roomOf({ event: "kick", room: "#Dev", user: "bob" }),
    roomOf({ event: "msg", to: "#dev", message }),
    roomOf({ event: "msg", to: "bob", message }),
    roomOf({ event: "read", with: "#dev", seq: 1 }),
    roomOf({ event: "quit" }),
  ], ["#Dev", "#dev", undefined, "#dev", undefined]);
});
