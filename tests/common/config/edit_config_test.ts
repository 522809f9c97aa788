import { assertEquals } from "@std/assert";

import { parseConfig } from "../../../common/config/config_file.ts";
import type { ConfigSpec } from "../../../common/config/config_keys.ts";
import { editConfig } from "../../../common/config/edit_config.ts";
import { seededRandom } from "../../support/random.ts";

const TEXT = { kind: "text", value: "TEXT", help: "" } as const;
const SPEC: ConfigSpec = {
  flag: "--profile",
  keys: { addr: TEXT, port: { ...TEXT }, "notify.how": TEXT, "notify.quiet": TEXT },
  tables: { aliases: TEXT, "notify.rules": TEXT },
  hint: "",
};

function edit(text: string, key: string, value: string | undefined): string {
  return editConfig(text, key, value, SPEC);
}

Deno.test("a value is put in the place of another one, and nothing else is touched", () => {
  const text = `# mine
addr   =  'old'    # the old one
port="1"

[notify] # here
  how = """
two lines""" # behind
`;
  assertEquals(edit(text, "addr", "new"), text.replace("'old'", '"new"'));
  assertEquals(edit(text, "notify.how", "x"), text.replace('"""\ntwo lines"""', '"x"'));
  assertEquals(edit("port = 0", "port", "x"), 'port = "x"');
});

Deno.test("a key that is taken out goes with its line", () => {
  const text = "# mine\r\naddr = 'a' # this\r\nport = 'b'\r\n[notify]\r\nhow = '''\r\nc'''";
  assertEquals(edit(text, "addr", undefined), text.replace("addr = 'a' # this\r\n", ""));
  assertEquals(edit(text, "notify.how", undefined), text.replace("how = '''\r\nc'''", ""));
  assertEquals(edit(text, "aliases.x", undefined), text);
});

Deno.test("a new key stands with those of its table", () => {
  const cases: [before: string, key: string, after: string][] = [
    ["", "addr", 'addr = "v"\n'],
    ["", "aliases.x y", '[aliases]\n"x y" = "v"\n'],
    ["port = '1'", "addr", "port = '1'\naddr = \"v\""],
    ["port = '1' # one\n\n[aliases]\n", "addr", "port = '1' # one\naddr = \"v\"\n\n[aliases]\n"],
    ["# top\n\n# below\n[aliases]\n", "addr", '# top\n\naddr = "v"\n\n# below\n[aliases]\n'],
    ["[aliases]\r\na = 'b'\r\n", "aliases.c", "[aliases]\r\na = 'b'\r\nc = \"v\"\r\n"],
    ["[aliases] # none\n\n[notify]\n", "aliases.c", '[aliases] # none\nc = "v"\n\n[notify]\n'],
    ["port = '1'", "aliases.c", "port = '1'\n\n[aliases]\nc = \"v\"\n"],
    ["notify.how = 'x'\n", "notify.quiet", "notify.how = 'x'\nnotify.quiet = \"v\"\n"],
    ["notify.rules.bob = 'x'\n", "notify.how", "notify.rules.bob = 'x'\nnotify.how = \"v\"\n"],
    [
      "[notify]\nrules.bob = 'x'\n",
      "notify.rules.#dev",
      '[notify]\nrules.bob = \'x\'\nrules."#dev" = "v"\n',
    ],
    [
      "[notify.rules]\nbob = 'x'",
      "notify.how",
      "[notify.rules]\nbob = 'x'\n\n[notify]\nhow = \"v\"\n",
    ],
  ];
  for (const [before, key, after] of cases) {
    assertEquals(edit(before, key, "v"), after);
    assertEquals(parseConfig(after, "", SPEC).get(key)?.value, "v");
  }
});

Deno.test("whatever the file looks like, a change is that change and no other", () => {
  const random = seededRandom(22);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const keys = [
    "addr",
    "port",
    "notify.how",
    "notify.quiet",
    "aliases.a",
    "aliases.b c",
    "notify.rules.#d",
  ];
  for (let run = 0; run < 500; run++) {
    let text = pick(["", "# begin\n", "\n\n", "# a\r\n# b\r\n"]) + pick(startsOf());
    for (let step = 0; step < 8; step++) {
      const before = new Map(
        [...parseConfig(text, "", SPEC)].map(([key, { value }]) => [key, value]),
      );
      const key = pick(keys);
      const value = pick([undefined, "x", 'q"\\', "ж🙂", "# no comment"]);
      const comments = text.match(/^#.*$/gm)?.length;
      text = edit(text, key, value);
      if (value === undefined) before.delete(key);
      else before.set(key, value);
      const after = [...parseConfig(text, "", SPEC)].map(([key, { value }]) => [key, value]);
      assertEquals(after.toSorted(), [...before].toSorted(), text);
      assertEquals(text.match(/^#.*$/gm)?.length, comments);
    }
  }
});

function startsOf(): string[] {
  return [
    "",
    "addr = 'x' # c\n",
    "[notify]\n# c\nhow = 'a'\nrules.'#d' = 'all'\n\n# d\n[aliases]",
    "notify.rules.'#d' = 'x'\naliases.a = 'b'\n",
    "# c\n[notify.rules]\n'#d' = 'x'\n[notify]\nquiet = 'a'",
    "port = 'x'\n[aliases]\n'b c' = '''\na\n'''\n",
  ];
}
