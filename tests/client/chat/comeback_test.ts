import { assertEquals } from "@std/assert";

import { Comeback } from "../../../client/chat/comeback.ts";
import { ConnectError, ConnectionLostError, RefusedError } from "../../../client/library/errors.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const lost = new ConnectionLostError("broken", "x");
const shutdown = new ConnectionLostError("closed", "y", { notice: "bye", announced: "shutdown" });
const taken = new RefusedError("login", 409, "taken");
const fault = new RefusedError("login", 500, "fault");

/** A comeback, and what it says. */
function fixture(hasPrompt: boolean): { comeback: Comeback; clock: FakeClock; said: string[] } {
  const said: string[] = [];
  const clock = new FakeClock();
  const tell = (key: string, error: Error): void => void said.push(`${key} ${error.message}`);
  return { comeback: new Comeback({ hasPrompt, clock, tell }), clock, said };
}

Deno.test("each refusal is said once, and the prompt says what holds now", () => {
  const { comeback, clock, said } = fixture(true);
  comeback.failed(lost);
  clock.advance(15_000);
  const prompts = [lost, lost, taken, taken, fault, lost, taken].map((error) => {
    comeback.failed(error);
    return comeback.prompt;
  });
  assertEquals(prompts, [
    ...["promptOffline", "promptOffline", "promptNameTaken", "promptNameTaken"],
    ...["promptOffline", "promptOffline", "promptNameTaken"],
  ]);
  assertEquals(said, ["notLetIn taken", "notLetIn fault", "notLetIn taken"]);
  comeback.succeeded();
  assertEquals(comeback.prompt, "promptOffline");
});

Deno.test("for 15 s a refusal that passes is one calm word, then it is said as it is", () => {
  for (const hasPrompt of [true, false]) {
    const { comeback, clock, said } = fixture(hasPrompt);
    comeback.failed(lost);
    const shown = hasPrompt ? [] : ["lost x"];
    for (const error of [fault, taken, taken]) {
      clock.advance(4_999);
      comeback.failed(error);
      assertEquals(comeback.prompt, "promptOffline");
    }
    assertEquals(said.toSorted(), [...shown, "notYetBack fault"]);
    clock.advance(3);
    comeback.failed(taken);
    assertEquals([comeback.prompt, said.at(-1)], ["promptNameTaken", "notLetIn taken"]);
    assertEquals(said.length, shown.length + 2);
    comeback.succeeded();
    comeback.failed(lost);
    comeback.failed(fault);
    assertEquals(said.at(-1), "notYetBack fault");
    comeback.end();
  }
});

Deno.test("two seconds are worth no word; what lasts longer is told when it is over", () => {
  const { comeback, clock, said } = fixture(true);
  assertEquals(comeback.succeeded(), undefined);
  comeback.failed(lost);
  clock.advance(1_999);
  assertEquals(comeback.succeeded(), undefined);
  const fromMs = clock.epochMs();
  comeback.failed(lost);
  clock.advance(1_000);
  comeback.failed(lost);
  clock.advance(1_000);
  assertEquals(comeback.succeeded(), { fromMs, toMs: fromMs + 2_000 });
  assertEquals([said, clock.pending], [[], 0]);
});

Deno.test("without a prompt it is said that the connection is lost, with the reason that holds then", () => {
  const { comeback, clock, said } = fixture(false);
  comeback.failed(lost);
  comeback.failed(new ConnectError("refused", "nobody"));
  clock.advance(1_999);
  assertEquals(said, []);
  clock.advance(60_000);
  comeback.failed(lost);
  assertEquals(said, ["lost nobody"]);
  comeback.succeeded();
  comeback.failed(lost);
  comeback.end();
  assertEquals([said.length, clock.pending], [1, 0]);
});

Deno.test("what a person has to see to is said at once, and once", () => {
  const { comeback, said } = fixture(true);
  const expired = new ConnectError("certificate", "expired");
  for (const error of [lost, expired, lost, expired]) comeback.failed(error);
  assertEquals(said, ["lost expired"]);
});

Deno.test("that a server shuts down is told when it is over, however soon, or after half a minute", () => {
  const { comeback, clock, said } = fixture(true);
  const fromMs = clock.epochMs();
  comeback.failed(shutdown);
  clock.advance(400);
  comeback.failed(new ConnectError("refused", "nobody"));
  assertEquals(comeback.succeeded(), { fromMs, toMs: fromMs + 400 });
  assertEquals([said, clock.pending], [[], 0]);
  comeback.failed(shutdown);
  comeback.failed(new ConnectError("refused", "nobody"));
  clock.advance(29_999);
  assertEquals(said, []);
  clock.advance(60_000);
  assertEquals(said, ["lost y"]);
});

Deno.test("a server that has lost the session was restarted: that is told however soon, where there is a prompt", () => {
  const { comeback, clock, said } = fixture(true);
  const fromMs = clock.epochMs();
  comeback.failed(lost);
  clock.advance(400);
  assertEquals(comeback.succeeded(true), { fromMs, toMs: fromMs + 400 });
  comeback.failed(lost);
  assertEquals([comeback.succeeded(), said, clock.pending], [undefined, [], 0]);
  const other = fixture(false);
  other.comeback.failed(lost);
  assertEquals([other.comeback.succeeded(true), other.said], [undefined, []]);
});

Deno.test("without a prompt a shutdown is as any other loss: its notice is on the screen already", () => {
  const { comeback, clock, said } = fixture(false);
  comeback.failed(shutdown);
  clock.advance(1_999);
  assertEquals([comeback.succeeded(), said], [undefined, []]);
});
