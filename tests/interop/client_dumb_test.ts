// Every byte that the client writes, as `script` records it.
import { assert, assertStringIncludes } from "@std/assert";

import { TestServer } from "../support/server_fixture.ts";

Deno.test(
  "not one escape is written, at the start, in the chat or at the end",
  async () => {
    await using server = new TestServer();
    const { hostname, port } = server.address;
    const client =
      `${Deno.execPath()} run --quiet --allow-net client.ts ${hostname} ${port} -n eve`;
    const script = new Deno.Command("script", {
      args: ["--quiet", "--return", "--command", client, "/dev/null"],
      env: { TERM: "dumb" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const stdin = script.stdin.getWriter();
    await stdin.write(new TextEncoder().encode("message eve hi\nexit\n"));
    const { stdout } = await script.output();
    const shown = new TextDecoder().decode(stdout);
    assertStringIncludes(shown, "→ eve: hi");
    assert(!shown.includes("\x1b"), JSON.stringify(shown));
    await stdin.close().catch(() => {});
  },
);
