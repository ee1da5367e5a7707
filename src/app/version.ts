declare const VERSION: string | undefined;

/** Of this program; the bundle knows it. */
export const version = typeof VERSION === 'string' ? VERSION : 'unbuilt';
