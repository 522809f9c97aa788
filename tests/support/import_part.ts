/** Folders whose tests have tasks of their own, since they need other programs. */
const OTHER_TASKS: readonly string[] = ["classic", "desktop", "interop", "nats"];

/** Where the modules are that import a part of the tests each, and nothing else. */
const PARTS = new URL("../parts/", import.meta.url);

function* testFiles(folder: URL): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* testFiles(new URL(`${name}/`, folder));
    else if (name.endsWith("_test.ts")) yield new URL(name, folder).href;
  }
}

/**
 * The files that a part of the tests consists of: of all that need no other programs, those whose turn it is.
 * Neighbours, which often take as long as each other, are apart.
 *
 * @param part The URL of a module in `tests/parts/`; how many there are is how many parts there are.
 */
export function filesOfPart(part: string): string[] {
  const parts = [...Deno.readDirSync(PARTS)].map(({ name }) => new URL(name, PARTS).href).sort();
  const tests = new URL("../", PARTS);
  const others = OTHER_TASKS.map((folder) => new URL(`${folder}/`, tests).href);
  return [...testFiles(tests)].filter((file) => !others.some((folder) => file.startsWith(folder)))
    .sort().filter((_, index) => index % parts.length === parts.indexOf(part));
}

/**
 * Imports a part of the tests, so that one isolate runs them: Deno makes one for each file that it is given, which takes
 * longer than what most files test, and loads what they import anew.
 */
export async function importPart(part: string): Promise<void> {
  for (const file of filesOfPart(part)) await import(file);
}
