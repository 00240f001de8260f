/** What only the worker of a camera can do was asked while none has it. */
export class NoWorker extends Error {
  override readonly name = 'NoWorker';

  /** @param camera as a person calls it */
  constructor(camera: string) {
    super(`no worker has ${camera} at the moment: try again in half a minute`);
  }
}
