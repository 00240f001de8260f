import { UserError } from '../../errors.ts';
import type { ConfigurationFile } from '../contract/settings.ts';

/** @throws UserError where a configuration file has cameras: those of a fleet are in its database */
export function requireNoCameras({ cameras }: ConfigurationFile): void {
  if (cameras.length > 0)
    throw new UserError(
      'cameras of the configuration file: a service with --store keeps its cameras in the database; add them on the page, and take them out of the file',
    );
}
