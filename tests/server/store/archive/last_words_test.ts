import { assertEquals } from "@std/assert";

import { withDatabasePath } from "../../../support/database_path.ts";
import { openDatabase } from "../../../../server/store/sqlite_file.ts";
import { runProgram } from "../../../support/run_program.ts";

const ROOT = new URL("../../../../", import.meta.url);

/** Starts a thread that dies, and says what is known of it. */
const SCRIPT = `
import { ArchiveThread } from "${ROOT}server/store/archive/thread.ts";

const lost = [];
const thread = new ArchiveThread(Deno.args[0], {
  onLost: ({ message }) => lost.push(message),
  start: (name) => new Worker("${ROOT}tests/support/dying_worker.ts", { type: "module", name }),
});
const said = [];
for (const call of ["mergeSome", "emptyLog"]) {
  await thread.ask(call).catch(({ message }) => said.push(message));
}
await thread.close();
console.log(JSON.stringify({ lost, said }));
`;

Deno.test("nothing of an error that nobody catches in a thread is printed; it is told once", () =>
  withDatabasePath(async (path) => {
    openDatabase(path).close();
    const script = path.replace(/[^/]*$/, "script.ts");
    Deno.writeTextFileSync(script, SCRIPT);
    const config = `--config=${ROOT.pathname}deno.json`;
    const args = ["run", "--quiet", "--no-check", "--no-lock", "-A", config, script, path];
    const { stdout, stderr } = await runProgram(Deno.execPath(), args);
    const why = "The archive's thread was lost: it ended by itself";
    assertEquals(stderr, "");
    assertEquals(JSON.parse(stdout), { lost: [why, why], said: [why, why] });
  }));
