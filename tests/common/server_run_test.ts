import { assertEquals } from "@std/assert";

import config from "../../deno.json" with { type: "json" };
import { LOG_SOURCES } from "../../common/server_permissions.ts";
import { serverRun } from "../../common/server_run.ts";

Deno.test("the server is run as its task runs it, with its own files", () => {
  const [run = ""] = config.tasks.server.split(" --allow-read");
  assertEquals(serverRun({ read: ["/a", "/c"], write: ["/c"] }), [
    ...run.split(" "),
    "--allow-read=/a,/c,common,server",
    "--allow-write=/c",
    `--deny-write=${LOG_SOURCES.join(",")}`,
    "server.ts",
  ]);
});

Deno.test("a server that writes nothing may write nothing", () => {
  const words = serverRun({ read: [], write: [] });
  assertEquals(words.filter((word) => /read|write/.test(word)), ["--allow-read=common,server"]);
});

Deno.test("all files are allowed without a list", () => {
  assertEquals(serverRun("all").slice(-3), ["--allow-read", "--allow-write", "server.ts"]);
});

Deno.test("another commit's server is run as that one's task runs it", () => {
  const server =
    "deno run --v8-flags=--old --allow-read=data --allow-sys=x server.ts --stop-with=1";
  assertEquals(serverRun("all", { tasks: { server } }), [
    ...["deno", "run", "--v8-flags=--old", "--allow-read", "server.ts"],
  ]);
});
