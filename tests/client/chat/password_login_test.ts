import { assertEquals, assertRejects } from "@std/assert";

import { logInWithPassword } from "../../../client/chat/password_login.ts";
import { RefusedError } from "../../../client/library/errors.ts";
import { JimClient } from "../../../client/library/jim_client.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import { FakeUi } from "../../support/fake_ui.ts";
import { PASSWORD, TestServer } from "../../support/server_fixture.ts";

const QUESTION = "You are online elsewhere. Take over? [y/N] ";

/** Somebody who logs in as bob, who is online elsewhere. */
async function asBob(
  run: (
    stage: { ui: FakeUi; elsewhere: JimClient; logIn: (password?: string) => Promise<void> },
  ) => Promise<void>,
): Promise<void> {
  await using server = new TestServer();
  await (await server.registered("bob")).ask({ event: "quit" });
  const { hostname, port } = server.address;
  await using elsewhere = await JimClient.connect({
    hostname,
    port,
    name: "bob",
    password: PASSWORD,
  });
  await using client = await JimClient.connect({ hostname, port });
  const ui = new FakeUi();
  const logIn = (password = PASSWORD): Promise<void> =>
    logInWithPassword(client, "bob", { password }, ui, speakerOf("en"));
  await run({ ui, elsewhere, logIn });
}

Deno.test("who is online elsewhere is asked, and with a yes takes over under the same password", () =>
  asBob(async ({ ui, elsewhere, logIn }) => {
    ui.answers = ["y"];
    await logIn();
    assertEquals([ui.questions, ui.shown], [[QUESTION], ["Checking …"]]);
    const error = await elsewhere.closed;
    assertEquals(error instanceof Error && "announced" in error && error.announced, "replaced");
  }));

Deno.test("with anything else it stays a refusal, and the other connection is left alone", () =>
  asBob(async ({ ui, elsewhere, logIn }) => {
    for (const answer of ["n", "", undefined]) {
      ui.answers = [answer];
      assertEquals((await assertRejects(logIn, RefusedError)).code, 409);
    }
    assertEquals([ui.questions.length, ui.shown, elsewhere.isOnline], [3, [], true]);
  }));

Deno.test("a wrong password, and a script, are not asked", () =>
  asBob(async ({ ui, elsewhere, logIn }) => {
    const error = await assertRejects(() => logIn("wrong horse"), RefusedError);
    assertEquals(error.code, 402);
    ui.isInteractive = false;
    assertEquals((await assertRejects(() => logIn(), RefusedError)).code, 409);
    assertEquals([ui.questions, elsewhere.isOnline], [[], true]);
  }));
