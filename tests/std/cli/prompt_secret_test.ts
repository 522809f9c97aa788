import { assertEquals } from "@std/assert";
import { promptSecret, type PromptSecretOptions } from "@std/cli/prompt-secret";

Deno.test("options have a type of their own; where there is no terminal there is no answer", async () => {
  const options: PromptSecretOptions = { mask: "", clear: true };
  assertEquals(typeof promptSecret, "function");
  const code = `import { promptSecret } from "@std/cli/prompt-secret";
    console.log(promptSecret("?", ${JSON.stringify(options)}));`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "null\n");
});
