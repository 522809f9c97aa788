// What a log record costs, and what a decorated method costs while nobody listens.
//
//   deno bench --allow-read --allow-write --allow-env=TMPDIR bench/logging_bench.ts
import { FileHandler } from "@std/log/file-handler";
import { Logger, type LogRecord } from "@std/log/logger";
import { join } from "node:path";
import { type Log, logCalls, withCallLog } from "../logs/calls/log_calls.ts";
import { silentLog } from "../common/log.ts";
import { jsonFormatter, textFormatter } from "../logs/handlers/formatters.ts";
import { TimedRotatingFileHandler } from "../logs/handlers/timed_rotating_file_handler.ts";
import { openSqliteStore } from "../server/store/sqlite.ts";

const dir = Deno.makeTempDirSync({ prefix: "jim-log-" });
addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));

const FIELDS = { peer: "127.0.0.1:5000", name: "eve" };

function timed(name: string, formatter: (record: LogRecord) => string, flushInterval = 1000) {
  const filename = join(dir, `${name}.log`);
  const handler = new TimedRotatingFileHandler("NOTSET", {
    filename,
    when: "MIDNIGHT",
    formatter,
    flushInterval,
    exitOnSigterm: false,
  });
  handler.setup();
  return new Logger("server.session", "INFO", { handlers: [handler] });
}

const text = timed("text", textFormatter());
const json = timed("json", jsonFormatter());
const bare = timed("bare", ({ msg }) => msg);
const unbuffered = timed("unbuffered", textFormatter(), 0);
const base = new FileHandler("NOTSET", {
  filename: join(dir, "base.log"),
  formatter: ({ msg }) => msg,
});
base.setup();
const baseLogger = new Logger("server.session", "INFO", { handlers: [base] });

const record = { group: "a record" } as const;
Deno.bench(
  "FileHandler of @std/log, message only",
  record,
  () => void baseLogger.info("connected"),
);
Deno.bench("timed file, buffered, message only", { ...record, baseline: true }, () => {
  bare.info("connected");
});
Deno.bench("timed file, buffered, text", record, () => void text.info("connected", FIELDS));
Deno.bench("timed file, buffered, JSON", record, () => void json.info("connected", FIELDS));
Deno.bench("timed file, unbuffered, text", record, () => void unbuffered.info("connected", FIELDS));
Deno.bench("below the level", record, () => void text.debug("connected", FIELDS));

/** Adds with a little work, like a method that is worth decorating. */
function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

class Plain {
  sum(values: readonly number[]): number {
    return sum(values);
  }
}

class Decorated {
  readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  @logCalls({ log: (self: Decorated) => self.log })
  sum(values: readonly number[]): number {
    return sum(values);
  }
}

const VALUES = Array.from({ length: 100 }, (_, i) => i);
const REPEAT = 1000;
const plain = new Plain();
const off = new Decorated(text);
const on = new Decorated({ ...silentLog, level: 10 });
const wrapped = withCallLog(sum, { log: text });

/** Calls `REPEAT` times, which the clock can measure; the sum keeps the calls from being optimised away. */
function repeat(fn: (values: readonly number[]) => number): number {
  let total = 0;
  for (let i = 0; i < REPEAT; i++) total += fn(VALUES);
  return total;
}

const calls = { group: `${REPEAT} calls` } as const;
Deno.bench("method", { ...calls, baseline: true }, () => void repeat((v) => plain.sum(v)));
Deno.bench("method, log_calls off", calls, () => void repeat((v) => off.sum(v)));
Deno.bench("function", calls, () => void repeat((v) => sum(v)));
Deno.bench("function, log_calls off", calls, () => void repeat((v) => wrapped(v)));
Deno.bench("method, log_calls on", calls, () => void repeat((v) => on.sum(v)));

const quiet = openSqliteStore(":memory:", { log: text });
const telling = openSqliteStore(":memory:", { log: { ...silentLog, level: 10 } });
const store = { group: "a call of the store" } as const;
Deno.bench("nameStatus, DEBUG off", { ...store, baseline: true }, async () => {
  await quiet.nameStatus("eve");
});
Deno.bench("nameStatus, DEBUG on", store, async () => {
  await telling.nameStatus("eve");
});
