/** How a terminal device is set (termios). */
export interface TtyModes {
  /** Whether it shows what is typed. */
  readonly echoes: boolean;
  /** Whether a program reads whole lines ("cooked"). */
  readonly isLineByLine: boolean;
  /** Whether Ctrl-C, Ctrl-Z and Ctrl-\ send signals. */
  readonly sendsSignals: boolean;
}

const RETRY_MS = 1;

/** Where `c_lflag` stands in `struct termios`, and its bits. */
const LAYOUT = Deno.build.os === "darwin"
  ? { library: "libSystem.dylib", at: 24, echo: 0x8, canonical: 0x100, signals: 0x80 }
  : { library: "libc.so.6", at: 12, echo: 0x8, canonical: 0x2, signals: 0x1 };

/** A terminal device that can be asked how it is set, also when its programs have ended. */
export class Tty implements Disposable {
  readonly #library = Deno.dlopen(LAYOUT.library, {
    dup: { parameters: ["i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  });
  readonly #descriptor: number;
  #isOpen = true;

  /** @param descriptor Of either side; it may be closed later. */
  constructor(descriptor: number) {
    this.#descriptor = this.#library.symbols.dup(descriptor);
  }

  /** How it is set now. */
  modes(): TtyModes {
    const termios = new Uint8Array(128);
    if (this.#library.symbols.tcgetattr(this.#descriptor, termios) !== 0) {
      throw new Error("tcgetattr failed");
    }
    const flags = new DataView(termios.buffer).getUint32(LAYOUT.at, true);
    return {
      echoes: (flags & LAYOUT.echo) !== 0,
      isLineByLine: (flags & LAYOUT.canonical) !== 0,
      sendsSignals: (flags & LAYOUT.signals) !== 0,
    };
  }

  /**
   * Writes what it takes now, and the rest when the program has read some: the system holds 4 kB for it. (Deno's own
   * stream stops for good when a terminal takes no more.)
   */
  async write(text: string): Promise<void> {
    let rest: Uint8Array<ArrayBuffer> = new TextEncoder().encode(text);
    while (this.#isOpen && rest.length > 0) {
      const written = Number(
        this.#library.symbols.write(this.#descriptor, rest, BigInt(rest.length)),
      );
      if (written > 0) rest = rest.subarray(written);
      else await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#library.symbols.close(this.#descriptor);
    this.#library.close();
  }
}
