import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

Deno.test("deno.lock locks what the scripts take to run, and no more", async () => {
  const { npm } = JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT)));
  const names = Object.keys(npm).map((id) => id.replace(/@[^@]+$/, ""));
  assertEquals(names.sort(), [
    "@nats-io/jetstream",
    "@nats-io/kv",
    "@nats-io/nats-core",
    "@nats-io/nkeys",
    "@nats-io/nuid",
    "@nats-io/transport-node",
    "@opentelemetry/api",
    "ansi-regex",
    "bintrees",
    "deno-std",
    "eslint-visitor-keys",
    "get-east-asian-width",
    "prom-client",
    "string-width",
    "strip-ansi",
    "tdigest",
    "toml-eslint-parser",
    "tweetnacl",
  ]);
});

Deno.test("tasks that need more name the other lock file", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  for (
    const name of [
      "cert",
      "bench",
      "fuzz",
      "check",
      "picture",
      "test",
      "test:classic",
      "test:desktop",
      "test:interop",
      "test:nats",
      "test:thorough",
    ]
  ) {
    assert(tasks[name].includes("--lock=tests/deno.lock"), name);
  }
});
