import { assertEquals, assertMatch } from "@std/assert";

import { VERSION } from "../../common/version.ts";
import { runProgram } from "../support/run_program.ts";
import { ServerProcess } from "../support/server_process.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("CHANGELOG.md begins with the version, which is one after SemVer", async () => {
  assertMatch(VERSION, /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/);
  const text = await Deno.readTextFile(new URL("CHANGELOG.md", ROOT));
  assertEquals(/^## (.+)$/m.exec(text)?.[1], VERSION);
});

/** All programs there are. */
const SCRIPTS = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) =>
  name.endsWith(".ts")
);

for (const script of SCRIPTS) {
  Deno.test(`${script} --version prints it, without any permission`, async () => {
    const args = ["run", "--quiet", "--no-prompt", "--lock=tests/deno.lock", script, "--version"];
    const end = await runProgram(Deno.execPath(), args);
    assertEquals(end, { code: 0, stdout: `JIM messenger ${VERSION}\n`, stderr: "" });
  });
}

Deno.test("the server logs its version when it starts", async () => {
  await using server = await ServerProcess.start();
  await server.logs(` started address=127.0.0.1:${server.address.port} `);
  assertMatch(server.stderr, new RegExp(` started .* version=${RegExp.escape(VERSION)}\n`));
});
