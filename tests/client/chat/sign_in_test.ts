import { assertEquals, assertRejects } from "@std/assert";

import { JimClient } from "../../../client/library/jim_client.ts";
import { signIn } from "../../../client/chat/sign_in.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { Ui } from "../../../client/chat/ui.ts";
import { StartError } from "../../../common/errors.ts";
import { FakeUi } from "../../support/fake_ui.ts";
import { ScriptedServer } from "../../support/scripted_server.ts";
import { PASSWORD, TestServer } from "../../support/server_fixture.ts";

/** A person who says nothing. */
const SILENT: Ui = {
  isInteractive: true,
  show: () => {},
  ask: () => Promise.resolve(undefined),
  askSecret: () => Promise.resolve(undefined),
  confirm: () => Promise.resolve(false),
  ring: () => {},
  refresh: () => {},
};

Deno.test("who gives up while the server is silent is not told that a name is missing", async () => {
  await using server = new ScriptedServer();
  server.answer = () => undefined;
  await using client = await JimClient.connect({ hostname: "127.0.0.1", port: server.port });
  const abort = new AbortController();
  const options = { password: undefined, ui: SILENT, speaker: speakerOf("en") };
  const signing = signIn(client, { ...options, name: "eve", signal: abort.signal });
  await server.until(() => server.requests("presence").length === 1);
  abort.abort();
  await assertRejects(() => signing, StartError, "You left before you were online");
  await assertRejects(
    () => signIn(client, { ...options, name: undefined }),
    StartError,
    "No name was given",
  );
});

Deno.test("a name that deceives is refused, and another one asked for", async () => {
  await using server = new TestServer();
  await using client = await JimClient.connect(server.address);
  const ui = new FakeUi();
  ui.answers = ["eve"];
  await signIn(client, { name: "p\u0430ypal", password: undefined, ui, speaker: speakerOf("en") });
  assertEquals(client.name, "eve");
  assertEquals(ui.shown, [
    "All characters of a name have to show, and it must not mix Latin, Cyrillic and Greek letters.",
  ]);
});

Deno.test("a password that is too short is asked again, and no other name", async () => {
  await using server = new TestServer();
  await using bob = await JimClient.connect({ ...server.address, name: "bob" });
  await bob.login("bob", { password: PASSWORD, register: true });
  await bob.quit();
  await using client = await JimClient.connect(server.address);
  const ui = new FakeUi();
  ui.answers = ["short", PASSWORD];
  await signIn(client, { name: "bob", password: "file", ui, speaker: speakerOf("en") });
  assertEquals(ui.questions, ["Password for bob: ", "Password for bob: "]);
  assertEquals(client.isOnline, true);
});
