import { assertEquals } from "@std/assert";

import { EditSession } from "../../../client/terminal/edit_session.ts";

Deno.test("Ctrl-X and Ctrl-E right behind it ask for the editor", () => {
  const session = new EditSession();
  const asked = (...keys: string[]): boolean[] =>
    keys.map((key) => session.isAskedFor({ name: key.at(-1)!, ctrl: key.startsWith("^") }));
  assertEquals(asked("^e", "^x", "^x", "^e", "^e"), [false, false, false, true, false]);
  assertEquals(asked("x", "^e", "^x", "e", "^e"), [false, false, false, false, false]);
});

Deno.test("it is open until it closes, by itself or because it is told to", async () => {
  const session = new EditSession();
  const closed: string[] = [];
  assertEquals(session.running, undefined);
  const first = Promise.withResolvers<string>();
  session.begin(() => first.promise, (outcome) => closed.push(`${outcome} ${session.running}`));
  const { running } = session;
  first.resolve("one");
  await running;
  const told = (signal: AbortSignal): Promise<string> =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve("told")));
  session.begin(told, (outcome) => closed.push(outcome));
  session.end();
  await session.running;
  assertEquals(closed, ["one undefined", "told"]);
});
