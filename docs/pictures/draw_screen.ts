/**
 * Draws the screen of a terminal as SVG. Pure.
 *
 * @module
 */

import stringWidth from "string-width";

const CELL = { width: 8.4, height: 18 } as const;
const MARGIN = 14;

/** A terminal's own settings. */
export interface Palette {
  /** The colour of text. */
  readonly ink: string;
  /** The background. */
  readonly paper: string;
  /** The first eight colours, from black to white; bright ones look the same. */
  readonly basic: readonly string[];
}

/** Light text on a dark background. */
export const DARK: Palette = {
  ink: "#d8dee9",
  paper: "#1b1f27",
  basic: ["#3b4252", "#e06c75", "#8fbf7f", "#e5c07b", "#6fa8dc", "#c792ea", "#56b6c2", "#d8dee9"],
};

/** Dark text on a light background. */
export const LIGHT: Palette = {
  ink: "#24292f",
  paper: "#fdfdf8",
  basic: ["#24292f", "#b42318", "#2f6f2f", "#8a5a00", "#1f5fa8", "#8a2a8a", "#0b6b75", "#6e7781"],
};

/** Text that looks the same from its first to its last character. */
interface Run {
  readonly text: string;
  readonly style: string;
}

/** What a terminal is told to look like from here on. */
interface Look {
  colour: string | undefined;
  isBold: boolean;
  isFaint: boolean;
  isItalic: boolean;
}

const PLAIN: Look = { colour: undefined, isBold: false, isFaint: false, isItalic: false };

/** The level of a step in the 6 × 6 × 6 cube of colours. */
const LEVELS = [0, 95, 135, 175, 215, 255] as const;

function colourOf(index: number, { basic }: Palette): string {
  if (index < 16) return basic[index % 8]!;
  const cube = index - 16;
  const parts = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) =>
    LEVELS[step]!
  );
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Follows one sequence "select graphic rendition" (ECMA-48). */
function follow(look: Look, codes: number[], palette: Palette): Look {
  let next = { ...look };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0) next = { ...PLAIN };
    else if (code === 1) next.isBold = true;
    else if (code === 2) next.isFaint = true;
    else if (code === 3) next.isItalic = true;
    else if (code === 39) next.colour = undefined;
    else if (code >= 30 && code <= 37) next.colour = palette.basic[code - 30]!;
    else if (code >= 90 && code <= 97) next.colour = palette.basic[code - 90]!;
    else if (code === 38 && codes[i + 1] === 5) {
      next.colour = colourOf(codes[i + 2]!, palette);
      i += 2;
    }
  }
  return next;
}

function styleOf({ colour, isBold, isFaint, isItalic }: Look): string {
  return [
    colour === undefined ? "" : ` fill="${colour}"`,
    isBold ? ' font-weight="bold"' : "",
    isFaint ? ' opacity="0.6"' : "",
    isItalic ? ' font-style="italic"' : "",
  ].join("");
}

/** A screen with its escape sequences → rows of runs. The look goes on from row to row. */
function readScreen(screen: string, palette: Palette): Run[][] {
  let look = PLAIN;
  return screen.split("\n").map((row) => {
    const runs: Run[] = [];
    const add = (text: string): void => {
      if (text !== "") runs.push({ text, style: styleOf(look) });
    };
    const [first = "", ...others] = row.split("\x1b[");
    add(first);
    for (const piece of others) {
      const end = piece.indexOf("m");
      look = follow(look, piece.slice(0, end).split(";").map(Number), palette);
      add(piece.slice(end + 1));
    }
    return runs;
  });
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * A screen as a picture.
 *
 * @param screen Its rows, with the sequences "select graphic rendition" and no others.
 * @param columns How wide the terminal is.
 * @param title What it shows, for those who do not see it.
 */
export function drawScreen(
  screen: string,
  { columns, title, palette }: { columns: number; title: string; palette: Palette },
): string {
  const rows = readScreen(screen.trimEnd(), palette);
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = rows.length * CELL.height + 2 * MARGIN;
  const texts = rows.flatMap((runs, row) => {
    let column = 0;
    const y = MARGIN + (row + 0.75) * CELL.height;
    return runs.map(({ text, style }) => {
      const x = (MARGIN + column * CELL.width).toFixed(1);
      column += stringWidth(text);
      if (text.trim() === "") return "";
      return `<text x="${x}" y="${y}"${style} xml:space="preserve">${escapeXml(text)}</text>`;
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${palette.paper}"/>`,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" fill="${palette.ink}">`,
    ...texts.filter((text) => text !== ""),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}
