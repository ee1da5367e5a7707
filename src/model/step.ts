/**
 * A step of a teardown, as data. The live runner, the dry run and the exitrd all interpret this same description, so
 * it holds no function and no shell string.
 */

/** A question about the machine with the answer yes or no. Asking it changes nothing. */
export type Probe =
  /** A path exists (the last component is not followed when it is a link). */
  | { readonly is: 'exists'; readonly path: string }
  /** A file's text, without surrounding white space, is exactly `text`. An unreadable file is a no. */
  | { readonly is: 'equals'; readonly path: string; readonly text: string }
  /**
   * Something is mounted at exactly this path; with `type`, what was mounted there last is of this type; with `mountId`, the
   * mount with this number in mountinfo is among what is mounted there (for paths with several mounts).
   */
  | { readonly is: 'mounted'; readonly path: string; readonly type?: string; readonly mountId?: number }
  /** This file or device is active swap, by the name /proc/swaps gives it. */
  | { readonly is: 'swapped'; readonly path: string }
  /** The command succeeds and the white-space separated field number `index` (from 0) of its output is `text`. */
  | {
      readonly is: 'field';
      readonly argv: Argv;
      readonly index: number;
      readonly text: string;
    }
  | { readonly is: 'not'; readonly of: Probe }
  | { readonly is: 'all'; readonly of: readonly Probe[] };

/** A command as execve(2) takes it: no shell ever sees it. */
export type Argv = readonly [tool: string, ...args: string[]];

/** One thing to do. */
export type Op =
  /**
   * Run a command. `okExit` lists the exit codes that mean success (0 alone when absent). While it fails, it is tried
   * again until `retrySeconds` have passed: udev and its workers hold a device for a moment after every change.
   * With `unless`, the command is left out when the answer is yes. A step's `progress` renews its bound.
   */
  | {
      readonly op: 'run';
      readonly argv: Argv;
      readonly okExit?: readonly number[];
      readonly retrySeconds?: number;
      readonly unless?: Probe;
    }
  /** Write text to a file of sysfs or procfs. */
  | { readonly op: 'write'; readonly path: string; readonly text: string; readonly retrySeconds?: number; readonly unless?: Probe }
  /** Wait until the answer is yes, at most `seconds`, and longer only while the step's `progress` changes. */
  | { readonly op: 'wait'; readonly until: Probe; readonly seconds: number };

/** What a layer says about closing nodes of its kind. The plan adds identity, order and stage. */
export interface StepPlan {
  /** What it is called, for a person: "close LUKS bak00". */
  readonly title: string;
  /** A short unique word for ids: "close:bak00". */
  readonly id: string;
  /** The node that gives it its place: everything that stands on it is closed first. */
  readonly node: string;
  /** The nodes that are closed once it is done (none, for a step that only prepares); what stands on them is closed first. */
  readonly closes: readonly string[];
  /** Ids of steps that come first although nothing of theirs stands on this node. */
  readonly after?: readonly string[];
  /** It comes before what stands on its node is closed, not after: closing that would wait for it. */
  readonly ahead?: true;
  /** The step has nothing to do, or is done, when the answer is yes. */
  readonly unless: Probe;
  readonly ops: readonly [Op, ...Op[]];
  /**
   * The same with the kernel's own interfaces, busybox and dmsetup alone, where that closes it just as well. An exitrd does this, and
   * need not carry the layer's own programs and their libraries.
   */
  readonly bare?: readonly [Op, ...Op[]];
  /** The bound in seconds for all of it; what still runs then is left behind, not waited for. */
  readonly seconds: number;
  /** A command whose changing output is progress (a flush): each change renews the bound. */
  readonly progress?: Argv;
  /** Steps with the same word here never run at the same time. */
  readonly exclusive?: string;
  /** `stop`: what needs this step is not tried when it fails. `go-on`: the step is a courtesy, the rest is safe without. */
  readonly onFail: 'stop' | 'go-on';
}

export type Stage = 'live' | 'exitrd';

export interface Step extends StepPlan {
  readonly stage: Stage;
  /** Ids of steps that must have succeeded. Any order that respects this is safe. */
  readonly needs: readonly string[];
}
