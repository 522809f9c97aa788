import { assertEquals, assertThrows } from "@std/assert";

import { report, withReport } from "../../bench/report.ts";
import { RUN } from "./support/run.ts";

Deno.test("the report has a table per scenario, compares by rounds, and a disturbed server with itself", () => {
  const text = report(RUN);
  const lines = text.slice(text.indexOf("\n50x1: ")).split("\n");
  const row = (start: string): string[] =>
    lines.find((line) => line.startsWith(start))!.split(/ {2,}/);
  // 30/40, 10/40, 20/25: the middle one
  assertEquals(row("InspIRCd "), ["InspIRCd", "40000", "1000", "2000", "12.50", "25 %", "0.75"]);
  assertEquals(row("this server  "), [
    "this server",
    "20000",
    "1000",
    "2000",
    "25.00",
    "25 %",
    "1.00",
  ]);
  assertEquals(row("this server, 5000 idle").at(-1), "0.90");
  assertEquals(row("condition").at(-1), "p99 / without");
  assertEquals(row("slow, no flood").at(-1), "1.00");
  assertEquals(row("slow, one flood").at(-1), "1.10");
  assertEquals(row("fast, one flood"), [
    "fast, one flood",
    "10000",
    "1000",
    "5000",
    "50.00",
    "25 %",
    "2.50",
  ]);
  const memory = lines.filter((line) => line.endsWith(" MiB")).map((line) => line.split(/ {2,}/));
  assertEquals(memory, [
    ["this server", "1024", "12.0 KiB", "50 MiB"],
    ["this server", "2048", "10.0 KiB", "8.0 KiB", "4 MiB", "50 MiB"],
  ]);
});

Deno.test("the report says first what each server does for a message", () => {
  const lines = report(RUN).split("\n").slice(0, 8).map((line) => line.split(/ {2,}/));
  assertEquals(lines, [
    ["a processor, 2 cores, linux 6; 2026-01-02T03:04:05.000Z"],
    ["medians of 3 rounds of 2 s"],
    [""],
    ["server", "version", "acknowledged", "kept", "TLS"],
    ["this server", "1.2", "yes", "no", "no"],
    ["InspIRCd", "3.4", "no", "no", "no"],
    ["Prosody", "5.6", "yes", "not synced", "yes"],
    [""],
  ]);
});

Deno.test("a report takes the place of the one of the same scenario, or else of the first", () => {
  const page = (one: string, other: string): string =>
    `# A page\n\n\`\`\`text\n${one}\n\`\`\`\n\nand\n\n\`\`\`text\n${other}\n\`\`\`\n\nend\n`;
  const old = page("cpu\n\n50x1: old\n1", "cpu\n\nkept: old\n1");
  const only = (name: string): typeof RUN => ({
    ...RUN,
    scenarios: RUN.scenarios.filter((scenario) => scenario.name === name),
  });
  const [pairs, kept, crowd] = ["50x1", "kept", "crowd"].map(only) as [
    typeof RUN,
    typeof RUN,
    typeof RUN,
  ];
  assertEquals(withReport(old, pairs), page(report(pairs), "cpu\n\nkept: old\n1"));
  assertEquals(withReport(old, kept), page("cpu\n\n50x1: old\n1", report(kept)));
  assertEquals(withReport(old, crowd), page(report(crowd), "cpu\n\nkept: old\n1"));
  assertThrows(() => withReport("# A page\n", RUN), Error, "has no block that begins with");
});
