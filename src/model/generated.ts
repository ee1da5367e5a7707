/** What systemd's generators made of crypttab, fstab and the like (systemd.generator(7)). */
export interface Generated {
  readonly units: readonly GeneratedUnit[];
  readonly links: readonly GeneratedLink[];
}

interface GeneratedUnit {
  readonly name: string;
  readonly text: string;
}

/** A link UNIT.requires/NEEDED or UNIT.wants/NEEDED. */
export interface GeneratedLink {
  readonly unit: string;
  readonly word: 'requires' | 'wants';
  readonly needed: string;
}

/** A file of /run/systemd/system, which goes before the generators' and is gone with the next boot. */
export interface UnitOverride {
  /** Below /run/systemd/system. */
  readonly name: string;
  /** Absent for a link to /dev/null: a link of that name elsewhere then counts for nothing (systemd: src/core/load-dropin.c). */
  readonly text?: string;
}
