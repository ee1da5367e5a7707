import type { Audited } from '../model/audit.ts';
import type { Looked } from './looked.ts';
import { dataAnswers } from './posture-data.ts';
import { hangAnswers } from './posture-hang.ts';
import { keyAnswers } from './posture-keys.ts';

/** What an owner of a server fears, three answers to each. */
export function postureOf(looked: Looked): Audited['posture'] {
  return { data: dataAnswers(looked), hang: hangAnswers(looked), keys: keyAnswers(looked) };
}
