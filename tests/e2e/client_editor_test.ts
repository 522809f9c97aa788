// Ctrl-X Ctrl-E with an editor that is a program of its own, in the client's terminal.
import { assertEquals, assertStringIncludes } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { startClient } from "../support/start_client.ts";
import type { Terminal } from "../support/terminal.ts";

/** Shows the file, adds each line that is typed to it, and ends with an empty one. */
const EDITOR = `#!/bin/sh
echo "editing: $(cat "$1")"
while read -r LINE && [ "$LINE" ]; do
  echo "$LINE" >> "$1"
  echo "added: $LINE"
done
`;

/** Runs a test with eve's client, which may run an editor in its folder, and with bob. */
async function withEditor(
  test: (fixture: { eve: Terminal; bob: JimClient; server: TestServer }) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jim-editor-" });
  try {
    await using server = new TestServer();
    const { hostname, port } = server.address;
    await using bob = await JimClient.connect({ hostname, port, name: "bob" });
    const editor = `${dir}/editor`;
    await Deno.writeTextFile(editor, EDITOR, { mode: 0o700 });
    await using eve = startClient([hostname, String(port), "-n", "eve", ...flags], {
      columns: 100,
      env: { EDITOR: editor, VISUAL: undefined },
      permissions: [
        `--allow-run=${editor}`,
        "--allow-env=EDITOR,VISUAL",
        "--allow-read=data/client",
        "--allow-write=data/client",
      ],
    });
    await eve.endsWith("eve>");
    eve.enter("chat bob");
    await eve.endsWith("eve → bob>");
    await test({ eve, bob, server });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("the editor has the terminal to itself, and leaves a draft; what came meanwhile is shown then", async () => {
  await withEditor(async ({ eve, bob }) => {
    const messages = bob.messages();
    eve.type("привет");
    eve.press("ctrlJ", "ctrlX", "ctrlE");
    await eve.shows("editing: привет");
    assertEquals(eve.tty, { echoes: true, isLineByLine: true, sendsSignals: true });
    assertEquals(eve.isPasteMarked, false);
    await bob.send("eve", "are you there?");
    eve.enter("second 🚀");
    await eve.shows("added: second 🚀");
    eve.enter("");
    await eve.shows("bob: are you there?");
    const rows = "eve → bob> привет\n…\n… second 🚀";
    await eve.until((screen) => screen.endsWith(rows), rows);
    assertEquals(eve.tty.isLineByLine, false);
    eve.type("!");
    eve.press("enter");
    assertEquals((await messages.next()).value?.message, "привет\n\nsecond 🚀!");
    eve.press("ctrlD");
    assertEquals(await eve.ended(), 0);
  });
});

Deno.test("Ctrl-C is for the editor, whose end by it changes nothing; SIGTERM ends both in order", async () => {
  await withEditor(async ({ eve }) => {
    eve.type("half");
    eve.press("ctrlX", "ctrlE");
    await eve.shows("editing: half");
    eve.press("ctrlC");
    await eve.shows("ended with status 130");
    await eve.endsWith("eve → bob> half");
    eve.press("ctrlX", "ctrlE");
    await eve.until((screen) => screen.split("editing: half").length === 3, "the editor again");
    eve.kill("SIGTERM");
    assertEquals(await eve.ended(), 0);
    assertStringIncludes(eve.screen(), "Goodbye.");
  });
});

Deno.test("a chat that ends meanwhile waits for the editor, and leaves what was written to be copied", async () => {
  await withEditor(async ({ eve, server }) => {
    eve.press("ctrlX", "ctrlE");
    await eve.shows("editing:");
    await server.server.shutdown();
    eve.enter("ещё");
    eve.enter("");
    await eve.shows("\nещё\nConnection lost");
    assertEquals(await eve.ended(), 1);
  }, ["--no-reconnect"]);
});

Deno.test("without the permissions one line names those that are missing, and nothing asks", async () => {
  await using server = new TestServer();
  const { hostname, port } = server.address;
  const needs = "Ctrl-X Ctrl-E opens your editor if the client may run it: start it with";
  const files = "--allow-read=data/client --allow-write=data/client";
  for (
    const [permissions, flags] of [
      [[], `--allow-run=vi ${files} --allow-env=VISUAL,EDITOR`],
      [["--allow-env=VISUAL,EDITOR"], `--allow-run=/bin/my-editor ${files}`],
      [files.split(" "), "--allow-run=vi --allow-env=VISUAL,EDITOR"],
    ] as const
  ) {
    await using eve = startClient([hostname, String(port), "-n", "eve"], {
      columns: 200,
      env: { EDITOR: "/bin/my-editor -w", VISUAL: undefined },
      permissions,
    });
    await eve.endsWith("eve>");
    eve.type("half");
    eve.press("ctrlX", "ctrlE");
    await eve.shows(`${needs} ${flags}\n`);
    await eve.endsWith("eve> half");
    eve.press("ctrlC", "ctrlD");
    assertEquals(await eve.ended(), 0);
  }
});
