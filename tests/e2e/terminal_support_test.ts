// The terminal that tests use is tested itself, with programs of a few lines.
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";

import { Terminal, type TerminalOptions } from "../support/terminal.ts";

/** Runs a few lines of TypeScript in a terminal. */
function run(script: string, options: TerminalOptions = {}): Terminal {
  return Terminal.start([Deno.execPath(), "eval", script], options);
}

const RAW = "Deno.stdin.setRaw(true); console.log('ready');";

Deno.test("a terminal shows what is typed, counts the cells of wide characters, and ends", async () => {
  await using terminal = run(`
    console.log("ready");
    await Deno.stdin.read(new Uint8Array(100));
    Deno.exit(3);`);
  await terminal.endsWith("ready");
  assertEquals(terminal.tty, { echoes: true, isLineByLine: true, sendsSignals: true });
  terminal.type("日本 🚀 👨‍👩‍👧");
  await terminal.endsWith("日本 🚀 👨‍👩‍👧");
  await terminal.cursorAt(4 + 1 + 2 + 1 + 2, 1);
  terminal.press("enter");
  assertEquals(await terminal.ended(), 3);
});

Deno.test("a program sees the size, and the keys, the pastes and the focus as they are sent", async () => {
  await using terminal = run(`${RAW}
    Deno.addSignalListener("SIGWINCH", () => console.log(Deno.consoleSize()));
    console.log("\\x1b[?2004h\\x1b[?1004h");
    for await (const chunk of Deno.stdin.readable) {
      console.log(JSON.stringify(new TextDecoder().decode(chunk)));
    }`);
  await terminal.shows("ready");
  await terminal.until(() => terminal.isPasteMarked, "bracketed paste");
  assertEquals(terminal.tty, { echoes: false, isLineByLine: false, sendsSignals: false });
  terminal.resize(40, 10);
  await terminal.shows("{ columns: 40, rows: 10 }");
  terminal.press("left", "pageUp", "ctrlC");
  await terminal.shows('"\\u001b[D\\u001b[5~\\u0003"');
  terminal.paste("a\nb");
  await terminal.shows('"\\u001b[200~a\\nb\\u001b[201~"');
  terminal.focus(false);
  await terminal.shows('"\\u001b[O"');
  terminal.kill("SIGKILL");
  const error = await assertRejects(() => terminal.ended(), Error);
  assertEquals(error.message, "The terminal was left without echo");
});

Deno.test("rows that were broken are broken anew, or left, when the width changes", async () => {
  for (const reflows of [true, false]) {
    await using terminal = run("console.log('0123456789'.repeat(2)); prompt('>')", {
      columns: 16,
      reflows,
    });
    await terminal.endsWith(">");
    assertStringIncludes(terminal.scrollback(), "01234567890123456789");
    terminal.resize(30, 10);
    assertEquals(terminal.screen().split("\n").length, reflows ? 2 : 3);
  }
});

Deno.test("100 kB that are typed at once all arrive, and 100 kB of output are all kept", async () => {
  await using terminal = run(`${RAW}
    let length = 0;
    while (length < 100_000) length += Deno.stdin.readSync(new Uint8Array(65_536));
    console.log(length);
    for (let i = 0; i < 10_000; i++) console.log("line " + i);
    Deno.stdin.setRaw(false);`);
  await terminal.shows("ready");
  terminal.type("x".repeat(100_000));
  assertEquals(await terminal.ended(), 0);
  const lines = terminal.scrollback().split("\n");
  assertEquals(lines.slice(-10_001), [
    "100000",
    ...Array.from({ length: 10_000 }, (_, i) => `line ${i}`),
  ]);
});

Deno.test("who waits for what never comes is told so, with the screen, when the program ends", async () => {
  await using terminal = run("console.log('only this')");
  const error = await assertRejects(() => terminal.shows("something else"), Error);
  assertEquals(error.message, "Ended with status 0: 'something else'; there is\nonly this");
});

Deno.test("a program whose window is closed gets SIGHUP", async () => {
  const file = await Deno.makeTempFile();
  {
    await using terminal = run(`
      Deno.addSignalListener("SIGHUP", () => {
        Deno.writeTextFileSync(${JSON.stringify(file)}, "hung up");
        Deno.exit();
      });
      console.log("ready");
      setTimeout(() => {}, 60_000);`);
    await terminal.shows("ready");
    terminal.hangUp();
    await terminal.ended().catch(() => {});
  }
  assertEquals(await Deno.readTextFile(file), "hung up");
  await Deno.remove(file);
});
