/** What the configuration file sets cannot be changed from outside. */
export class SetInFile extends Error {
  override readonly name = 'SetInFile';
}
