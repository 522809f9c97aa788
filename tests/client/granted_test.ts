import { assertEquals } from "@std/assert";

import { readGranted } from "../../client/granted.ts";

Deno.test("a byte order mark at the beginning of a file is no part of its text", async () => {
  const path = await Deno.makeTempFile({ prefix: "jim-password-" });
  try {
    await Deno.writeTextFile(path, "\ufeffcorrect\ufeff horse\n");
    assertEquals(await readGranted("--password-file", path), "correct\ufeff horse\n");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a terminal is dumb if TERM says so and may be read; nobody is asked for the permission", async () => {
  const module = new URL("../../client/granted.ts", import.meta.url).href;
  const code = `import { isDumbTerminal } from "${module}"; console.log(await isDumbTerminal());`;
  const run = async (term: string, ...permissions: string[]): Promise<string> => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        ...permissions,
        `data:text/typescript,${encodeURIComponent(code)}`,
      ],
      env: { TERM: term, NO_COLOR: "1" },
    }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  const allowed = ["--allow-env=TERM"];
  assertEquals(
    [await run("dumb", ...allowed), await run("xterm", ...allowed), await run("dumb")],
    ["true", "false", "false"],
  );
});
