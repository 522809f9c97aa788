/** A client for the launcher's tests that chats with nobody: it repeats what is typed and ends as it is told. */
import { TextLineStream } from "@std/streams/text-line-stream";

const [address, port] = Deno.args;
const name = Deno.args[Deno.args.indexOf("--name") + 1]!;
const say = (text: string): number => Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
if (name === "refused") {
  Deno.stderr.writeSync(new TextEncoder().encode("the name is taken\n"));
  Deno.exit(1);
}
say(`${name} at ${address}:${port}`);
say("\u0006");
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) {
  say(`${name} did ${line}`);
  if (line === "exit") break;
  if (line === "crash") Deno.exit(1);
  if (line === "escape") say("\x1b[2J\x07");
  say("\u0006");
}
say(`${name} left`);
