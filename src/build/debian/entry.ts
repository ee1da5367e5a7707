/** A file or a link of the package. Folders come by themselves. */
export interface Entry {
  /** Where it goes, without the first slash. */
  readonly path: string;
  readonly is: { readonly content: string | Buffer } | { readonly link: string };
  readonly executable?: boolean;
}
