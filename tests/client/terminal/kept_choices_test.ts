import { assertEquals } from "@std/assert";

import { Profile } from "../../../client/profile/profile.ts";
import { KeptChoices } from "../../../client/terminal/kept_choices.ts";

/** Runs a test with a folder of its own. */
async function withDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-choices-" });
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function choose(dir: string, name = "eve", server = "one:7777"): Promise<KeptChoices> {
  return KeptChoices.open(dir, name, server, new Profile());
}

async function openOf(dir: string, name?: string, server?: string): Promise<string | undefined> {
  return (await choose(dir, name, server)).open;
}

Deno.test("what is open is kept for each name and server", async () => {
  await withDir(async (dir) => {
    assertEquals(await openOf(dir), undefined);
    const choices = await choose(dir, "Eve");
    choices.open = "#чай";
    choices.open = "#dev";
    assertEquals(choices.open, "#dev");
    await choices.flush();
    assertEquals(await openOf(dir), "#dev");
    const elsewhere = await choose(dir, "eve", "other:7777");
    assertEquals(elsewhere.open, undefined);
    elsewhere.open = "bob";
    await elsewhere.flush();
    assertEquals(await openOf(dir), "#dev");
    assertEquals(await openOf(dir, "eve", "other:7777"), "bob");
    assertEquals(await openOf(dir, "bob"), undefined);
    choices.open = undefined;
    await choices.flush();
    assertEquals(await openOf(dir), undefined);
    const [file] = [...Deno.readDirSync(dir)];
    assertEquals(Deno.statSync(`${dir}/${file!.name}`).mode! & 0o777, 0o600);
  });
});

Deno.test("the view is the setting, there and back", async () => {
  await withDir(async (dir) => {
    const profile = new Profile();
    const choices = await KeptChoices.open(dir, "eve", "one:7777", profile);
    assertEquals(choices.view, "one");
    choices.view = "all";
    assertEquals([choices.view, profile.value("view")], ["all", "all"]);
    await profile.set("view", "one");
    assertEquals(choices.view, "one");
    await choices.flush();
  });
});

Deno.test("of very many servers the last twenty are kept", async () => {
  await withDir(async (dir) => {
    for (let i = 0; i < 22; i++) {
      const choices = await choose(dir, "eve", `server${i}:1`);
      choices.open = "#dev";
      await choices.flush();
    }
    const open = await Promise.all([1, 2, 21].map((i) => openOf(dir, "eve", `server${i}:1`)));
    assertEquals(open, [undefined, "#dev", "#dev"]);
  });
});

Deno.test("of a file that makes no sense what does is taken", async () => {
  await withDir(async (dir) => {
    for (
      const [text, open] of [
        ["{", undefined],
        ["[1]", undefined],
        ["null", undefined],
        ['{"view":"both","open":{"one:7777":"#dev"}}', "#dev"],
        ['{"open":{"one:7777":"\\u001b[2J"}}', undefined],
        ['{"open":{"one:7777":7}}', undefined],
        ['{"open":"one:7777"}', undefined],
      ] as const
    ) {
      await Deno.writeTextFile(`${dir}/eve.json`, text);
      assertEquals([text, await openOf(dir)], [text, open]);
    }
  });
});

Deno.test("where nothing can be written it holds as long as the program runs", async () => {
  await withDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "");
    const choices = await choose(`${dir}/file`);
    choices.open = "bob";
    await choices.flush();
    assertEquals(choices.open, "bob");
  });
});
