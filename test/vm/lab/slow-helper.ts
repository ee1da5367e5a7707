/**
 * For a guest's shell: the helper takes its time, so that there is something to be interrupted in.
 * @param pause perl, run before each thing that it is asked for; `$words` are these.
 */
export const slowHelper = (pause: string): string => `cd /lab/dist
[ -e real ] || mv uninitramfs-helper real
cat >uninitramfs-helper <<'END'
#!/bin/sh
perl -e 'while (sysread STDIN, $words, 65536) { ${pause}; syswrite STDOUT, $words }' | /lab/dist/real "$@"
END
chmod +x uninitramfs-helper`;
