import { assertEquals, assertThrows } from "@std/assert";

import { Profile } from "../../../client/profile/profile.ts";
import { ProfileFile } from "../../../client/profile/profile_file.ts";
import { SERVER_KEYS } from "../../../client/profile/profile_keys.ts";
import { UsageError } from "../../../common/errors.ts";

async function withFile(text: string, test: (file: ProfileFile) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-profile-" });
  try {
    await Deno.writeTextFile(`${dir}/x.toml`, text);
    await test(new ProfileFile(`${dir}/x.toml`));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("this run wins over the command line, that over the file, that over the default", () =>
  withFile("port = 1\nlang = 'ru'\nnotify.how = 'bell'\nno-color = true", async (file) => {
    const entries = await file.read(true);
    const profile = new Profile({ command: { lang: "en", port: 2 }, file, entries });
    const origin = (key: string): string => profile.originOf(key).kind;
    assertEquals(
      [profile.value("addr"), profile.value("port"), profile.value("notify.how")],
      ["localhost", 2, "bell"],
    );
    assertEquals(["addr", "port", "notify.how"].map(origin), ["default", "command", "file"]);
    assertEquals(profile.originOf("notify.how"), { kind: "file", path: file.path, line: 3 });

    assertEquals(await profile.set("notify.how", "osc9"), { kind: "kept", path: file.path });
    assertEquals([profile.value("notify.how"), origin("notify.how")], ["osc9", "file"]);
    // What was given for this run gives way in this run, and again at the next start.
    await profile.set("lang", "ru");
    assertEquals([profile.value("lang"), origin("lang")], ["ru", "run"]);
    await profile.set("no-color", undefined);
    assertEquals([profile.value("no-color"), origin("no-color")], [false, "default"]);
    assertEquals(Deno.readTextFileSync(file.path), 'port = 1\nlang = "ru"\nnotify.how = "osc9"\n');
  }));

Deno.test("what another client has put into the file holds here too, from the next change on", () =>
  withFile("", async (file) => {
    const profile = new Profile({ file });
    await new Profile({ file }).set("aliases.gs", "who");
    assertEquals(profile.table("aliases"), new Map());
    await profile.set("notify.text", true);
    assertEquals(profile.table("aliases"), new Map([["gs", "who"]]));
    assertEquals(profile.originOf("aliases.gs").kind, "file");
  }));

Deno.test("tables hold the person's own words, and forget them", () =>
  withFile("[notify.rules]\n'#dev' = 'all'\nbob.x = 'none'", async (file) => {
    const profile = new Profile({ file, entries: await file.read(true) });
    await profile.set("notify.rules.ева", "mentions");
    assertEquals([...profile.table("notify.rules")], [
      ["#dev", "all"],
      ["bob.x", "none"],
      ["ева", "mentions"],
    ]);
    await profile.set("notify.rules.bob.x", undefined);
    assertEquals([...profile.table("notify.rules").keys()], ["#dev", "ева"]);
    assertEquals(profile.keys.slice(-2), ["notify.rules.#dev", "notify.rules.ева"]);
    assertEquals(profile.keys.includes("profile"), false);
  }));

Deno.test("without a file a change holds for this run; one that needs a start is not made", async () => {
  const profile = new Profile();
  assertEquals(await profile.set("lang", "ru"), { kind: "run", path: undefined });
  assertEquals([profile.value("lang"), profile.originOf("lang").kind], ["ru", "run"]);
  assertEquals(await profile.set("name", "eve"), { kind: "run", path: undefined });
  assertEquals([profile.value("name"), profile.originOf("name").kind], [undefined, "default"]);
});

Deno.test("a file that cannot be written is named with the reason, and the value holds", () =>
  withFile("", async (file) => {
    const profile = new Profile({ file });
    await Deno.writeTextFile(file.path, "x = 1");
    assertEquals(await profile.set("lang", "ru"), {
      kind: "failed",
      path: file.path,
      reason: `${await Deno.realPath(file.path)}:1: unknown key 'x'; see deno task client --help`,
    });
    assertEquals(profile.value("lang"), "ru");
  }));

Deno.test("what the file says of another server than the one that is asked for does not count", () =>
  withFile("addr = 'a'\nport = 1\npassword-file = 'p'\ntls = true\nname = 'eve'", async (file) => {
    const entries = await file.read(true);
    const profile = new Profile({ command: { addr: "b" }, file, entries, ignored: SERVER_KEYS });
    assertEquals([...profile.entries.keys()], ["name"]);
    assertEquals([profile.value("port"), profile.value("tls")], [7_777, false]);
    await profile.set("lang", "ru");
    assertEquals([...profile.entries.keys()], ["name", "lang"]);
  }));

Deno.test("values are read as the tables have them", () => {
  assertEquals(Profile.read("notify.how", "OSC9"), "osc9");
  assertEquals(Profile.read("notify.text", "true"), true);
  assertEquals(Profile.read("port", "80"), 80);
  assertEquals(Profile.read("aliases.gs", "who #dev"), "who #dev");
  for (
    const [key, text] of [["notify.how", "x"], ["port", "0"], ["notify.text", "1"], [
      "bell",
      "true",
    ]]
  ) {
    assertThrows(() => Profile.read(key!, text!), UsageError);
  }
});
