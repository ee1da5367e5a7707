/** What a terminal would obey instead of showing it: control characters, marks of direction, separators of lines. */
export const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
