import { assert, assertEquals } from "@std/assert";

import { JimClient } from "../../client/library/jim_client.ts";
import { TestServer } from "../support/server_fixture.ts";
import { Terminal } from "../support/terminal.ts";

const onUnix = { ignore: Deno.build.os === "windows" };

/** A shell with job control in which eve chats with bob. */
async function chatInShell(server: TestServer): Promise<Terminal> {
  const { hostname, port } = server.address;
  const shell = Terminal.start(["bash", "--norc", "--noprofile", "-i"], { env: { PS1: "$ " } });
  await shell.endsWith("$");
  shell.enter(`${Deno.execPath()} run --quiet --allow-net client.ts ${hostname} ${port} -n eve`);
  await shell.endsWith("eve>");
  shell.enter("chat bob");
  await shell.endsWith("eve → bob>");
  return shell;
}

/** The client has its terminal again: keys, marks around pastes, what was typed. */
async function isBack(shell: Terminal, typed: string): Promise<void> {
  await shell.endsWith(`eve → bob> ${typed}`.trimEnd());
  await shell.until(() => shell.isPasteMarked, "marks around pastes");
  assertEquals([shell.tty.echoes, shell.tty.isLineByLine, shell.tty.sendsSignals], [
    false,
    false,
    false,
  ]);
  shell.paste("one\ntwo");
  await shell.shows("Send 2 lines to bob? [y/N]");
  shell.press("ctrlC");
  await shell.shows("Nothing was sent.");
}

Deno.test(
  "Ctrl-Z gives the terminal to the shell, fg takes it back with what was typed",
  onUnix,
  async () => {
    await using server = new TestServer();
    const { hostname, port } = server.address;
    await using bob = await JimClient.connect({ hostname, port, name: "bob" });
    await using shell = await chatInShell(server);
    shell.type(`half a line ${"that is longer than a row ".repeat(3)}of the terminal`);
    await shell.shows("of the terminal");
    shell.press("ctrlZ");
    await shell.shows(/Stopped.*client\.ts/);
    await shell.endsWith("$");
    assert(shell.screen().includes("eve → bob> half a line that"));
    shell.enter("stty -a | grep -o '[-]*icanon'; echo done");
    await shell.shows("icanon\ndone");
    assert(!shell.screen().includes("-icanon"));
    await bob.send("eve", "meanwhile");
    shell.enter("clear; fg");
    await shell.shows("bob: meanwhile");
    await shell.until((screen) => screen.endsWith(" of the terminal"), "what was typed");
    // Once, with no piece of it left behind.
    assertEquals(shell.screen().split("half a line").length, 2);
    shell.press("ctrlC");
    await isBack(shell, "");
  },
);

Deno.test(
  "after SIGSTOP and fg the terminal is the client's again, and Ctrl-C clears a line",
  onUnix,
  async () => {
    await using server = new TestServer();
    await using shell = await chatInShell(server);
    shell.enter("/who");
    await shell.shows("1 online");
    const pid = await clientOf(shell.pid);
    Deno.kill(pid, "SIGSTOP");
    await shell.shows(/Stopped.*client\.ts/);
    await shell.endsWith("$");
    shell.enter("fg");
    await isBack(shell, "");
    shell.press("ctrlC");
    shell.type("and on");
    await shell.endsWith("eve → bob> and on");
    shell.press("ctrlC");
    await shell.endsWith("eve → bob>");
  },
);

/** The process that a shell has started. */
async function clientOf(shell: number): Promise<number> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid="] }).output();
  const processes = new TextDecoder().decode(stdout).trim().split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return processes.find(([, parent]) => parent === shell)![0]!;
}
