/** Nobody, or not enough: 401 where a token is missing, 403 where it would not help. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: 401 | 403;

  constructor(status: 401 | 403, message: string) {
    super(message);
    this.status = status;
  }
}
