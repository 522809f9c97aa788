import { assert, assertEquals } from "@std/assert";

import { expectedBehind } from "../../../../client/chat/commands/expected.ts";
import { Profile } from "../../../../client/profile/profile.ts";
import { ProfileFile } from "../../../../client/profile/profile_file.ts";
import { speakerOf } from "../../../../client/texts/texts.ts";
import { type KeptChat, withKeptChat } from "../../../support/start_chat.ts";

/** A chat whose settings are in a file with that text. */
async function withSettings(
  text: string,
  test: (fixture: KeptChat & { path: string; text: () => string }) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-settings-" });
  const path = `${dir}/x.toml`;
  try {
    await Deno.writeTextFile(path, text);
    const file = new ProfileFile(path);
    const profile = new Profile({ file, entries: await file.read(true), command: { port: 1 } });
    const read = (): string => Deno.readTextFileSync(path);
    await withKeptChat((fixture) => test({ ...fixture, path, text: read }), { profile });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("settings shows all that holds with where it is from, or what begins so, or one", () =>
  withSettings("[notify]\nhow = 'bell'\n[aliases]\ngs = 'who'", async ({ enter, path }) => {
    const squeezed = (await enter("settings")).map((line) => line.trim().replace(/ {2,}/g, " | "));
    for (
      const line of [
        "addr | localhost | default",
        "port | 1 | command line",
        "name | not set | default",
        `notify.how | bell | ${path}:2`,
        `aliases.gs | who | ${path}:4`,
      ]
    ) assert(squeezed.includes(line), line);
    assertEquals((await enter("settings notify")).length, 4);
    assertEquals(await enter("settings Notify.How"), [
      `notify.how = bell (${path}:2)`,
      "notify.how: one of off, bell, osc9, osc777",
    ]);
    assertEquals((await enter("settings lang"))[0], "lang = not set (default)");
  }));

Deno.test("a value changes at once and in the file, and goes back with '-'", () =>
  withSettings("# mine\n", async ({ enter, chat, path, text }) => {
    assertEquals(await enter("settings notify.text on", "settings notify.how OSC9"), [
      `notify.text = true. Kept in ${path}.`,
      `notify.how = osc9. Kept in ${path}.`,
    ]);
    assertEquals(chat.profile.value("notify.how"), "osc9");
    assertEquals(text(), '# mine\n\n[notify]\ntext = true\nhow = "osc9"\n');
    assertEquals(await enter("settings notify.how -"), [
      `notify.how is as at first: off. Kept in ${path}.`,
    ]);
    assertEquals(await enter("settings history-dir here"), [
      `history-dir = here. Kept in ${path}. It holds from the next start on.`,
    ]);
  }));

Deno.test("what cannot be is said, and changes nothing", () =>
  withSettings("", async ({ enter, text }) => {
    assertEquals(
      await enter(
        ...[
          "settings notify.how loud",
          "settings notfy.how bell",
          "settings how bell",
          "set zzzzz 1",
        ],
        ...[
          "settings listen true",
          "settings password x",
          "settings notify.quiet 8",
          "set log-backups x",
        ],
        ...["settings aliases.who close", "settings aliases./x who", "settings notify.text maybe"],
      ),
      [
        "Nothing was changed: notify.how takes one of off, bell, osc9, osc777; received 'loud'.",
        "There is no setting 'notfy.how'. Did you mean 'notify.how'?",
        "There is no setting 'how'. Did you mean 'notify.how'?",
        "There is no setting 'zzzzz'; 'settings' lists all.",
        "listen is for the command line only.",
        "A password does not belong in a file of settings: put it into a file of its own, and name that with password-file.",
        "Nothing was changed: notify.quiet takes HH:MM-HH:MM, or '-' for none; received '8'.",
        "Nothing was changed: log-backups takes a number from 0 to 1000000; received 'x'.",
        "'who' is a command: an alias cannot take its place.",
        "An alias is one word without a space or '/' at its beginning; received '/x'.",
        "Nothing was changed: notify.text takes true or false; received 'maybe'.",
      ],
    );
    assertEquals(text(), "");
  }));

Deno.test("without a file a change is for this run, and one for the next start is not made", async () => {
  await withKeptChat(async ({ enter }) => {
    assertEquals(await enter("settings notify.how bell", "settings name eve", "set notify.how"), [
      "notify.how = bell. For this run only.",
      "name is not changed: that holds from the next start on, and is not kept.",
      ...["notify.how = bell (this run)", "notify.how: one of off, bell, osc9, osc777"],
    ]);
  });
});

Deno.test("an alias is there as soon as it is set", () =>
  withSettings("", async ({ enter, path, text }) => {
    assertEquals(await enter("settings aliases.gs message bob good  night", "gs all"), [
      `aliases.gs = message bob good  night. Kept in ${path}.`,
      "→ bob: good  night all · sent",
    ]);
    assertEquals(text(), '[aliases]\ngs = "message bob good  night"\n');
    assertEquals((await enter("settings aliases.gs -", "gs"))[1]!.startsWith("There is no"), true);
  }));

Deno.test("a conversation is quiet until it is said again, and the file knows", () =>
  withSettings("[notify.rules]\nBob = 'all'\n", async ({ enter, path, text }) => {
    const kept = `Kept in ${path}.`;
    assertEquals(await enter("quiet", "quiet #dev", "quiet bob on", "quiet"), [
      "No conversation is quiet.",
      `#dev calls you no more. ${kept}`,
      `bob calls you no more. ${kept}`,
      "Quiet: Bob, #dev.",
    ]);
    assertEquals(text(), '[notify.rules]\nBob = "none"\n"#dev" = "none"\n');
    assertEquals(await enter("quiet #DEV", "quiet bob off", "quiet", "quiet a b", "quiet #"), [
      `#DEV calls you again, as the settings say. ${kept}`,
      `bob calls you again, as the settings say. ${kept}`,
      "No conversation is quiet.",
      "'quiet' needs a name or a #room, and then on or off; received 'a b'.",
      "'quiet' needs a name or a #room, and then on or off; received '#'.",
    ]);
    assertEquals(text(), "[notify.rules]\n");
  }));

Deno.test("in Russian the words are Russian, the keys are not", async () => {
  await withKeptChat(async ({ enter }) => {
    assertEquals(await enter("настройки notify.text вкл", "тихо #dev вкл", "тихо #dev выкл"), [
      "notify.text = true. Только на этот запуск.",
      "#dev больше не зовёт вас. Только на этот запуск.",
      "#dev снова зовёт вас, как сказано в настройках. Только на этот запуск.",
    ]);
  }, { speaker: speakerOf("ru") });
});

Deno.test("Tab knows the keys and their values", () =>
  withSettings("[aliases]\nt = 'settings'", ({ chat }) => {
    const keys = expectedBehind(chat, "settings ")!;
    assertEquals(["notify.how", "aliases.", "aliases.t", "lang"].map((key) => keys.includes(key)), [
      ...[true, true, true, true],
    ]);
    assertEquals(keys.includes("listen"), false);
    assertEquals(expectedBehind(chat, "settings lang "), ["en", "ru"]);
    assertEquals(expectedBehind(chat, "t notify.text "), ["true", "false"]);
    assertEquals(expectedBehind(chat, "settings name "), []);
    assertEquals(expectedBehind(chat, "quiet "), undefined);
    assertEquals(expectedBehind(chat, "quiet #dev "), ["on", "off"]);
    return Promise.resolve();
  }));
