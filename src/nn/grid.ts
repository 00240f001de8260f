/** Rows and columns of the cells, or tokens, of a picture. */
export interface Grid {
  readonly height: number;
  readonly width: number;
}
