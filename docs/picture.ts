/**
 * Draws `docs/session.svg`: a real session of the console client in a real terminal (xterm.js) with a real server.
 * `deno task picture` makes it anew.
 *
 * @module
 */

import stringWidth from "string-width";

import { JimClient } from "../client/library/jim_client.ts";
import { ServerProcess } from "../tests/support/server_process.ts";
import { startClient } from "../tests/support/start_client.ts";

const COLUMNS = 84;
const ROWS = 22;
const CELL = { width: 8.4, height: 18 } as const;
const MARGIN = 14;
const INK = "#d8dee9";
const PAPER = "#1b1f27";
/** The first eight colours of a terminal. */
const BASIC = ["#3b4252", "#e06c75", "#8fbf7f", "#e5c07b", "#6fa8dc", "#c792ea", "#56b6c2", INK];

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

function paletteColour(index: number): string {
  if (index < 16) return BASIC[index % 8]!;
  const cube = index - 16;
  const parts = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((step) =>
    LEVELS[step]!
  );
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Follows one sequence "select graphic rendition" (ECMA-48). */
function follow(look: Look, codes: number[]): Look {
  let next = { ...look };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0) next = { ...PLAIN };
    else if (code === 1) next.isBold = true;
    else if (code === 2) next.isFaint = true;
    else if (code === 3) next.isItalic = true;
    else if (code === 39) next.colour = undefined;
    else if (code >= 30 && code <= 37) next.colour = BASIC[code - 30]!;
    else if (code === 38 && codes[i + 1] === 5) {
      next.colour = paletteColour(codes[i + 2]!);
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
function readScreen(screen: string): Run[][] {
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
      look = follow(look, piece.slice(0, end).split(";").map(Number));
      add(piece.slice(end + 1));
    }
    return runs;
  });
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function draw(screen: string): string {
  const rows = readScreen(screen.trimEnd());
  const width = Math.ceil(COLUMNS * CELL.width + 2 * MARGIN);
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
    `<title>A session of the console client</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>`,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" fill="${INK}">`,
    ...texts.filter((text) => text !== ""),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** Plays the session and gives the last screen. */
async function play(): Promise<string> {
  await using server = await ServerProcess.start();
  const { hostname, port } = server.address;
  const join = (name: string, password?: string): Promise<JimClient> =>
    JimClient.connect({ hostname, port, name, ...(password !== undefined && { password }) });
  await using bob = await join("bob");
  await using anna = await join("Анна");
  const pyotr = await join("pyotr");
  await pyotr.login("pyotr", { password: "correct horse", register: true });
  await pyotr.quit();
  await bob.join("#dev");
  await using eve = startClient([hostname, String(port), "-n", "eve", "--lang", "en"], {
    columns: COLUMNS,
    rows: ROWS,
  });
  await eve.endsWith("eve>");
  eve.press("ctrlL");
  eve.enter("message Анна Is the demo at noon?");
  await eve.shows("· sent");
  await anna.send("eve", "да, в переговорной на третьем этаже 🙂");
  await eve.shows("этаже");
  eve.enter("chat #dev");
  await eve.shows("In #dev");
  await bob.send("#dev", "morning! the build is green");
  await eve.shows("green");
  eve.enter("tagging the release now");
  await eve.shows("sent to 1");
  eve.enter("/message pyotr please read the notes");
  await eve.shows("will wait");
  eve.enter("/jion #ops");
  await eve.shows("[y/N]");
  eve.enter("n");
  eve.enter("/who #dev");
  await eve.shows("2 in #dev");
  eve.type("the notes are in docs/, 日本語 too");
  await bob.send("#dev", "nice, I will read them while you type");
  await eve.shows("while you type");
  return eve.colours();
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("session.svg", import.meta.url), draw(await play()));
}
