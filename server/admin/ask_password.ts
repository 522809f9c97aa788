import { promptSecret } from "@std/cli/prompt-secret";

import { UsageError } from "../../common/errors.ts";

/** More than any password has: standard input is read no further. */
const MAX_PASSWORD_BYTES = 4_096;

/**
 * Asks for a new password: on a terminal twice without echo; otherwise it is the first line of standard input.
 *
 * @param name Whose.
 * @throws {UsageError} If the two differ.
 */
export async function askPassword(name: string): Promise<string> {
  if (!Deno.stdin.isTerminal()) return await readFirstLine();
  const password = promptSecret(`New password for ${name}: `, { mask: "" }) ?? "";
  const again = promptSecret("The same again: ", { mask: "" }) ?? "";
  if (password !== again) throw new UsageError("The two passwords differ");
  return password;
}

async function readFirstLine(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of Deno.stdin.readable) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n") || text.length > MAX_PASSWORD_BYTES) break;
  }
  text += decoder.decode();
  return text.split(/\r?\n/, 1)[0]!;
}
