import type { GraphView } from './graph-view.ts';
import type { Node } from './node.ts';
import type { Sources } from './sources.ts';
import type { Argv } from './step.ts';

/** One thing to do in the guest of a rehearsal: a command, a wait, or both. */
export interface MiniOp {
  readonly argv?: Argv;
  /** What it reads on its standard input. */
  readonly input?: string;
  /** Wait, at most ten seconds, until this path exists: udev makes names a moment later. */
  readonly until?: string;
  /** Run with the miniature's root as root, so that the kernel keeps the same paths as on the host. */
  readonly inside?: boolean;
  /** Its failure does not matter. */
  readonly mayFail?: boolean;
}

/** A question to what was shut down, asked before it is put together again. The patterns are regular expressions over the output. */
export interface MiniCheck {
  readonly argv: Argv;
  /** What it is about: "superblock of md0 on /dev/ubda1". */
  readonly about: string;
  readonly has?: string;
  readonly lacks?: string;
  /** All checks with the same word must give the same first group of `has`: event counters of one array. */
  readonly equal?: string;
}

/** What a layer says about making nodes of its kind in miniature, and about putting them together again. */
export interface MiniStep {
  /** What it is called, for a person: "make array md0 (raid1)". */
  readonly title: string;
  readonly id: string;
  /** Ids of nodes that are there once it is done. */
  readonly makes: readonly string[];
  /** Ids of nodes, or of steps, that come first. */
  readonly needs: readonly string[];
  readonly make: readonly MiniOp[];
  /** The same from what is on the disks; empty where nothing has to be done. */
  readonly again: readonly MiniOp[];
  /** What the kernel has to load for it, where it has not yet. */
  readonly modules?: readonly string[];
  /** Asked after power-off, once what it needs is there and before `again`. */
  readonly checks?: readonly MiniCheck[];
  /** A file, or a raw device, that is filled with random data and compared after power-off. */
  readonly data?: { readonly path: string; readonly kilobytes: number };
  /** What the capture did not tell and was chosen, or what could not be made: one line each. */
  readonly notes?: readonly string[];
}

/** Where a miniature is built. */
export interface Site {
  readonly src: Sources;
  readonly graph: GraphView;
  /** The folder below which the host's mounts are made. */
  readonly root: string;
  /** A file in the guest with the throwaway key. */
  readonly key: string;
  /** Where the guest finds a node: a device, or a folder below `root`. */
  path(id: string): string;
  /** Megabytes a node is to have. */
  room(id: string): number;
  /** Whether a node is part of the miniature. */
  includes(id: string): boolean;
  /** Whether a program is there. */
  has(tool: string): boolean;
}

/** How nodes of one kind are made small. */
export interface MiniatureMaker {
  /** Why a node cannot be made; a plain device, or a plain file system, stands in for it. */
  refuses?(node: Node, src: Sources): string | undefined;
  /** Megabytes a node takes of each thing it lies on, when what stands on it takes `above`. */
  room(node: Node, above: number, src: Sources): number;
  /** Where the guest finds it, when not by the path it has on the host. */
  path?(node: Node, site: Site): string;
  steps(nodes: readonly Node[], site: Site): readonly MiniStep[];
}
