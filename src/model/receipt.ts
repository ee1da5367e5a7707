/** Where the exitrd writes down how a shutdown went, as it is found while the machine runs. */
export type ReceiptPlace =
  | { readonly kind: 'efi' }
  | {
      readonly kind: 'file';
      /** In /dev. */
      readonly device: string;
      readonly fstype: string;
      /** For mount(8). */
      readonly options: readonly string[];
      /** Below the root of the file system. */
      readonly path: string;
      /** Where the device is an array, which somebody stops before: what puts it together again. */
      readonly array?: {
        readonly kname: string;
        /** As metadata_version has it, 1.2 or the like. */
        readonly metadata: string;
        /** MAJOR:MINOR of each. */
        readonly members: readonly string[];
      };
      /** The disks below: a file of sysfs, and the number in it that no other disk ever has. */
      readonly disks: readonly { readonly file: string; readonly number: string }[];
    };

/** The setting's word for no receipt. */
export const NO_RECEIPT = 'off';

/** Its word for a variable of the firmware. */
export const EFI_RECEIPT = 'efi';

/** Where the kernel shows the firmware's variables. */
export const EFI_FOLDER = '/sys/firmware/efi/efivars';

/** The GUID is this program's own. */
export const EFI_VARIABLE = 'UninitramfsLastShutdown-bc5084cd-a4d7-432f-a670-dfa55bf77a53';

/** What an exitrd wrote down. Whatever was not to be read is absent. */
export interface Receipt {
  /** Of the program that wrote it. */
  readonly version?: string;
  readonly verb?: string;
  /** Of the boot that ended (/proc/sys/kernel/random/boot_id). */
  readonly boot?: string;
  /** Seconds from that boot to the receipt. */
  readonly uptime?: number;
  /** Seconds since 1970; absent where the clock was wrong. */
  readonly time?: number;
  /** That closing took. */
  readonly seconds?: number;
  /** So many of `steps` were done, or found done. */
  readonly closed?: number;
  readonly steps?: number;
  /** The level that was asked for. */
  readonly wipe?: string;
  /** yes, partly or no. */
  readonly wiped?: string;
  /** One line for each thing that was still open. */
  readonly left: readonly string[];
  /** How many more there was no room for. */
  readonly leftMore: number;
  /** It was written to its end. */
  readonly whole: boolean;
}
