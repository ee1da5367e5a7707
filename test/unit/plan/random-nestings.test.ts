import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Audit, auditThrough } from '../../../src/app/audit.ts';
import type { Step } from '../../../src/model/step.ts';
import type { FakeHost } from '../support/fake-host.ts';
import { randomHost } from '../support/random-host.ts';

const RUNS = { numRuns: 400 };

/** Plays steps in a random order that respects their needs, and reports the first thing that closes under something open. */
function firstCrash(host: FakeHost, steps: readonly Step[], pick: readonly number[]): string | undefined {
  const open = new Set(host.truth.flat());
  // The kernel's own mounts on the root are moved aside in the exitrd, not closed.
  open.delete('mount:/proc');
  const waiting = [...steps];
  const done = new Set<string>();
  for (let turn = 0; waiting.length > 0; turn++) {
    const ready = waiting.filter((step) => step.needs.every((need) => done.has(need) || !steps.some((other) => other.id === need)));
    const step = ready[(pick[turn % pick.length] as number) % ready.length];
    if (!step) return `nothing is ready among ${waiting.map((each) => each.id)}`;
    for (const id of step.closes) {
      const user = host.truth.find(([above, below]) => below === id && open.has(above));
      // A btrfs, a partition or a volume's inner device is no step of its own; what stands on those is in the truth directly.
      if (user && !isPassive(user[0], steps)) return `${step.id} closes ${id} under ${user[0]}`;
      const through = host.truth
        .filter(([, below]) => below === id)
        .map(([above]) => above)
        .filter((above) => isPassive(above, steps));
      for (const passive of through) {
        const stands = host.truth.find(([above, below]) => below === passive && open.has(above) && !isPassive(above, steps));
        if (stands) return `${step.id} closes ${id} under ${stands[0]} through ${passive}`;
      }
      open.delete(id);
    }
    waiting.splice(waiting.indexOf(step), 1);
    done.add(step.id);
  }
  return undefined;
}

function isPassive(id: string, steps: readonly Step[]): boolean {
  return /^dev:[a-z]+[a-z0-9]*p?\d+$/.test(id) && !steps.some((step) => step.closes.includes(id));
}

const orders = fc.array(fc.nat(1000), { minLength: 5, maxLength: 20 });
const truthAbove = (host: FakeHost, start: string): Set<string> =>
  walk(
    host.truth.map(([above, below]) => [below, above]),
    start,
  );
const truthBelow = (host: FakeHost, start: string): Set<string> => walk(host.truth, start);

function walk(edges: readonly (readonly [string, string])[], start: string): Set<string> {
  const found = new Set<string>();
  const todo = [start];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    for (const [from, to] of edges) {
      if (from === id && !found.has(to)) {
        found.add(to);
        todo.push(to);
      }
    }
  }
  return found;
}

const closedBy = (plan: Audit['plan']): Set<string> => new Set(plan.steps.flatMap((step) => step.closes));

describe('random nestings', () => {
  it('close nothing before what stands on it, in any order the needs allow', () => {
    fc.assert(
      fc.property(randomHost, orders, (host, pick) => {
        const { plan } = auditThrough(host.door(), []);
        expect(firstCrash(host, plan.steps, pick)).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('have a step for everything that can be closed, and each thing is closed once', () => {
    fc.assert(
      fc.property(randomHost, (host) => {
        const { plan, graph } = auditThrough(host.door(), []);
        const closable = graph.nodes.filter((node) => node.close === 'step' && node.wanted).map((node) => node.id);
        expect([...closedBy(plan)].sort()).toEqual(closable.sort());
        expect(plan.steps.flatMap((step) => step.closes)).toHaveLength(closable.length);
      }),
      RUNS,
    );
  });

  it('leave for the exitrd exactly what the root stands on', () => {
    fc.assert(
      fc.property(randomHost, (host) => {
        const { plan } = auditThrough(host.door(), []);
        const root = new Set(['mount:/', ...truthBelow(host, 'mount:/')]);
        for (const step of plan.steps) for (const id of step.closes) expect([id, root.has(id)]).toEqual([id, step.stage === 'exitrd']);
      }),
      RUNS,
    );
  });

  it('touch nothing outside the selection when there is a target', () => {
    fc.assert(
      fc.property(randomHost, fc.nat(1000), orders, (host, number, pick) => {
        const all = auditThrough(host.door(), []).graph.nodes.filter((node) => node.kind !== 'btrfs' && node.path !== '/proc');
        const target = all[number % all.length] as (typeof all)[number];
        const { plan } = auditThrough(host.door(), [target.path]);
        const same = all.filter((node) => node.path === target.path).map((node) => node.id);
        const above = new Set(same.flatMap((id) => [id, ...truthAbove(host, id)]));
        const below = new Set(same.flatMap((id) => [...truthBelow(host, id)]));
        const closed = closedBy(plan);
        for (const id of closed) {
          if (above.has(id)) continue;
          expect(below).toContain(id);
          // Downwards only what nothing else uses: every user that can be closed is closed too.
          for (const user of truthAbove(host, id)) if (all.find((node) => node.id === user)?.close === 'step') expect(closed).toContain(user);
        }
        expect(firstCrash(host, plan.steps, pick)).toBeUndefined();
      }),
      RUNS,
    );
  });
});
