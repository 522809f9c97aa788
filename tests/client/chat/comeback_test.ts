import { assertEquals } from "@std/assert";

import { Comeback } from "../../../client/chat/comeback.ts";
import { ConnectionLostError, RefusedError } from "../../../client/library/errors.ts";

const lost = new ConnectionLostError("broken", "x");
const taken = new RefusedError("login", 409, "taken");
const fault = new RefusedError("login", 500, "fault");

Deno.test("each reason is said once, and the prompt says the one that holds now", () => {
  const comeback = new Comeback();
  const errors = [lost, lost, taken, taken, fault, lost, taken];
  assertEquals(
    errors.map((error) => [comeback.failed(error), comeback.prompt]),
    [
      ["lost", "promptOffline"],
      [undefined, "promptOffline"],
      ["notLetIn", "promptNameTaken"],
      [undefined, "promptNameTaken"],
      ["notLetIn", "promptOffline"],
      [undefined, "promptOffline"],
      ["notLetIn", "promptNameTaken"],
    ],
  );
  comeback.succeeded();
  assertEquals(comeback.prompt, "promptOffline");
  assertEquals(comeback.failed(lost), "lost");
});
