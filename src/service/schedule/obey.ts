import { UnknownCase, UserError } from '../../errors.ts';
import type { MqttCommand } from '../mqtt/commands.ts';
import { CannotStore } from '../parts.ts';
import type { Schedule } from './schedule.ts';

/** What obeying needs to know beside the schedule. */
export interface Obeying {
  readonly isCamera: (id: string) => boolean;
  /** Told where the command could not be obeyed, in one line. */
  readonly onRefused: (reason: string) => void;
}

/** Does what a program asks for by MQTT. */
export function obey(
  command: MqttCommand,
  { profiles, snoozes }: Schedule,
  { isCamera, onRefused }: Obeying,
): void {
  try {
    switch (command.kind) {
      case 'profile':
        profiles.choose(command.choice);
        return;
      case 'snooze':
        if (!isCamera(command.camera)) return;
        if (command.snooze) snoozes.begin(command.camera, command.snooze);
        else snoozes.end(command.camera);
        return;
      default:
        throw new UnknownCase(command satisfies never);
    }
  } catch (error) {
    if (!(error instanceof UserError || error instanceof CannotStore)) throw error;
    onRefused(error.message);
  }
}
