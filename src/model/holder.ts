/** Someone who keeps a node busy. */
export interface Holder {
  /** The node that is held. */
  readonly node: string;
  readonly pid: number;
  readonly comm: string;
  /** The systemd unit, empty without one. */
  readonly unit: string;
  /** What it holds, for a person: "cwd /srv/a", "open /srv/a/log", "mounted in another namespace". */
  readonly what: string;
}
