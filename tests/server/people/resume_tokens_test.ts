import { assertEquals } from "@std/assert";

import { ResumeTokens } from "../../../server/people/resume_tokens.ts";

Deno.test("ResumeTokens: a used token and those that were given for it are right until the client is heard", () => {
  const tokens = new ResumeTokens("a");
  assertEquals([tokens.prove("a"), tokens.prove("b"), tokens.own], ["session", undefined, ["a"]]);
  tokens.renew("a", "b");
  assertEquals([tokens.prove("a"), tokens.prove("b")], ["session", "session"]);
  assertEquals(tokens.own, ["a", "b"]);
  tokens.renew("a", "c"); // the answer with b was lost, or comes late
  assertEquals(tokens.own, ["b", "a", "c"]);
  for (const next of ["d", "e"]) tokens.renew("a", next);
  assertEquals(tokens.own, ["c", "d", "a", "e"], "of very many the latest, and the used one");
  tokens.settle("c");
  assertEquals(["a", "b", "c"].map((hash) => tokens.prove(hash)), [
    undefined,
    undefined,
    "session",
  ]);
});

Deno.test("ResumeTokens: the token of an earlier session proves the name, not this session", () => {
  const tokens = new ResumeTokens("b", "a");
  assertEquals([tokens.prove("a"), tokens.prove("b"), tokens.own], ["name", "session", ["b"]]);
  tokens.settle("b");
  assertEquals(tokens.prove("a"), undefined);
});
