import { assertEquals, assertStringIncludes } from "@std/assert";

const GUARD = new URL("../../server/fault_guard.ts", import.meta.url).href;

/** Code with two faults that nobody catches, in a process of its own, since the net is the process's. */
const FAULTY = `
  import { guardFaults } from ${JSON.stringify(GUARD)};
  const error = (message, { kind, stack }) => console.log(message, kind, stack);
  guardFaults({ error });
  setTimeout(() => { throw new TypeError("first"); });
  setTimeout(() => Promise.reject(new TypeError("second")));
  setTimeout(() => setTimeout(() => console.log("still here")));
`;

Deno.test("what nobody caught is logged with its stack, and the process goes on", async () => {
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", FAULTY],
  }).output();
  const said = new TextDecoder().decode(stdout);
  assertEquals(new TextDecoder().decode(stderr), "");
  assertStringIncludes(said, "uncaught fault, going on error TypeError: first\n    at ");
  assertStringIncludes(
    said,
    "uncaught fault, going on unhandledrejection TypeError: second\n    at ",
  );
  assertStringIncludes(said, "still here");
  assertEquals(code, 0);
});
