import { assert, assertEquals } from "@std/assert";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);

/** What the code of a folder may import besides itself and packages. Entry scripts may import anything. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  common: [],
  logs: ["common"],
  server: ["common", "logs"],
  client: ["common", "logs"],
  launcher: ["common", "logs"],
};

/** What the folders of the client may import besides themselves and packages: the library can be used alone. */
const CLIENT_MAY_IMPORT: Record<string, readonly string[]> = {
  "client/library": ["common"],
  "client/texts": ["common"],
  "client/chat": ["common", "client/library", "client/texts", "client/profile"],
};

/** What only entry scripts may touch: the process that they are. */
const PROCESS =
  /\bDeno\.(args|exit|addSignalListener|removeSignalListener)\b|\bimport\.meta\.main\b/;

/** Modules outside the top level that may do so all the same: each with the reason. */
const PROCESS_SPEAKERS: Record<string, string> = {
  "common/interrupts.ts": "turns signals into promises, once a script calls listen()",
  "launcher/guarded/guard.ts": "is a script: the launcher runs it beside each of its processes",
  "logs/handlers/timed_rotating_file_handler.ts":
    "writes what it holds on SIGTERM, if a program asks it to",
};

interface Module {
  path: string;
  text: string;
  imports: string[];
}

/** The modules of the project, tests and stand-ins aside. */
function modules(): Module[] {
  const found: Module[] = [];
  for (const entry of Deno.readDirSync(ROOT)) {
    if (entry.isFile && entry.name.endsWith(".ts")) found.push(read(entry.name));
    else if (entry.isDirectory && entry.name in MAY_IMPORT) found.push(...walk(entry.name));
  }
  return found;
}

function* walk(folder: string): Generator<Module> {
  for (const entry of Deno.readDirSync(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else if (entry.name.endsWith(".ts")) yield read(path);
  }
}

function read(path: string): Module {
  const text = Deno.readTextFileSync(new URL(path, ROOT));
  // Static, side-effect and dynamic imports, and re-exports.
  const specifiers = [
    ...text.matchAll(/^\s*(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']/gm),
    ...text.matchAll(/^\s*import\s*["']([^"']+)["']/gm),
    ...text.matchAll(/\bimport\(\s*["']([^"']+)["']/g),
  ].map(([, specifier]) => specifier!);
  const imports = specifiers.map((specifier) =>
    specifier.startsWith(".")
      ? relative(fileURLToPath(ROOT), fileURLToPath(new URL(specifier, new URL(path, ROOT))))
      : specifier
  );
  return { path, text, imports };
}

/** The code without its comments. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

Deno.test("imports point inward", () => {
  const wrong: string[] = [];
  for (const { path, imports } of modules()) {
    if (!path.includes("/")) continue; // an entry script
    const folder = path.split("/")[0]!;
    for (const target of imports.filter((target) => target.endsWith(".ts"))) {
      const targetFolder = target.includes("/") ? target.split("/")[0]! : "(entry scripts)";
      if (targetFolder !== folder && !MAY_IMPORT[folder]!.includes(targetFolder)) {
        wrong.push(`${path} imports ${target}`);
      }
    }
  }
  assertEquals(wrong, []);
});

/** Everything that a module needs, itself included. */
function reach(
  path: string,
  all: ReadonlyMap<string, Module>,
  seen = new Set<string>(),
): Set<string> {
  if (!seen.has(path)) {
    seen.add(path);
    for (const target of all.get(path)?.imports ?? []) reach(target, all, seen);
  }
  return seen;
}

Deno.test("only other programs import logs/mod.ts: the project names the module that it means", () => {
  const wrong = modules().filter(({ imports }) => imports.includes("logs/mod.ts"));
  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("a server without --nats loads nothing of NATS", () => {
  const all = modules();
  assert(all.some(({ path }) => path === "server/cluster/nats/streams.ts"));
  const outside = all.filter(({ path }) => !path.startsWith("server/cluster/nats/"));
  const wrong = [...outside, ...all.filter(({ path }) => path.endsWith("/nats_settings.ts"))]
    .filter(
      ({ text }) =>
        /^\s*(?:import|export)\b(?! type)[^"'`;]*?["'][^"']*(?:@nats-io|\/nats\/(?!nats_settings\.ts))/m
          .test(text),
    );
  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("people, rooms, delivery and events know no connection, not even by way of others", () => {
  const all = new Map(modules().map((module) => [module.path, module]));
  const inside = [...all.keys()].filter((path) =>
    /^server\/((people|rooms|delivery|events|accounts|store)\/.*|router|context|answer)\.ts$/.test(
      path,
    )
  );
  assert(inside.length > 30);
  const wrong = inside.flatMap((path) =>
    [...reach(path, all)].filter((target) =>
      target.startsWith("server/connection/") ||
      /\bDeno\.(Conn|Tcp|Listener|listen|connect)|\bnode:(net|tls)\b/.test(
        withoutComments(all.get(target)?.text ?? target),
      )
    ).map((target) => `${path} reaches ${target}`)
  );
  assertEquals(wrong, []);
});

Deno.test("a connection knows no room and no store", () => {
  const wrong = modules().filter(({ path }) => path.startsWith("server/connection/")).flatMap((
    { path, imports },
  ) =>
    imports.filter((target) =>
      /^server\/(rooms|store|delivery|router|context|chat_server|assembly)\b/.test(target)
    ).map((target) => `${path} imports ${target}`)
  );
  assertEquals(wrong, []);
});

Deno.test("entry scripts alone read Deno.args, exit, and touch signals", () => {
  const wrong = modules().filter(({ path, text }) =>
    path.includes("/") && !(path in PROCESS_SPEAKERS) && PROCESS.test(withoutComments(text))
  );
  assertEquals(wrong.map(({ path }) => path), []);
});

Deno.test("the @std packages are imported by name, never by a path into std/", () => {
  const all = [...modules(), ...walk("tests"), ...walk("bench")];
  assert(all.some(({ imports }) => imports.includes("@std/streams/text-line-stream")));
  const wrong = all.flatMap(({ path, imports }) =>
    imports.filter((target) => target.startsWith("std/") || /^(jsr|https?):/.test(target))
      .map((target) => `${path} imports ${target}`)
  );
  // The stand-ins have tests of their own parts.
  assertEquals(wrong.filter((line) => !line.startsWith("tests/std/")), []);
});

Deno.test("the client's library knows no chat, its chat no terminal, its texts neither", () => {
  const isIn = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
  const all = modules();
  for (const [folder, allowed] of Object.entries(CLIENT_MAY_IMPORT)) {
    const inside = all.filter(({ path }) => isIn(path, folder));
    assert(inside.length > 0, folder);
    const wrong = inside.flatMap(({ path, imports }) =>
      imports.filter((target) => target.endsWith(".ts"))
        .filter((target) => ![folder, ...allowed].some((other) => isIn(target, other)))
        .map((target) => `${path} imports ${target}`)
    );
    assertEquals(wrong, []);
  }
});
