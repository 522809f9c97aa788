import { assertEquals, assertStringIncludes } from "@std/assert";

import {
  editFailureWords,
  type EditOutcome,
  ExternalEditor,
} from "../../../client/terminal/external_editor.ts";
import { speakerOf } from "../../../client/texts/texts.ts";

/** Runs a test with an editor that is a shell script, which gets its arguments as "$@"; `$FILE` is the last of them. */
async function withEditor(
  script: string,
  test: (
    fixture: { edit: (text: string) => Promise<EditOutcome>; dir: string; modes: boolean[] },
  ) => Promise<void>,
  variables: (editor: string) => Record<string, string> = (editor) => ({ EDITOR: editor }),
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "jim-editor-" });
  try {
    const path = `${root}/editor`;
    await Deno.writeTextFile(path, `#!/bin/sh\nfor FILE; do :; done\n${script}\n`, { mode: 0o700 });
    const env = variables(path);
    const modes: boolean[] = [];
    const dir = `${root}/data/client`;
    const editor = new ExternalEditor({
      dir,
      setRaw: (isRaw) => modes.push(isRaw),
      env: (variable) => env[variable],
    });
    assertEquals(editor.missing, undefined);
    const edit = (text: string): Promise<EditOutcome> =>
      editor.edit(text, new AbortController().signal);
    await test({ edit, dir, modes });
    assertEquals([...Deno.readDirSync(dir)], [], "nothing is left behind");
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("the text comes back as it was left; meanwhile only its owner may read it", async () => {
  const script = `
    { stat -c %a "$FILE" "$(dirname "$FILE")" "$(dirname "$(dirname "$FILE")")"
      od -An -c "$FILE" | tail -n 1
      printf 'ещё\\r\\n\\n\\n'; } > "$FILE.new"
    mv "$FILE.new" "$FILE"`;
  await withEditor(script, async ({ edit, modes }) => {
    const outcome = await edit("one\n");
    assertEquals(outcome, { text: "600\n700\n700\n   o   n   e  \\n  \\n\nещё" });
    assertEquals(modes, [false, true]);
  });
});

Deno.test("VISUAL goes before EDITOR, each with arguments", async () => {
  const variables = (editor: string): Record<string, string> => ({
    VISUAL: `  ${editor} --wait  'x`,
    EDITOR: "/nonexistent",
  });
  await withEditor('echo "$# $1 $2" > "$FILE"', async ({ edit }) => {
    assertEquals(await edit(""), { text: "3 --wait 'x" });
  }, variables);
  const onlyBlank = (editor: string): Record<string, string> => ({ VISUAL: " ", EDITOR: editor });
  await withEditor('echo "$#" > "$FILE"', async ({ edit }) => {
    assertEquals(await edit(""), { text: "1" });
  }, onlyBlank);
});

Deno.test("an editor that fails, is not there or leaves too much changes nothing, and that is said", async () => {
  const en = speakerOf("en");
  const words = async (outcome: Promise<EditOutcome>): Promise<string> => {
    const failed = await outcome;
    return "text" in failed ? failed.text : editFailureWords(failed, en).replace(/'.*'/, "'…'");
  };
  await withEditor("exit 7", async ({ edit, modes }) => {
    assertEquals(
      await words(edit("x")),
      "The editor '…' ended with status 7; what you were writing is as it was.",
    );
    assertEquals(modes, [false, true]);
  });
  await withEditor('head -c 262145 /dev/zero > "$FILE"', async ({ edit }) => {
    assertStringIncludes(await words(edit("x")), "left more than 256 KiB");
  });
  await withEditor("", async ({ edit }) => {
    assertEquals(
      await words(edit("x")),
      "There is no editor '…'; what you were writing is as it was.",
    );
  }, () => ({ EDITOR: "/nonexistent/editor" }));
  await withEditor('rm "$FILE"', async ({ edit }) => {
    assertStringIncludes(await words(edit("x")), "what you were writing is as it was");
  });
});

Deno.test("an editor is ended by the signal, and not begun behind it", async () => {
  const root = await Deno.makeTempDir({ prefix: "jim-editor-" });
  try {
    const pipe = `${root}/pipe`;
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await Deno.writeTextFile(`${root}/editor`, `#!/bin/sh\necho > ${pipe}\nexec sleep 600\n`, {
      mode: 0o700,
    });
    const dir = `${root}/data`;
    const editor = new ExternalEditor({ dir, setRaw: () => {}, env: () => `${root}/editor` });
    const ending = new AbortController();
    const running = editor.edit("", ending.signal);
    await Deno.readTextFile(pipe);
    ending.abort();
    for (const outcome of [running, editor.edit("", ending.signal)]) {
      assertEquals("failure" in await outcome, true);
    }
    assertEquals([...Deno.readDirSync(dir)], []);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
