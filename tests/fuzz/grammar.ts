/**
 * What the fuzzer says: valid frames, frames with something wrong in them, and bytes that are no frames.
 *
 * @module
 */

/** Random choices that are the same for the same seed. */
export class Chooser {
  readonly #random: () => number;

  /** @param random Numbers from 0 up to 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** A whole number from 0 up to `below`. */
  below(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** Whether something of that probability happens. */
  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** One of several. */
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

/** Few enough that peers meet; the same ones in different letters, widths and normal forms among them. */
export const NAMES = [
  ...[
    "eve",
    "Eve",
    "ＥＶＥ",
    "bob",
    "BOB",
    "mallory",
    "Käthe",
    "Ka\u0308the",
    "ева",
    "李雷",
    "ﬁ",
    "fi",
  ],
  ...[
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "0",
    "007",
    "a.b-c_d",
    "x".repeat(25),
  ],
  ...["\u{20bb7}".repeat(25), "a\u0301".repeat(12), "ǅ", "ß", "ss", "İ", "i\u0307", "e\u034fve"],
];

const ROOMS = [
  "#dev",
  "#DEV",
  "#ｄｅｖ",
  "#a",
  "#b",
  "#__proto__",
  "#constructor",
  `#${"r".repeat(24)}`,
];
/** Rooms that accounts make, so that somebody runs them. */
const LASTING = [..."abcdefgh"].flatMap((name) => [`#of-${name}`, `#Of-${name}`]);
const PASSWORDS = ["correct horse", "12345678", "p".repeat(128), "\u{1f511}".repeat(8)];

/** Texts that have broken programs. */
const TEXTS = [
  ...[
    "",
    " ",
    "hi",
    "\0",
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202e\u2066evil",
    "\ufeff",
    "\u2028",
  ],
  ...['a\r\n{"event":"quit"}', "\ud800", "\udc00\ud800", "\udfff", "\ufffd", "\u{10ffff}", "%s%n"],
  ...[
    "\\",
    '"',
    "\\u0000",
    "'; DROP TABLE names; --",
    "$(reboot)",
    "../../etc/passwd",
    "e\u0301\u0301",
  ],
  ...["x".repeat(100), "x".repeat(101), "\u{1f600}".repeat(100), "y".repeat(500), "z".repeat(501)],
];

/** JSON texts of values that fit nowhere, or only just. */
const VALUES = [
  ...[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1",
    "-1",
    "1e999",
    "-1e999",
    "1e-999",
    "0.1",
    "9007199254740991",
  ],
  ...[
    "9007199254740993",
    "1795400000",
    "[]",
    "{}",
    "[[]]",
    '""',
    '"\\ud800"',
    '"\\u0000"',
    '"constructor"',
  ],
  ...['{"account_name":"eve"}', '{"__proto__":{"account_name":"eve"}}', '["eve"]', "[1,2,3]"],
  ...["[".repeat(600) + "]".repeat(600), '{"a":'.repeat(200) + "1" + "}".repeat(200)],
];

const FIELDS = [
  ...["event", "action", "time", "id", "user", "account_name", "status", "password", "to", "from"],
  ...[
    "message",
    "encoding",
    "store",
    "room",
    "stored",
    "register",
    "type",
    "response",
    "__proto__",
    "resume",
    "features",
    "seen",
    "n",
    "seconds",
    "reason",
    "role",
    "on",
    "slow",
    "private",
  ],
];

/** Bytes between which nothing good happens. */
const BYTES = [
  ...[0x00, 0x0a, 0x0d, 0x1b, 0x22, 0x2c, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xbf],
  ...[0xc0, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xfe, 0xff],
];

const encoder = new TextEncoder();

/** What shows that a peer writes lines, whatever becomes of those behind it: classic clients have a test of their own. */
export const FIRST_LINE: Uint8Array = encoder.encode('{"event":"probe"}\n');

/** Makes what one peer says. */
export class Grammar {
  readonly #choose: Chooser;
  readonly #maxLine: number;
  #serial: number;
  /** What proves the peer's name; set by whoever hears it. */
  token: string | undefined;
  /** Whether the peer has an account; set by whoever hears it. */
  isAccount = false;
  /** The rooms that the peer runs; set by whoever hears it. */
  runs: ReadonlySet<string> = new Set();
  /** Names of people that the peer has met; set by whoever hears it. */
  met: readonly string[] = [];

  /**
   * @param choose Random choices.
   * @param maxLine The server's limit of a line.
   * @param serial Where the numbers begin that make messages and ids unlike any other's.
   */
  constructor(choose: Chooser, maxLine: number, serial = 0) {
    this.#serial = serial;
    this.#choose = choose;
    this.#maxLine = maxLine;
  }

  /** A way to go online, mostly a presence, under any of the names. */
  arrival(): string {
    const choose = this.#choose;
    if (choose.chance(0.5)) return JSON.stringify(this.#frame("presence"));
    const user = { account_name: choose.of(NAMES), password: PASSWORDS[0] };
    return JSON.stringify({ event: "authenticate", user, register: choose.chance(0.4) });
  }

  /** Some bytes, mostly one line with its end. */
  next(): Uint8Array {
    const choose = this.#choose;
    const kind = choose.below(100);
    if (kind < 55) return encoder.encode(this.#validLine() + this.#lineEnd());
    if (kind < 75) return encoder.encode(this.#wrongLine() + this.#lineEnd());
    if (kind < 92) return this.#mutate(encoder.encode(this.#validLine() + "\n"));
    if (kind < 95) return this.#longLine();
    if (kind < 97) return encoder.encode(choose.of(VALUES) + this.#lineEnd());
    return encoder.encode(
      choose.of(["\n", "\r\n", "\r\r\n", " \n", "{\n", "}\n", "\ufeff{}\n", "\0\n"]),
    );
  }

  /** A text that no other frame has, so that it is known again where it arrives. */
  #message(): string {
    return `${this.#serial++}|${this.#choose.of(TEXTS)}`;
  }

  #room(): string {
    const choose = this.#choose;
    if (this.runs.size > 0 && choose.chance(0.7)) return choose.of([...this.runs]);
    return choose.of(choose.chance(this.isAccount ? 0.7 : 0.2) ? LASTING : ROOMS);
  }

  #id(): unknown {
    const choose = this.#choose;
    const kind = choose.below(10);
    if (kind < 4) return `id${this.#serial++}`;
    if (kind < 6) return this.#serial++;
    if (kind < 8) return undefined;
    return choose.of(["\x1b[31m", "\ud800", "\n", "\u{1f600}".repeat(64), -1, 0, "0", "__proto__"]);
  }

  #resume(): unknown {
    const choose = this.#choose;
    const wrong = [false, null, 1, "", "x".repeat(43), "x".repeat(128), "x".repeat(129), ["t"]];
    return this.token !== undefined && choose.chance(0.7)
      ? this.token
      : choose.of([...wrong, ...TEXTS]);
  }

  #event(): string {
    const choose = this.#choose;
    if (this.runs.size > 0 && choose.chance(0.3)) {
      return choose.of(["kick", "ban", "mute", "invite", "grant", "room"]);
    }
    const kind = choose.below(1_000);
    if (kind < 500) return "msg";
    if (kind < 600) return "join";
    if (kind < 680) return "leave";
    if (kind < 780) return "presence";
    if (kind < 860) return "probe";
    if (kind < 920) return "who";
    if (kind < 940) return "whois";
    if (kind < 950) return choose.of(["kick", "ban", "mute", "invite", "grant"]);
    if (kind < 965) return choose.of(["history", "read", "conversations"]);
    if (kind < 972) return "ack";
    if (kind < 978) return "rooms";
    if (kind < 985) return "room";
    return kind < 988 ? "quit" : "authenticate";
  }

  #frame(event: string): Record<string, unknown> {
    const choose = this.#choose;
    const key = choose.chance(0.2) ? "action" : "event";
    const frame: Record<string, unknown> = { [key]: event };
    if (choose.chance(0.3)) frame.time = choose.of([0, 1.5, -1, 1_795_400_000, 1e300]);
    const id = this.#id();
    if (id !== undefined) frame.id = id;
    if (choose.chance(0.1)) frame.seen = choose.below(choose.of([2, 20, 2 ** 53]));
    if ((event === "presence" || event === "authenticate") && choose.chance(0.4)) {
      frame.resume = choose.chance(0.5) ? true : this.#resume();
    }
    if ((event === "presence" || event === "authenticate") && choose.chance(0.5)) {
      frame.features = ["gathered"];
    }
    switch (event) {
      case "presence":
        frame.user = {
          account_name: choose.of(NAMES),
          ...(choose.chance(0.3) && { status: choose.of(TEXTS).slice(0, 50) }),
          ...(choose.chance(0.3) && { away: choose.of(TEXTS).slice(0, 101) }),
        };
        if (choose.chance(0.3)) frame.type = "status";
        break;
      case "authenticate":
        frame.user = { account_name: choose.of(NAMES), password: choose.of(PASSWORDS) };
        if (typeof frame.resume === "string" && choose.chance(0.8)) {
          frame.user = { account_name: choose.of(NAMES) };
        }
        if (choose.chance(0.5)) frame.register = choose.chance(0.8);
        if (choose.chance(0.1)) frame.takeover = choose.chance(0.5);
        break;
      case "msg":
        frame.to = choose.chance(0.4) ? this.#room() : choose.of(NAMES);
        frame.message = this.#message();
        if (choose.chance(0.05)) frame.from = choose.of(NAMES);
        if (choose.chance(0.2)) frame.encoding = choose.of(["utf-8", "", "\x1b[2J"]);
        if (choose.chance(0.2)) frame.store = choose.chance(0.9);
        if (choose.chance(0.1)) frame.kind = choose.of(["action", "action", "shout"]);
        break;
      case "join":
      case "leave":
        frame.room = this.#room();
        break;
      case "who":
        if (choose.chance(0.7)) frame.room = this.#room();
        break;
      case "whois":
        frame.user = choose.of(NAMES);
        break;
      case "ack":
        frame.stored = 1 + choose.below(20);
        break;
      case "room":
        frame.room = this.#room();
        if (choose.chance(0.5)) frame.topic = choose.of(TEXTS).slice(0, 200);
        if (choose.chance(0.2)) frame.private = choose.chance(0.4);
        if (choose.chance(0.2)) frame.moderated = choose.chance(0.4);
        if (choose.chance(0.2)) frame.slow = choose.of([0, 0, 0.001, 0.01, 1, 3_600, 3_601, -1]);
        if (choose.chance(0.2)) frame.remove = choose.chance(0.3);
        break;
      case "kick":
      case "ban":
      case "mute":
      case "invite":
      case "grant":
        frame.room = this.#room();
        frame.user = choose.of(this.met.length > 0 && choose.chance(0.7) ? this.met : NAMES);
        // Mostly short, so that rooms do not become empty.
        if (choose.chance(0.95)) frame.seconds = choose.of([0, 0, 0.001, 0.01, 0.1, -1, 1e300]);
        if (choose.chance(0.5)) frame.reason = choose.of(TEXTS).slice(0, 200);
        if (choose.chance(0.3)) frame.on = choose.chance(0.5);
        if (event === "grant") {
          frame.role = choose.of(["owner", "moderator", "moderator", "member"]);
        }
        break;
      case "history":
      case "read":
        frame.with = choose.of(choose.chance(0.2) ? ROOMS : NAMES);
        if (event === "read") frame.seq = 1 + choose.below(20);
        if (choose.chance(0.3)) frame[choose.of(["before", "after"])] = choose.below(20);
        if (choose.chance(0.3)) frame.limit = choose.of([1, 100, 101, -1, "1"]);
    }
    return frame;
  }

