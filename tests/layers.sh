#!/bin/sh
# What the map in src/README.md says of who may include whom holds for each file of src/. Prints TAP.
srcdir=${srcdir:-.}
failed=0
count=0

# Folders that the files of a folder include, besides their own.
included() { grep -rhoE '^#include "[a-z]+/' "$srcdir/src/$1" | sed 's/.*"//; s,/,,' | sort -u | grep -vx "$1"; }

tell() # folder allowed...
{
    folder=$1
    shift
    count=$((count + 1))
    wrong=
    for other in $(included "$folder"); do
        case " $* " in *" $other "*) ;; *) wrong="$wrong $other" ;; esac
    done
    [ -z "$wrong" ] || printf 'not '
    echo "ok $count - $folder includes only what it may${wrong:+, but for$wrong}"
    [ -z "$wrong" ] || failed=1
}

stages='packet stream message field schema profile usage finding infer output'
tell base
tell model base document   # the noun "schema" says where it stands in a document
tell document base model
for stage in packet stream message field schema usage finding infer output; do tell "$stage" base model document; done
tell profile base model document field   # what it counts is what a codec sees
tell pipeline base model document $stages
tell cmd base model document $stages pipeline
[ "$(ls "$srcdir/src" | grep -cv '\.')" -eq "$count" ] || { echo "Bail out! a folder of src/ is not in the list"; exit 1; }
echo "1..$count"
exit $failed
