/**
 * `deno task fuzz`: as many hostile lines as wanted, and a tenth as many objects of classic clients, with a new seed
 * each time or with a given one.
 *
 * @module
 */

import { UsageError } from "../../common/errors.ts";
import { type CommandSpec, type FlagTable, parseCommand } from "../../common/flags.ts";
import { fuzzClassic } from "./classic_fuzzer.ts";
import { fuzz } from "./fuzzer.ts";
import { printLine } from "../../common/output.ts";

const FUZZ_FLAGS = {
  lines: {
    kind: "integer",
    value: "N",
    min: 1,
    max: 1_000_000_000,
    default: 1_000_000,
    help: "send at least so many lines, and a tenth as many objects of classic clients",
  },
  seed: {
    kind: "integer",
    value: "N",
    min: -1,
    max: 4_294_967_295,
    default: -1,
    help: "say again what that seed said; -1 takes a new one",
  },
} as const satisfies FlagTable;

const FUZZ_COMMAND: CommandSpec<typeof FUZZ_FLAGS> = {
  name: "deno task fuzz",
  usage: "[flags]",
  about: "Sends hostile lines to a server in this process and checks that every rule holds.",
  flags: FUZZ_FLAGS,
  maxPositional: 0,
};

/** A server whose memory grows by more than this from one half of the run to the other has a leak. */
const MAX_GROWTH_BYTES = 32 * 1_048_576;

async function main(args: string[]): Promise<number> {
  const { flags, info } = parseCommand(FUZZ_COMMAND, args);
  if (info !== undefined) {
    printLine(info);
    return 0;
  }
  const seed = flags.seed === -1 ? crypto.getRandomValues(new Uint32Array(1))[0]! : flags.seed;
  printLine(`seed ${seed}`);
  const start = performance.now();
  let atHalf: number | undefined;
  const { lines, connections, records } = await fuzz({
    seed,
    lines: flags.lines,
    onProgress(lines) {
      if (lines >= flags.lines / 2) atHalf ??= heapBytes();
    },
  });
  const growth = atHalf === undefined ? 0 : heapBytes() - atHalf;
  const seconds = (performance.now() - start) / 1000;
  printLine(
    `${lines} lines over ${connections} connections in ${seconds.toFixed(1)} s; ` +
      `${records} log records; heap ${growth > 0 ? "+" : ""}${
        (growth / 1_048_576).toFixed(1)
      } MiB ` +
      `in the second half`,
  );
  if (growth > MAX_GROWTH_BYTES) {
    printLine(
      `The heap must not grow by more than ${MAX_GROWTH_BYTES} bytes (seed ${seed})`,
      Deno.stderr,
    );
    return 1;
  }
  const objects = await fuzzClassic(seed, Math.ceil(flags.lines / 10));
  printLine(`${objects} objects of classic clients`);
  return 0;
}

/** Bytes in use after the garbage has been collected, as the task's flag lets it. */
function heapBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    printLine(
      error instanceof UsageError
        ? error.message
        : error instanceof Error
        ? error.stack!
        : `${error}`,
      Deno.stderr,
    );
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
}
