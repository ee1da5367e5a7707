import type { Finding } from '../model/finding.ts';
import type { Node } from '../model/node.ts';

/** What an administrator wants to be left alone. */
export function sparedFindings(nodes: readonly Node[]): Finding[] {
  return nodes.map((node) => ({
    code: 'never-touch',
    severity: 'info',
    text: `${node.path} is left alone with what stands on it and what it lies on: never_touch asks for that`,
    fix: 'nothing to do: "uninitramfs config" tells where it is set',
    node: node.id,
  }));
}
