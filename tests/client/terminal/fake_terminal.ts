import type { Terminal } from "../../../client/terminal/screen.ts";

/** A terminal that records; the marks around each write are left out. */
export class FakeTerminal implements Terminal {
  readonly writes: string[] = [];
  columns = 20;

  write(text: string): void {
    this.writes.push(
      ["\x1b[?2026h", "\x1b[?25l", "\x1b[?25h", "\x1b[?2026l"].reduce(
        (rest, mark) => rest.replace(mark, ""),
        text,
      ),
    );
  }

  size(): { columns: number; rows: number } {
    return { columns: this.columns, rows: 10 };
  }
}
