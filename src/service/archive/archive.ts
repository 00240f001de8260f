import { UserError } from '../../errors.ts';

/** Files of all machines, behind the working folder of each. */
export interface Archive {
  /** As a person writes it. */
  readonly name: string;
  /**
   * Puts a file of the working folder: its content first, then its row.
   * @returns `gone` where there is no such file, `unwanted` where what it is of is stored no more
   * @throws what S3 or the store throw: it is to be put again
   */
  put(path: string, options?: { readonly onlyNew?: boolean }): Promise<PutResult>;
  /**
   * Makes sure that a file is in the working folder as its row has it, whole.
   * @returns whether it is there; one without a row stays as it is
   * @throws ContentLost
   * @throws UserError with one line where S3 does not answer
   */
  fetch(path: string): Promise<boolean>;
  /** Removes the row of a file. */
  remove(path: string): void;
}

export type PutResult = 'stored' | 'unwanted' | 'gone';

/** Content that a row names is gone from S3, or damaged there. */
export class ContentLost extends UserError {}
