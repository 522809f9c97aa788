import { assertEquals } from "@std/assert";

import { refusal, toJoined, toOutcome, toRoom } from "../../../client/library/answers.ts";

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
    ].map((response) => toOutcome(response, id)),
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
    ...{ room: "#dev", topic: "", isLasting: false },
    ...{ owners: [], moderators: [] },
  });
  const said = { room: "#Dev", topic: "tea", owners: ["eve"], moderators: ["bob"] };
  assertEquals(toRoom({ ...response, ...said, lasting: true }, "#dev"), {
    ...said,
    isLasting: true,
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
