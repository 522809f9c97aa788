import { assert, assertEquals } from "@std/assert";

import { FrameError, messageOf, stackOf, StartError, UsageError } from "../../common/errors.ts";

Deno.test("the errors know their class by name, and a FrameError the request's id", () => {
  assertEquals(String(new UsageError("--x")), "UsageError: --x");
  assertEquals(String(new StartError("port taken")), "StartError: port taken");
  const error = new FrameError("to must be a text", 7);
  assertEquals([String(error), error.id], ["FrameError: to must be a text", 7]);
  assertEquals(new FrameError("no JSON").id, undefined);
});

Deno.test("messageOf and stackOf take whatever was thrown", () => {
  const error = new RangeError("too far");
  assertEquals(messageOf(error), "too far");
  assert(stackOf(error).startsWith("RangeError: too far\n    at "));
  const bare = new Error("no stack");
  Reflect.deleteProperty(bare, "stack");
  assertEquals(stackOf(bare), "no stack");
  for (const thrown of ["text", 5, null, undefined]) {
    assertEquals([messageOf(thrown), stackOf(thrown)], [String(thrown), String(thrown)]);
  }
});
