#!/bin/sh
# Real commands, real output: each line of TESTLIST names a file here, the exit status, and the arguments of wirediet. What it
# prints on both streams must be that file, byte for byte. Prints TAP. `make golden` writes the files anew: read the diff.
build=$(pwd)
cd "${srcdir:-.}" || exit 99
wirediet=${WIREDIET:-$build/wirediet}
case $wirediet in /*) ;; *) wirediet=$build/$wirediet ;; esac
out=$build/tests/golden/work
mkdir -p "$out" || exit 99
# Nothing of the machine, the terminal or the day.
export LC_ALL=C.UTF-8 COLUMNS=80 SOURCE_DATE_EPOCH=1772528400 NO_COLOR=1
unset LANG LC_CTYPE

status=0 count=0
while read -r name want arguments; do
    case $name in '' | '#'*) continue ;; esac
    count=$((count + 1))
    # shellcheck disable=SC2086  # TESTLIST quotes nothing
    "$wirediet" $arguments >"$out/$name" 2>&1 </dev/null
    got=$?
    [ -z "${GOLDEN_UPDATE:-}" ] || [ "$got" != "$want" ] || cp "$out/$name" "tests/golden/$name"
    if [ "$got" != "$want" ]; then
        echo "not ok $count - $name: exit $got instead of $want"
        tail -n 5 "$out/$name" | sed 's/^/# /'
        status=1
    elif ! diff -u "tests/golden/$name" "$out/$name" >"$out/diff" 2>&1; then
        echo "not ok $count - $name"
        head -n 30 "$out/diff" | sed 's/^/# /'
        status=1
    else
        echo "ok $count - $name"
    fi
done <tests/golden/TESTLIST
echo "1..$count"
exit $status
