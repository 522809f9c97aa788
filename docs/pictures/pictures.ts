/**
 * Draws the pictures in the docs: real sessions of the console client in a real terminal (xterm.js) with a real server.
 * `deno task picture` makes them anew.
 *
 * @module
 */

import { DARK, drawScreen, LIGHT, type Palette } from "./draw_screen.ts";
import { playLook, playSession, SIZE } from "./scenes.ts";

const { columns } = SIZE;

async function write(name: string, title: string, screen: string, palette: Palette): Promise<void> {
  const file = new URL(`../${name}.svg`, import.meta.url);
  await Deno.writeTextFile(file, drawScreen(screen, { columns, title, palette }));
}

if (import.meta.main) {
  await write("session", "A session of the console client", await playSession(), DARK);
  await write("look-dark", "The look for a dark background", await playLook("dark"), DARK);
  await write("look-light", "The look for a light background", await playLook("light"), LIGHT);
  await write("look-16", "The look with the terminal's own colours", await playLook("16"), DARK);
  await write("look-none", "The look without colours", await playLook("none"), LIGHT);
}
