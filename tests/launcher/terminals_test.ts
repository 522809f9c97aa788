import { assertEquals } from "@std/assert";

import type { Command } from "../../launcher/commands.ts";
import { appleText, terminalsOf } from "../../launcher/terminals.ts";

const command = { program: "/opt/my deno", args: ["run", "--allow-net=127.0.0.1:1", "it's;a.ts"] };

function opened(os: typeof Deno.build.os, name: string): Command | undefined {
  const terminals = terminalsOf(os, true);
  return terminals.find((terminal) => terminal.name === name)?.open("eve", command);
}

Deno.test("terminals of Unix desktops run a program without a shell", () => {
  const whole = [command.program, ...command.args];
  assertEquals(opened("linux", "x-terminal-emulator")?.args, ["-T", "eve", "-e", ...whole]);
  assertEquals(opened("linux", "gnome-terminal")?.args, ["--title", "eve", "--", ...whole]);
  assertEquals(opened("freebsd", "konsole")?.args, ["-p", "tabtitle=eve", "-e", ...whole]);
  assertEquals(opened("linux", "xterm"), { program: "xterm", args: ["-T", "eve", "-e", ...whole] });
});

Deno.test("Terminal.app gets a shell command inside AppleScript", () => {
  const { program, args } = opened("darwin", "Terminal.app")!;
  assertEquals(program, "osascript");
  assertEquals(
    args[3],
    `set opened to do script "exec '/opt/my deno' run --allow-net=127.0.0.1:1 'it'\\\\''s;a.ts'"`,
  );
  assertEquals(args[5], 'set custom title of opened to "eve"');
});

Deno.test("Windows Terminal splits at semicolons unless told not to; start takes a title first", () => {
  assertEquals(opened("windows", "Windows Terminal")?.args, [
    ...["-w", "-1", "new-tab", "--title", "eve"],
    ...["/opt/my deno", "run", "--allow-net=127.0.0.1:1", "it's\\;a.ts"],
  ]);
  assertEquals(opened("windows", "cmd")?.args.slice(0, 5), [
    ...["/d", "/c", "start", "eve", "/opt/my deno"],
  ]);
});

Deno.test("without a display there is no window", () => {
  assertEquals(terminalsOf("linux", false), []);
  assertEquals(terminalsOf("windows", false).length, 2);
});

Deno.test("texts are quoted for AppleScript", () => {
  assertEquals(appleText('a"b\\c'), '"a\\"b\\\\c"');
});
