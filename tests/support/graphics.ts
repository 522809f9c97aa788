import type { IBufferCell, IBufferLine } from "npm:@xterm/headless@6.0.0";

/** The codes of "select graphic rendition" (ECMA-48) that lead from no look at all to that of a cell. */
function codes(cell: IBufferCell): string {
  const colour = cell.getFgColor();
  return [
    cell.isBold() && "1",
    cell.isDim() && "2",
    cell.isItalic() && "3",
    cell.isUnderline() && "4",
    cell.isInverse() && "7",
    cell.isFgPalette() && (colour < 8 ? `${30 + colour}` : `38;5;${colour}`),
  ].filter((code) => code).join(";");
}

/** A row of a terminal as text, with escape sequences where the look changes; it ends with the look that it began with. */
export function graphics(line: IBufferLine): string {
  let look = "";
  let text = "";
  const end = line.translateToString(true).trimEnd() === "" ? 0 : line.length;
  for (let column = 0; column < end; column++) {
    const cell = line.getCell(column)!;
    if (cell.getWidth() === 0) continue;
    const next = codes(cell);
    if (next !== look) text += (look && "\x1b[0m") + (next && `\x1b[${next}m`);
    look = next;
    text += cell.getChars() || " ";
  }
  return look === "" ? text.trimEnd() : `${text}\x1b[0m`;
}
