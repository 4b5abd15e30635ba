#!/bin/sh
# What --help says, the manual page and the three completions say too, and nothing else. Prints TAP.
srcdir=${srcdir:-.}
wirediet=${WIREDIET:-./wirediet}
count=0
failed=0

tell() # status title
{
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        failed=1
    fi
}

# The long options in a text, one a line, sorted.
long_options() { grep -Eo -- '--[a-z]+(-[a-z]+)*' | sort -u; }

# Those of a page: `.It Fl -name` and what follows on the same line.
page_options() { grep '^\.It Fl ' "$1" | grep -Eo 'Fl -[a-z-]+|, -[a-z-]+' | sed 's/^[^-]*-/--/' | sort -u; }

for verb in profile record merge decode infer audit prune annotate report explain init; do
    page=$srcdir/man/wirediet-$verb.1
    help=$("$wirediet" "$verb" --help | grep '^  ' | cut -c1-28 | long_options)
    [ "$help" = "$(page_options "$page")" ]
    tell $? "wirediet-$verb(1) describes each option, and no other"

    # The bash completion, asked as bash asks it.
    offered=$(bash -c '
        . "$1"
        COMP_WORDS=(wirediet "$2" --) COMP_CWORD=2
        _wirediet
        printf "%s\n" "${COMPREPLY[@]}"' completion "$srcdir/completions/wirediet.bash" "$verb" | sort -u)
    [ "$help" = "$offered" ]
    tell $? "bash completes the options of $verb"

    missing=
    for option in $help; do
        name=${option#--}
        grep -q -- "--$name" "$srcdir/completions/_wirediet" || missing="$missing zsh:$option"
        grep -Eq -- "-l $name( |$)" "$srcdir/completions/wirediet.fish" || missing="$missing fish:$option"
    done
    [ -z "$missing" ] || echo "#$missing"
    [ -z "$missing" ]
    tell $? "zsh and fish know the options of $verb"
done

codecs=$("$wirediet" decode --help | tr -s ' \n' ' ' | sed 's/.*--codec=CODEC one of \([a-z ]*\) (.*/\1/')
for file in completions/wirediet.bash completions/_wirediet completions/wirediet.fish; do
    grep -q "$codecs" "$srcdir/$file"
    tell $? "${file##*/} knows every codec"
done
missing=
for codec in $codecs; do
    grep -Eq "^\.Cm $codec( |$)" "$srcdir/man/wirediet-decode.1" || missing="$missing $codec"
done
[ -n "$codecs" ] && [ -z "$missing" ]
tell $? "wirediet-decode(1) names every codec$missing"

rules=$("$wirediet" explain | grep -Eo '^WD[0-9]+' | tr '\n' ' ')
for file in wirediet.bash _wirediet wirediet.fish; do
    grep -q "${rules% }" "$srcdir/completions/$file"
    tell $? "$file knows every rule"
done

verbs=$("$wirediet" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
for verb in $verbs; do
    grep -q "^\.It Cm $verb\$" "$srcdir/man/wirediet.1" && [ -f "$srcdir/man/wirediet-$verb.1" ]
    tell $? "wirediet(1) lists $verb"
done

if command -v mandoc >/dev/null; then
    for page in "$srcdir"/man/*.1; do
        mandoc -Tlint -Wwarning "$page"
        tell $? "mandoc has nothing to say about ${page##*/}"
    done
fi
for shell in bash zsh fish; do
    file=$srcdir/completions/wirediet.$shell
    [ "$shell" = zsh ] && file=$srcdir/completions/_wirediet
    command -v "$shell" >/dev/null || continue
    "$shell" -n "$file"
    tell $? "$shell parses its completion"
done
echo "1..$count"
exit $failed
