import { assertEquals, assertMatch, assertThrows } from "@std/assert";

import { StartError, UsageError } from "../../../common/errors.ts";
import { parseCommand } from "../../../common/flags.ts";
import { natsOf } from "../../../server/admin/nats_flags.ts";
import { NODES_COMMAND } from "../../../server/admin/nodes.ts";

Deno.test("where NATS is stands on the command line, or in the server's file of settings", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(
      path,
      'port = 7778\nnats = "nats://jim:secret@a"\nnats-prefix = "x"\n',
    );
    const settings = (...args: string[]) =>
      natsOf(parseCommand(NODES_COMMAND, args), ["nodes.ts", ...args]);
    const login = { by: "password", user: "jim", password: "secret" } as const;
    assertEquals(settings("--config", path), {
      ...{ servers: ["a:4222"], isTls: false, prefix: "x", login },
    });
    assertEquals(settings("--nats", "nats://b", "--config", path), {
      ...{ servers: ["b:4222"], isTls: false, prefix: "x" },
    });
    assertThrows(() => settings(), UsageError, "--nats URL is needed");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({
  name: "a file that the task may not read is named, with the command that allows it",
  permissions: { read: ["jim.toml", "tls"] },
  fn() {
    const refused = (...args: string[]) =>
      assertThrows(
        () => natsOf(parseCommand(NODES_COMMAND, args), ["nodes.ts", ...args]),
        StartError,
      ).message;
    assertEquals(
      refused("--config", "/etc/jim.toml"),
      "This task may not read /etc/jim.toml; in the project's directory run: " +
        "deno run --allow-net --allow-read=/etc/jim.toml nodes.ts --config /etc/jim.toml",
    );
    assertMatch(refused("--nats", "tls://a", "--nats-ca", "ca.pem"), /may not read ca\.pem;/);
  },
});
