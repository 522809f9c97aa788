import { assertEquals } from "@std/assert";

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

async function choicesOf(dir: string, name = "eve", server = "one:7777") {
  const { view, open } = await KeptChoices.open(dir, name, server);
  return [view, open];
}

Deno.test("what was chosen is kept: the view for a name, what is open for each of its servers", async () => {
  await withDir(async (dir) => {
    assertEquals(await choicesOf(dir), ["one", undefined]);
    const choices = await KeptChoices.open(dir, "Eve", "one:7777");
    choices.view = "all";
    choices.open = "#чай";
    choices.open = "#dev";
    assertEquals([choices.view, choices.open], ["all", "#dev"]);
    await choices.flush();
    assertEquals(await choicesOf(dir), ["all", "#dev"]);
    const elsewhere = await KeptChoices.open(dir, "eve", "other:7777");
    assertEquals([elsewhere.view, elsewhere.open], ["all", undefined]);
    elsewhere.open = "bob";
    await elsewhere.flush();
    assertEquals(await choicesOf(dir), ["all", "#dev"]);
    assertEquals(await choicesOf(dir, "eve", "other:7777"), ["all", "bob"]);
    assertEquals(await choicesOf(dir, "bob"), ["one", undefined]);
    choices.open = undefined;
    await choices.flush();
    assertEquals(await choicesOf(dir), ["all", undefined]);
    const [file] = [...Deno.readDirSync(dir)];
    assertEquals(Deno.statSync(`${dir}/${file!.name}`).mode! & 0o777, 0o600);
  });
});

Deno.test("of very many servers the last twenty are kept", async () => {
  await withDir(async (dir) => {
    for (let i = 0; i < 22; i++) {
      const choices = await KeptChoices.open(dir, "eve", `server${i}:1`);
      choices.open = "#dev";
      await choices.flush();
    }
    const open = await Promise.all([1, 2, 21].map((i) => choicesOf(dir, "eve", `server${i}:1`)));
    assertEquals(open.map(([, name]) => name), [undefined, "#dev", "#dev"]);
  });
});

Deno.test("of a file that makes no sense what does is taken", async () => {
  await withDir(async (dir) => {
    for (
      const [text, view, open] of [
        ["{", "one", undefined],
        ["[1]", "one", undefined],
        ["null", "one", undefined],
        ['{"view":"both","open":{"one:7777":"#dev"}}', "one", "#dev"],
        ['{"view":"all","open":{"one:7777":"\\u001b[2J"}}', "all", undefined],
        ['{"view":"all","open":{"one:7777":7}}', "all", undefined],
        ['{"view":"all","open":"one:7777"}', "all", undefined],
      ] as const
    ) {
      await Deno.writeTextFile(`${dir}/eve.json`, text);
      assertEquals([text, ...await choicesOf(dir)], [text, view, open]);
    }
  });
});

Deno.test("where nothing can be written the choices hold as long as the program runs", async () => {
  await withDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "");
    const choices = await KeptChoices.open(`${dir}/file`, "eve", "one:7777");
    choices.view = "all";
    choices.open = "bob";
    await choices.flush();
    assertEquals([choices.view, choices.open], ["all", "bob"]);
  });
});
