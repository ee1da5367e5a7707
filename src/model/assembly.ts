/** One thing to put together at boot. */
export interface AssemblyStep {
  readonly node: string;
  readonly title: string;
}
