import { assertEquals } from "@std/assert";

import { encodeResponse } from "../../../common/wire/encode.ts";
import { answer } from "../../../server/answer.ts";
import { AnswerEncoder } from "../../../server/connection/answer_encoder.ts";

Deno.test("AnswerEncoder keeps no line that differs in answer, time, id or extras", () => {
  const encoder = new AnswerEncoder();
  const [fine, gone] = [answer(200, "Fine"), answer(410, "Gone")];
  const joined = answer(200, "Fine", { room: "#dev", users: ["eve"] });
  const calls = [
    [fine, 1, undefined],
    [fine, 1, undefined],
    [fine, 2, undefined],
    [gone, 2, undefined],
    [fine, 2, "x"],
    [fine, 2, 7],
    [fine, 2, undefined],
    [joined, 2, undefined],
    [joined, 2, "x"],
    [fine, 2, undefined],
  ] as const;
  for (const [given, time, id] of calls) {
    const { code, sentence, extras } = given;
    const expected = encodeResponse(code, time, sentence, id, extras);
    assertEquals(encoder.encode(given, time, id), expected);
  }
});
