/**
 * Logs calls of methods and functions: with what, from where, how they ended, how long they took.
 *
 * @module
 */
import { isAsyncGenerator, isGenerator, watch, watchAsync } from "./generator_watch.ts";
import { DEBUG_LEVEL, type Log, type LogFields } from "../../common/log.ts";
import { type Parameter, parameterNames } from "./parameter_names.ts";
import { describeError, REDACTED, REDACTED_NAMES, Redaction } from "./redaction.ts";

export type { Log, LogFields };

/** Options of {@linkcode logCalls}. */
export interface LogCallsOptions<This = unknown, Args extends unknown[] = unknown[]> {
  /** Where to log; a function is asked at each call, with the call's `this` and its arguments. */
  log: Log | ((self: This, args: Args) => Log);
  /**
   * Names of parameters, and of properties of arguments and results, whose values are not shown.
   *
   * @default {REDACTED_NAMES}
   */
  redact?: readonly string[];
  /**
   * Show what was returned; `false` where the whole of it is a secret or a user's text.
   *
   * @default {true}
   */
  result?: boolean;
  /**
   * The clock, in milliseconds from any start.
   *
   * @default {performance.now}
   */
  now?: () => number;
}

/** Options of {@linkcode withCallLog}. */
export interface WithCallLogOptions<This, Args extends unknown[]>
  extends LogCallsOptions<This, Args> {
  /**
   * What the function is called in the log.
   *
   * @default {the function's own name}
   */
  name?: string;
}

/** A method or function. */
export type Callable<This, Args extends unknown[], Return> = (this: This, ...args: Args) => Return;

/**
 * Makes a decorator (TC39, stage 3) for methods, static and private ones included.
 *
 * Each call is logged once, at DEBUG, when it has ended: for an `async` method when its promise is settled, for a
 * generator when it is done or given up. The record has the fields `fn` (`Class.method`), `args`, `caller` (function,
 * file and line), `outcome` (`returned`, `threw` or `closed`, of a generator that was given up), `result` or `error`,
 * `yielded` (how many values) and `ms`.
 *
 * `this`, arguments, result, errors and `name` and `length` of the method stay as they are. While DEBUG is off a call
 * costs one comparison (bench/logging_bench.ts).
 *
 * @throws {TypeError} If it is put on anything but a method.
 *
 * @example
 * ```ts
 * import { logCalls } from "./log_calls.ts";
 * import { type Log, silentLog } from "../../common/log.ts";
 *
 * class Accounts {
 *   readonly log: Log = silentLog;
 *
 *   // DEBUG server.accounts  call fn=Accounts.logIn args="name=\"eve\" password=[redacted]" caller=…
 *   @logCalls({ log: (self: Accounts) => self.log })
 *   logIn(name: string, password: string): boolean {
 *     return name === "eve" && password === "s3cret";
 *   }
 * }
 * new Accounts().logIn("eve", "s3cret");
 * ```
 */
export function logCalls<This>(options: LogCallsOptions<This>): <
  Self extends This,
  Args extends unknown[],
  Return,
>(
  method: Callable<Self, Args, Return>,
  context: ClassMethodDecoratorContext<Self, Callable<Self, Args, Return>>,
) => Callable<Self, Args, Return> {
  return (method, context) => {
    if (context.kind !== "method") {
      throw new TypeError(`Cannot log calls: must be a method, received a ${context.kind}`);
    }
    const name = String(context.name);
    return wrap(method, new CallLog(method, options, (self) => `${classOf(self)}${name}`));
  };
}

/**
 * Wraps a function as {@linkcode logCalls} does a method. What it returns is called as the function was, with its
 * `this`.
 *
 * @example A table of handlers, whose log is in one of their arguments
 * ```ts
 * import { withCallLog } from "./log_calls.ts";
 * import { type Log, silentLog } from "../../common/log.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const join = { handle: (_context: { log: Log }, room: string) => `in ${room}` };
 *
 * const table = Object.fromEntries(
 *   Object.entries({ join }).map(([name, handler]) => [name, {
 *     ...handler,
 *     handle: withCallLog(handler.handle, { name, log: (_self, [context]) => context.log }),
 *   }]),
 * );
 * assertEquals(table.join!.handle({ log: silentLog }, "#dev"), "in #dev");
 * ```
 */
export function withCallLog<This, Args extends unknown[], Return>(
  fn: Callable<This, Args, Return>,
  options: WithCallLogOptions<This, Args>,
): Callable<This, Args, Return> {
  const name = options.name ?? (fn.name || "(anonymous)");
  return wrap(fn, new CallLog(fn, options, () => name));
}

