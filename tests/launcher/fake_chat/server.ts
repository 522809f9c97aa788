/** A server for the launcher's tests that chats with nobody: it listens, lives and ends as its flags say. */
import { parseArgs } from "@std/cli/parse-args";

const flags = parseArgs(Deno.args, {
  boolean: ["stop-at-eof", "die-later"],
  string: ["fail", "port", "addr"],
});
const say = (text: string): number => Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
if (flags.fail !== undefined) {
  Deno.stderr.writeSync(new TextEncoder().encode(`${flags.fail}\n`));
  Deno.exit(1);
}
say(`pid ${Deno.pid}`);
say(`listening on 127.0.0.1:${flags.port ?? 7777}`);
if (flags["die-later"] === true) {
  Deno.stderr.writeSync(new TextEncoder().encode("out of \x1b[31mluck\n"));
  Deno.exit(70);
}
for await (const _ of Deno.stdin.readable);
say("drained");
