import { assertEquals } from "@std/assert";

import { ConnectError, ConnectionLostError, RefusedError } from "../../../client/library/errors.ts";
import { isFinal, isPassing, isShutdown } from "../../../client/library/final_errors.ts";

Deno.test("a refusal is final only if waiting cannot mend it", () => {
  const refused = (code: number): boolean => isFinal(new RefusedError("login", code, "no"));
  assertEquals([400, 401, 402, 403].map(refused), [true, true, true, true]);
  assertEquals([404, 409, 410, 500].map(refused), [false, false, false, false]);
});

Deno.test("who was replaced, blocked or removed does not try again; after another 101 they do", () => {
  const ended = (announced: string | undefined): boolean =>
    isFinal(new ConnectionLostError("closed", "bye", { announced }));
  assertEquals(["replaced", "blocked", "removed"].map(ended), [true, true, true]);
  for (const announced of ["shutdown", "probe", "slow", "full", "fenced", "toString", undefined]) {
    assertEquals([announced, ended(announced)], [announced, false]);
  }
});

Deno.test("a server that ends, or a node that has lost the others, is soon to be had again", () => {
  const isSoon = (announced: string | undefined): boolean =>
    isShutdown(new ConnectionLostError("closed", "bye", { announced }));
  assertEquals(["shutdown", "fenced"].map(isSoon), [true, true]);
  assertEquals(["replaced", "probe", "full", undefined].map(isSoon), Array(4).fill(false));
});

Deno.test("a server that sends too much is not tried again; one that is not there is", () => {
  assertEquals(isFinal(new ConnectionLostError("overload", "more than a cap")), true);
  assertEquals(isFinal(new ConnectError("refused", "nobody")), false);
  assertEquals(isFinal("no error at all"), false);
});

Deno.test("a server that has just lost a node lets nobody in for a moment", () => {
  const passes = (code: number, lostForMs: number): boolean =>
    isPassing(new RefusedError("login", code, "no"), lostForMs);
  assertEquals([409, 500].map((code) => passes(code, 14_999)), [true, true]);
  assertEquals([409, 500].map((code) => passes(code, 15_000)), [false, false]);
  assertEquals([400, 401, 402, 403].map((code) => passes(code, 0)), Array(4).fill(false));
  assertEquals(isPassing(new ConnectError("refused", "nobody"), 0), false);
});
