import { assertEquals } from "@std/assert";

import { TypedClient } from "../../launcher/typed_client.ts";

/** A program that does what this code does, which is handed lines one by one. */
function client(said: string[], code: string): TypedClient {
  const script = `data:text/typescript,${encodeURIComponent(code)}`;
  const command = { program: Deno.execPath(), args: ["run", "--quiet", script, "--name", "eve"] };
  return new TypedClient("eve", command, (who, line) => said.push(`${who}: ${line}`));
}

Deno.test("a client is asked for marks, which are not handed on", async () => {
  const said: string[] = [];
  const eve = client(said, `console.log(Deno.args.join(" ")); console.log("\\u0006");`);
  await eve.ready();
  await eve.ended;
  assertEquals(said, ["eve: --name eve --marks"]);
});

Deno.test("a client that ended while it waited for a line is not typed for", async () => {
  const said: string[] = [];
  const eve = client(
    said,
    `console.log("\\u0006"); for await (const _ of Deno.stdin.readable) Deno.exit(3);`,
  );
  await eve.ready();
  assertEquals(await eve.type("hi"), true);
  assertEquals(await eve.ended, { status: 3, words: [] });
  assertEquals(await eve.type("are you there?", () => said.push("typed")), false);
  const bob = client(
    said,
    `console.log("\\u0006"); await new Promise((done) => setTimeout(done, 60_000));`,
  );
  await bob.ready();
  bob.kill();
  assertEquals((await bob.ended).status, 137);
  assertEquals(await bob.type("hi", () => said.push("typed")), false);
  assertEquals(said.includes("typed"), false);
});

Deno.test("a client ends with its input, in its own time", async () => {
  const said: string[] = [];
  const eve = client(
    said,
    `console.log("\\u0006"); for await (const _ of Deno.stdin.readable); console.log("left");`,
  );
  await eve.ready();
  await eve.stop();
  assertEquals(await eve.ended, { status: 0, words: [] });
  assertEquals(said, ["eve: left"]);
});
