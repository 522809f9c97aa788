import { assertEquals, assertRejects } from "@std/assert";

import { JimClient } from "../../../client/library/jim_client.ts";
import { signIn } from "../../../client/chat/sign_in.ts";
import { speakerOf } from "../../../client/texts/texts.ts";
import type { Ui } from "../../../client/chat/ui.ts";
import { StartError } from "../../../common/errors.ts";
import { hashOfInvite } from "../../../server/accounts/invites.ts";
import { openSqliteStore } from "../../../server/store/sqlite.ts";
import { UserAdmin } from "../../../server/store/user_admin.ts";
import { withDatabasePath } from "../../support/database_path.ts";
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

Deno.test("who leaves at the question for a password is told that it is missing, not the name", async () => {
  await using server = new TestServer();
  await using bob = await JimClient.connect(server.address);
  await bob.login("bob", { password: PASSWORD, register: true });
  for (const language of ["en", "ru"] as const) {
    for (const register of [false, true]) {
      await using client = await JimClient.connect(server.address);
      const leaving = new AbortController();
      const askSecret = (): Promise<undefined> => {
        leaving.abort();
        return Promise.resolve(undefined);
      };
      const options = { name: "bob", password: undefined, register, speaker: speakerOf(language) };
      await assertRejects(
        () => signIn(client, { ...options, ui: { ...SILENT, askSecret }, signal: leaving.signal }),
        StartError,
        language === "en" ? "No password was given for bob" : "Пароль для bob не указан",
      );
    }
  }
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

Deno.test("with register a password is asked for twice, and a code where the server wants one", async () => {
  await withDatabasePath(async (path) => {
    await using store = openSqliteStore(path);
    await using server = new TestServer({ store, settings: { inviteOnly: true, guests: false } });
    using users = UserAdmin.open(path, false, () => Date.now() / 1000);
    for (const code of ["first", "second"]) {
      users.invite({ hash: hashOfInvite(code), uses: 1, days: 1, note: "" });
    }
    const ui = new FakeUi();
    const options = { password: undefined, register: true, ui, speaker: speakerOf("en") };
    await using eve = await JimClient.connect(server.address);
    ui.answers = [PASSWORD, PASSWORD, "wrong", "FIRST"];
    await signIn(eve, { ...options, name: "eve" });
    assertEquals(eve.isOnline, true);
    assertEquals(ui.questions, [
      "New password for eve: ",
      "The same again: ",
      "Invitation code (empty: leave): ",
      "Invitation code (empty: leave): ",
    ]);
    assertEquals(ui.shown, [
      "Checking …",
      "Registration is by invitation: ask whoever runs this server for a code",
      "Checking …",
      "This invitation code is unknown, used up or expired; ask whoever runs this server for another one",
      "Checking …",
    ]);
    // A name that is taken: another one, under the same code.
    await using bob = await JimClient.connect(server.address);
    ui.shown.splice(0);
    ui.answers = ["bob"];
    await signIn(bob, { ...options, name: "eve", password: PASSWORD, invite: "second" });
    assertEquals(bob.name, "bob");
    assertEquals(ui.shown[1], "eve is registered or online already; choose another name.");
    await using late = await JimClient.connect(server.address);
    ui.answers = [""];
    await assertRejects(
      () => signIn(late, { ...options, name: "late", password: PASSWORD, invite: "second" }),
      StartError,
      "No account of late was made",
    );
  });
});

Deno.test("a script that registers needs its password, and is told why no account is made", async () => {
  await using server = new TestServer({ settings: { inviteOnly: true } });
  await using client = await JimClient.connect(server.address);
  const ui = new FakeUi();
  ui.isInteractive = false;
  const register = (password: string | undefined, language: "en" | "ru"): Promise<void> =>
    signIn(client, { name: "eve", password, register: true, ui, speaker: speakerOf(language) });
  await assertRejects(() => register(undefined, "en"), StartError, "use --password-file");
  await assertRejects(
    () => register(PASSWORD, "en"),
    StartError,
    "Registration is by invitation: ask whoever runs this server for a code (403)",
  );
  await assertRejects(() => register(PASSWORD, "ru"), StartError, "идёт по приглашениям");
});
