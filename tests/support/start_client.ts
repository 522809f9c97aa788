import { Terminal, type TerminalOptions } from "./terminal.ts";

/** `client.ts` in a terminal, with the network as its only permission, unless more are given. */
export function startClient(
  args: readonly string[],
  options: TerminalOptions & { permissions?: readonly string[] } = {},
): Terminal {
  const { permissions = [] } = options;
  return Terminal.start(
    [Deno.execPath(), "run", "--quiet", "--allow-net", ...permissions, "client.ts", ...args],
    options,
  );
}
