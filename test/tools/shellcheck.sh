#!/bin/sh
# Every shell file of the project, read by shellcheck.
cd "$(dirname "$0")/../.." || exit 2
find src test shutdown-hooks .ci -name '*.sh' -not -path '*/sysroot/*' -o -path '.ci/run' 2>/dev/null | xargs shellcheck --shell=dash --severity=warning --exclude=SC1090,SC1091
