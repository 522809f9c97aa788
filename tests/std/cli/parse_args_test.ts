// The types that @std/cli gives: what is checked here is that this compiles, in `deno task check`.
import { assertEquals } from "@std/assert";
import { type Args, parseArgs, type ParseOptions } from "@std/cli/parse-args";

/** Fails to compile unless the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [{ actual: A; expected: B }]): void {}

/** What of a flag's type the declarations do not make known. */
type Rest = { [name: string]: unknown };
type Positional = { _: (string | number)[] };

Deno.test("flags that nobody has declared can be anything", () => {
  const args = parseArgs(["--a", "--b=c", "d"]);
  // deno-lint-ignore no-explicit-any
  same<typeof args, { [name: string]: any; _: (string | number)[] }>();
  assertEquals(args, { a: true, b: "c", _: ["d"] });
});

Deno.test("one name may be given alone or in a list, and what is not declared is unknown", () => {
  const one = parseArgs(["-v"], { boolean: "v", string: "name" });
  same<typeof one.v, boolean>();
  same<typeof one.name, string | undefined>();
  same<typeof one.other, unknown>();
  const list = parseArgs(["-v"], { boolean: ["v", "w"], string: ["name", "to"] as const });
  same<typeof list.w, boolean>();
  same<typeof list.to, string | undefined>();
  same<typeof list["other"], unknown>();
  assertEquals([one.v, list.w], [true, false]);
  const all: Rest & Positional = list;
  assertEquals(all._, []);
});

Deno.test("all flags can be switches", () => {
  const args = parseArgs(["--v", "x"], { boolean: true });
  same<typeof args.v, unknown>();
  assertEquals(args, { v: true, _: ["x"] });
});

Deno.test("collected flags are lists, also without a type; negated ones may be false", () => {
  const args = parseArgs(["--a", "1", "--a", "2", "--no-s"], {
    string: ["a", "s"],
    boolean: ["b"],
    collect: ["a", "b", "c"],
    negatable: ["s", "b"],
  });
  same<typeof args.a, string[]>();
  same<typeof args.b, boolean[]>();
  same<typeof args.c, unknown[]>();
  same<typeof args.s, string | false | undefined>();
  assertEquals([args.a, args.s], [["1", "2"], false]);
});

Deno.test("a default makes a flag always there, and adds its own type", () => {
  const args = parseArgs([], { string: ["name", "to"], default: { name: 5, more: true } });
  same<typeof args.name, string | number>();
  same<typeof args.to, string | undefined>();
  same<typeof args.more, unknown>();
  assertEquals([args.name, args.more], [5, true]);
});

Deno.test("a flag has its type under its other names", () => {
  const args = parseArgs(["-v"], { boolean: ["verbose"], string: ["to"], alias: { verbose: "v" } });
  same<typeof args.v, boolean>();
  same<typeof args.verbose, boolean>();
  same<typeof args.to, string | undefined>();
  assertEquals([args.v, args.verbose], [true, true]);
});

Deno.test("names with dots are objects", () => {
  const args = parseArgs(["--log.level", "x"], { string: ["log.level"], boolean: ["log.utc"] });
  same<typeof args.log.utc, boolean>();
  same<typeof args.log.level, string | undefined>();
  assertEquals(args.log, { level: "x", utc: false });
});

Deno.test("what follows -- is there only if it was asked for", () => {
  const asked = parseArgs(["--", "x"], { "--": true });
  same<typeof asked["--"], string[]>();
  const maybe = parseArgs(["--", "x"], { string: ["s"], "--": Math.random() < 2 });
  same<typeof maybe["--"], string[] | undefined>();
  assertEquals([asked["--"], maybe["--"]], [["x"], ["x"]]);
});

Deno.test("options and results have types of their own", () => {
  const options: ParseOptions = { boolean: "v", string: ["s"], alias: { v: ["w"] } };
  const args: Args = parseArgs(["-w"], options);
  assertEquals(args.v, true);
});
