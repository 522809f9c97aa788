import { assertEquals } from "@std/assert";
import { TextLineStream, type TextLineStreamOptions } from "@std/streams/text-line-stream";

Deno.test("options have a type of their own", async () => {
  const options: TextLineStreamOptions = { allowCR: true };
  const lines = ReadableStream.from(["a\rb\r", "\nc"]).pipeThrough(new TextLineStream(options));
  assertEquals(await Array.fromAsync(lines), ["a", "b", "c"]);
});
