import type { Finding } from '../model/finding.ts';
import { EXITRD_HOME, EXITRD_LIB } from '../model/places.ts';
import type { Door } from '../model/sources.ts';

/** What renews the plan as a shutdown begins. */
const UNIT = '/etc/systemd/system/multi-user.target.wants/uninitramfs-exitrd.service';

/**
 * What is there now that the installed plan was not made for, as state.sh tells it. What is gone since needs no plan: it is found closed.
 * @param now what state.sh tells at this moment; undefined where it could not be asked.
 * @returns undefined where that cannot be told: only root may read what the plan was made from.
 */
export function newSincePlan(door: Door, now: string | undefined): readonly string[] | undefined {
  const then = door.text(`${EXITRD_HOME}${EXITRD_LIB}/plan.state`);
  if (then === undefined || now === undefined) return undefined;
  const known = new Set(then.split('\n'));
  return now.split('\n').filter((line) => line !== '' && !known.has(line));
}

/** Names on one line that still can be read. */
const SHOWN = 3;

/** A plan that is older than the stack does harm only where nothing makes it anew. */
export function exitrdPlanFindings(door: Door, news: readonly string[] | undefined): Finding[] {
  if (!news || news.length === 0) return [];
  const isRenewed = door.exists(UNIT);
  const named = news.slice(0, SHOWN).join('; ') + (news.length > SHOWN ? `; and ${news.length - SHOWN} more` : '');
  return [
    {
      code: 'exitrd-outdated',
      severity: isRenewed ? 'info' : 'warning',
      text: `new since the exitrd's plan was made: ${named}`,
      fix: isRenewed
        ? 'nothing to do: as a shutdown begins, the plan is made anew'
        : 'uninitramfs exitrd refresh, or at each shutdown: systemctl enable --now uninitramfs-exitrd',
    },
  ];
}
