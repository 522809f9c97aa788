import { assertEquals } from "@std/assert";

/** Modes of all there is below a directory, by path. */
export function modesBelow(dir: string, prefix = ""): Record<string, string> {
  const modes: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(dir)) {
    const path = `${dir}/${name}`;
    modes[prefix + name] = (Deno.statSync(path).mode! & 0o777).toString(8);
    if (isDirectory) Object.assign(modes, modesBelow(path, `${prefix}${name}/`));
  }
  return modes;
}

/** Asserts that all there is below a directory is its owner's alone: files have mode 600, directories 700. */
export function assertPrivateBelow(dir: string): void {
  const modes = Object.entries(modesBelow(dir));
  const wrong = modes.filter(([path, mode]) =>
    mode !== (Deno.statSync(`${dir}/${path}`).isDirectory ? "700" : "600")
  );
  assertEquals(wrong, []);
}
