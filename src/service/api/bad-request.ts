/** What was asked is not as its schema wants it. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
}