function wrap<This, Args extends unknown[], Return>(
  fn: Callable<This, Args, Return>,
  calls: CallLog<This, Args>,
): Callable<This, Args, Return> {
  const { logOf } = calls;
  const wrapped = function (this: This, ...args: Args): Return {
    const log = logOf(this, args);
    // Reflect.apply, since a function may have an `apply` of its own.
    if (log.level > DEBUG_LEVEL) return Reflect.apply(fn, this, args);
    return calls.trace(log, fn, this, args, wrapped);
  };
  for (const property of ["name", "length"] as const) {
    Object.defineProperty(wrapped, property, { value: fn[property], configurable: true });
  }
  return wrapped;
}

/** What is known of a function before it is called. */
class CallLog<This, Args extends unknown[]> {
  readonly logOf: (self: This, args: Args) => Log;
  readonly #fn: CallableFunction;
  readonly #nameFor: (self: This) => string;
  readonly #redaction: Redaction;
  readonly #showsResult: boolean;
  readonly #now: () => number;
  /** Null before the first call that is logged. */
  #parameters: Parameter[] | undefined | null = null;

  constructor(
    fn: CallableFunction,
    options: LogCallsOptions<This, Args>,
    nameFor: (self: This) => string,
  ) {
    const { log } = options;
    this.logOf = typeof log === "function" ? log : () => log;
    this.#fn = fn;
    this.#nameFor = nameFor;
    this.#redaction = new Redaction(options.redact ?? REDACTED_NAMES);
    this.#showsResult = options.result ?? true;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Calls the function and logs that. */
  trace<Given extends unknown[], Return>(
    log: Log,
    fn: Callable<This, Given, Return>,
    self: This,
    args: Given,
    wrapped: CallableFunction,
  ): Return {
    // Before the call, which may change what its arguments refer to.
    const about = {
      fn: this.#nameFor(self),
      args: this.#describeArgs(args),
      caller: callerOf(wrapped),
    };
    const start = this.#now();
    const end = (outcome: string, more: LogFields): void => {
      const ms = Math.round((this.#now() - start) * 1000) / 1000;
      log.debug("call", { ...about, outcome, ...more, ms });
    };
    const returned = (value: unknown, more: LogFields = {}): void => {
      const result = this.#showsResult && value !== undefined
        ? { result: this.#redaction.describe(value) }
        : {};
      end("returned", { ...result, ...more });
    };
    const threw = (error: unknown, more: LogFields = {}): void =>
      end("threw", { error: describeError(error), ...more });

    let value: Return;
    try {
      value = Reflect.apply(fn, self, args);
    } catch (error) {
      threw(error);
      throw error;
    }
    if (value instanceof Promise) {
      return value.then(
        (result) => {
          returned(result);
          return result;
        },
        (error) => {
          threw(error);
          throw error;
        },
      ) as Return;
    }
    const closed = (more: LogFields): void => end("closed", more);
    if (isGenerator(value)) return watch(value, { returned, threw, closed }) as Return;
    if (isAsyncGenerator(value)) return watchAsync(value, { returned, threw, closed }) as Return;
    returned(value);
    return value;
  }

  #describeArgs(args: readonly unknown[]): string {
    if (this.#parameters === null) this.#parameters = parameterNames(this.#fn);
    const parameters = this.#parameters;
    return args.map((arg, i) => {
      const last = parameters?.at(-1);
      const parameter = parameters?.[i] ?? (last?.isRest ? last : undefined);
      // Without its name nobody knows what a value is: only objects say that themselves.
      const isObject = typeof arg === "object" && arg !== null && !Array.isArray(arg);
      if (parameter?.name === undefined) return isObject ? this.#redaction.describe(arg) : REDACTED;
      const isHidden = this.#redaction.covers(parameter.name);
      return `${parameter.name}=${isHidden ? REDACTED : this.#redaction.describe(arg)}`;
    }).join(" ");
  }
}

/** `Class.`, or nothing where there is none. */
function classOf(self: unknown): string {
  const of = typeof self === "function"
    ? self.name
    : (self as { constructor?: { name?: unknown } } | null | undefined)?.constructor?.name;
  return typeof of === "string" && of !== "" ? `${of}.` : "";
}

/**
 * Who called a function that is being called. Only that one frame is written down, since a whole stack costs many
 * times as much as the rest of the record.
 */
function callerOf(wrapped: CallableFunction): string {
  const before = Error.stackTraceLimit;
  const holder: { stack?: string } = {};
  try {
    Error.stackTraceLimit = 1;
    Error.captureStackTrace(holder, wrapped);
  } finally {
    Error.stackTraceLimit = before;
  }
  const [, name, place] = /\n\s*at (?:(.*?) \()?(.*?)(?::\d+)?\)?$/.exec(holder.stack ?? "") ?? [];
  if (place === undefined) return "unknown";
  const file = place.replace(/^.*[/\\]/, "");
  return name === undefined ? file : `${name} ${file}`;
}
