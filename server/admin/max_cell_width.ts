/** Columns of the terminal that a cell takes at most where others have typed what stands in it; JSON has all of it. */
export const MAX_CELL_WIDTH = 48;