  #validLine(): string {
    return JSON.stringify(this.#frame(this.#event()));
  }

  /** A frame with one field left out, replaced, added or given twice. */
  #wrongLine(): string {
    const choose = this.#choose;
    const frame = this.#frame(this.#event());
    const fields = Object.keys(frame);
    const user = frame.user as Record<string, unknown> | string | undefined;
    switch (choose.below(5)) {
      case 0:
        delete frame[choose.of(fields)];
        return JSON.stringify(frame);
      case 1:
        if (typeof user === "object" && choose.chance(0.5)) {
          user[choose.of(Object.keys(user))] = choose.of(TEXTS);
        } else frame[choose.of(fields)] = choose.of(TEXTS);
        return JSON.stringify(frame);
      case 2: {
        const field = choose.of(fields);
        const text = JSON.stringify({ ...frame, [field]: "@@" });
        return text.replace('"@@"', () => choose.of(VALUES));
      }
      case 3: {
        // In front, so that a duplicate loses against the valid one, or behind, so that it wins.
        const extra = `${JSON.stringify(choose.of(FIELDS))}:${choose.of(VALUES)}`;
        const text = JSON.stringify(frame);
        return choose.chance(0.5) ? `{${extra},${text.slice(1)}` : `${text.slice(0, -1)},${extra}}`;
      }
      default: {
        const event = choose.of([
          "MSG",
          "msg ",
          "",
          "constructor",
          "__proto__",
          "toString",
          "\x1b[2J",
        ]);
        return JSON.stringify({ ...frame, event });
      }
    }
  }

  #lineEnd(): string {
    return this.#choose.chance(0.1) ? "\r\n" : "\n";
  }

  /** A line around the limit, or far beyond. */
  #longLine(): Uint8Array {
    const choose = this.#choose;
    const limit = this.#maxLine;
    const length = choose.of([limit - 1, limit, limit + 1, limit + 2, 2 * limit, 8 * limit]);
    const frame = JSON.stringify({ event: "probe", id: `id${this.#serial++}`, pad: "@@" });
    const unit = choose.of(["x", "é", "\u{1f600}"]);
    const room = length - frame.length + 2;
    const size = encoder.encode(unit).length;
    const pad = unit.repeat(Math.floor(room / size)) + "x".repeat(room % size);
    return encoder.encode(frame.replace("@@", pad) + this.#lineEnd());
  }

  /** A few changes of the bytes; line ends may come and go. */
  #mutate(bytes: Uint8Array): Uint8Array {
    const choose = this.#choose;
    let result = [...bytes];
    for (let changes = 1 + choose.below(3); changes > 0 && result.length > 0; changes--) {
      const at = choose.below(result.length);
      switch (choose.below(6)) {
        case 0:
          result[at] = choose.of(BYTES);
          break;
        case 1:
          result[at]! ^= 1 << choose.below(8);
          break;
        case 2:
          result.splice(at, 1 + choose.below(8));
          break;
        case 3:
          result.splice(at, 0, choose.of(BYTES));
          break;
        case 4:
          result.splice(at, 0, ...result.slice(at, at + 1 + choose.below(20)));
          break;
        default:
          result = result.slice(0, at);
      }
    }
    return new Uint8Array(result);
  }
}
