import { assertEquals, assertRejects } from "@std/assert";

import { Connection } from "../../../client/library/connection.ts";
import { ConnectionLostError } from "../../../client/library/errors.ts";
import { greet } from "../../../client/library/greeting.ts";
import type { LoginWishes } from "../../../client/library/identity.ts";
import type { Response } from "../../../common/wire/protocol.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { FakeConn } from "../../support/fake_conn.ts";
import { settle } from "../../support/settle.ts";

/** What each login announces. */
const features = ["gathered"];
const TOKEN = { token: "secret", seen: 5 };

/** A login whose server answers with these codes, one after the other. */
async function play(wishes: LoginWishes, password: string | undefined, codes: number[]): Promise<{
  answer: Response;
  asked: unknown[];
  called: string[];
}> {
  const [link, clock, called] = [new FakeConn(), new FakeClock(), [] as string[]];
  const connection = new Connection(link, { clock, onEvent: () => {}, onEnd: () => {} });
  const greeting = greet(connection, { name: "eve", password, status: undefined }, {
    ...{ ...wishes, clock },
    onWrongToken: () => called.push("wrong token"),
    onSuccess: ({ response }) => called.push(`success ${response}`),
  });
  for (const response of codes) {
    link.feedFrames({ response });
    await settle();
  }
  const answer = await greeting;
  assertEquals(clock.pending, 0);
  connection.close();
  return { answer, asked: link.frames, called };
}

Deno.test("a token takes the place of the password, and stands beside a guest's name", async () => {
  const account = await play({ resume: TOKEN }, "correct horse", [200]);
  assertEquals(account.asked, [
    { event: "authenticate", user: { account_name: "eve" }, resume: "secret", seen: 5, features },
  ]);
  assertEquals(account.called, ["success 200"]);
  const guest = await play({ resume: TOKEN }, undefined, [200]);
  const presence = { event: "presence", type: "status", user: { account_name: "eve" } };
  assertEquals(guest.asked, [{ ...presence, resume: "secret", seen: 5, features }]);
});

Deno.test("a wrong token is said once, before the login that needs none", async () => {
  for (const code of [400, 402]) {
    const { answer, asked, called } = await play({ resume: TOKEN }, "correct horse", [code, 409]);
    const user = { account_name: "eve", password: "correct horse" };
    assertEquals(asked.slice(1), [{ event: "authenticate", user, resume: true, features }]);
    assertEquals([answer.response, called], [409, ["wrong token"]]);
  }
});

Deno.test("any other refusal is the server's last word, and so is one of the password", async () => {
  for (const code of [401, 403, 409, 500]) {
    const { answer, asked } = await play({ resume: TOKEN }, "correct horse", [code]);
    assertEquals([answer.response, asked.length], [code, 1]);
  }
  const { answer, asked, called } = await play({ resume: true }, "wrong horse", [402]);
  assertEquals([answer.response, asked.length, called], [402, 1, []]);
});

Deno.test("a server that says nothing is given up after 90 s", async () => {
  const [link, clock] = [new FakeConn(), new FakeClock()];
  const connection = new Connection(link, { clock, onEvent: () => {}, onEnd: () => {} });
  const identity = { name: "eve", password: undefined, status: undefined };
  const greeting = greet(connection, identity, { clock, onSuccess: () => {} });
  const rejected = assertRejects(() => greeting, ConnectionLostError);
  clock.advance(90_000);
  assertEquals([(await rejected).reason, clock.pending], ["silent", 0]);
});
