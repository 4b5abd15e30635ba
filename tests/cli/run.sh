#!/bin/sh
# The command line as a stranger types it and as an attacker feeds it: each failure is one line that ends at a remedy, with
# the right exit status, and leaves what was there as it was. Prints TAP. Evidence is written by canary.mjs.
build=$(pwd)
source=$(cd "${srcdir:-.}" && pwd) || exit 99
here=$source/tests/cli
wirediet=${WIREDIET:-$build/wirediet}
case $wirediet in /*) ;; *) wirediet=$build/$wirediet ;; esac
work=$build/tests/cli/work
rm -rf "$work"
mkdir -p "$work" && cd "$work" || exit 99
export LC_ALL=C.UTF-8
unset NO_COLOR COLUMNS LANG LC_CTYPE SOURCE_DATE_EPOCH
mkdir .git   # no configuration of a parent directory
cp "$source/schemas/dashboard/dashboard.yaml" schema.yaml
cp "$source/schemas/dashboard/web.usage.yaml" usage.yaml
cp "$source/testdata/dashboard/diet.pcapng" a.pcapng
cp "$source/testdata/dashboard/naive.pcapng" b.pcapng
cp "$source/testdata/captures/vitals-tls13-dsb.pcapng" tls.pcapng
cp "$source/testdata/captures/vitals-tls13.keylog" keys.log
chmod u+w,go-w schema.yaml usage.yaml a.pcapng b.pcapng tls.pcapng keys.log
escape=$(printf '\033') newline='
'

count=0 failed=0
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

run() { "$wirediet" "$@" >out 2>err </dev/null; got=$?; }

# Nothing that a terminal obeys.
is_inert() { ! LC_ALL=C grep -q "[$(printf '\001-\010\013-\037\177')]" "$@"; }

is_one_line() # of stderr, which says what to do
{
    [ "$(wc -l <err)" -eq 1 ] && grep -Eq '^wirediet: .*(; |did you mean|takes |expected |name a |goes neither )' err && is_inert err
}

refuses() # status arguments...
{
    want=$1
    shift
    run "$@"
    [ "$got" -eq "$want" ] && is_one_line && [ ! -s out ]
    status=$?
    [ $status -eq 0 ] || { echo "# exit $got instead of $want"; sed 's/^/# /' err out | head -n 8 | cat -v; }
    tell $status "exit $want: $(printf %s "$*" | cut -c1-60 | cat -v | tr '\n' ' ')"
}

exits() # status title; of the last run
{
    [ "$got" -eq "$1" ] || { echo "# exit $got instead of $1"; sed 's/^/# /' err | head -n 5 | cat -v; }
    [ "$got" -eq "$1" ]
    tell $? "$2"
}

# --- wrong things typed
refuses 2 audti
refuses 2 "${escape}[31mx${newline}y"
refuses 2 --hepl
refuses 2 profile --formt json a.pcapng
refuses 2 profile --fo json a.pcapng --b=2
refuses 2 profile "--${escape}]0;x" a.pcapng
refuses 2 profile -x a.pcapng
refuses 2 profile a.pcapng -o
refuses 2 profile a.pcapng --quiet=yes
refuses 2 profile --li
refuses 2 profile
refuses 2 record
refuses 2 record a.pcapng
refuses 2 record -i lo -i lo
refuses 2 record -i lo --duration soon
refuses 2 record -i lo --duration 0
refuses 2 record -i lo --packets 0
refuses 2 record -i lo --snaplen 1
refuses 2 record -i lo --buffer 2G
refuses 2 record -i lo --rotate 1h
refuses 2 record -i lo --rotate 10m -w x.pcapng
refuses 2 record -i lo --rotate 100 -w x.pcapng
refuses 2 record -i lo --force
refuses 2 record -i lo -w -
refuses 2 record -i lo -w /dev/null
refuses 2 record -i lo -w x.json -o x.json
refuses 4 record -i lo -w nowhere/x.pcapng
refuses 4 record -i lo -o nowhere/x.json
refuses 2 merge
refuses 2 decode
refuses 2 decode a.pcapng b.pcapng
refuses 2 decode --codec xml schema.yaml
refuses 2 decode --stream smtp schema.yaml
refuses 2 decode --show-values=please schema.yaml
refuses 2 profile --show-values=please tls.pcapng
refuses 2 profile --show-values tls.pcapng
refuses 2 profile --show-values -o tls.json tls.pcapng
refuses 2 profile --show-values=force --format csv tls.pcapng
refuses 2 profile --show-values=force --balance tls.pcapng
refuses 2 audit
refuses 2 audit -s schema.yaml --fail-on panic
refuses 2 audit -s schema.yaml --assume-unused nobody
refuses 2 prune -s schema.yaml --stage half
refuses 2 prune -s schema.yaml --in-place --diff
refuses 2 infer
refuses 2 infer --as xml a.pcapng
refuses 2 infer --message nobody a.pcapng
refuses 2 infer --show-values=please a.pcapng
refuses 2 infer --show-values -o new.yaml a.pcapng
refuses 2 infer --in-place a.pcapng
refuses 2 infer --diff a.pcapng
refuses 2 infer -s schema.yaml --as proto a.pcapng
refuses 2 infer -s schema.yaml --in-place --diff a.pcapng
refuses 2 annotate -s schema.yaml --in-place --diff
refuses 2 annotate -s schema.yaml
refuses 2 annotate -p b.pcapng
refuses 2 report a.pcapng a.pcapng a.pcapng
refuses 2 explain WD999
refuses 2 init schema.yaml
refuses 2 profile --format yaml a.pcapng
refuses 2 profile --format sarif a.pcapng
refuses 2 profile -o x.html a.pcapng
refuses 2 profile --color sometimes a.pcapng
refuses 2 profile --limit depth a.pcapng
refuses 2 profile --from noon a.pcapng
refuses 2 profile --to 90 a.pcapng
refuses 2 profile --from +2 --to +1 a.pcapng
refuses 2 profile --filter 'tcp prot 1' a.pcapng
refuses 2 profile --filter "${escape}[31m" a.pcapng
refuses 2 profile --ndjson topic=x a.pcapng
refuses 2 profile --ndjson payload "${escape}[31m"
refuses 2 audit -s schema.yaml --from noon a.pcapng
refuses 2 report --to noon a.pcapng
refuses 2 profile --limit dpeth=3 a.pcapng
refuses 2 profile --limit depth=deep a.pcapng
refuses 2 profile --limit depth=99999999999999999999 a.pcapng
for verb in profile record merge decode infer audit prune annotate report explain init; do
    run $verb --help
    [ "$got" -eq 0 ] && [ ! -s err ] && grep -q "^  *wirediet $verb\|wirediet $verb" out && grep -q -- '--help' out
    tell $? "$verb --help"
    run $verb --limits
    exits 0 "$verb --limits"
done
run profile --limit message=100 --limit types=1 a.pcapng
[ "$got" -eq 0 ] && [ "$(grep -c '^wirediet: limit message (100 bytes) was reached .*, first at packet [0-9]*: .*=200$' err)" -eq 1 ] &&
    [ "$(grep -c '^wirediet: limit types (1 .*=2$' err)" -eq 1 ] && [ "$(wc -l <err)" -eq 2 ]
tell $? 'limits that are reached are told, once each'
run profile -q --limit message=100 a.pcapng
[ "$got" -eq 0 ] && [ ! -s err ]
tell $? 'limits that are reached are not told with -q'
for limit in $(run profile --limits && sed 's/ .*//' out); do
    run profile --limit "$limit=0" b.pcapng
    [ "$got" -le 4 ] && is_inert err || { echo "# exit $got: $limit=0"; false; } || break
done
tell $? 'no limit of 0 ends in a crash'
run --version
grep -q '^wirediet [0-9]' out
tell $? '--version'
run
exits 2 'no argument at all'
run audit --usage usage.yaml --schema schema.yaml a.pcapng --fail-on none
exits 0 'audit --usage FILE'
run a.pcapng --format json
[ "$got" -eq 0 ] && grep -q '"profile/1"' out
tell $? 'options after arguments'
"$wirediet" profile - --format json <a.pcapng >stdin.json && grep -q '"profile/1"' stdin.json
tell $? '- is standard input'
run profile -o p.json a.pcapng && grep -q '"profile/1"' p.json && [ "$(stat -c %a p.json)" = 600 ]
tell $? 'the extension of -o chooses the format, and a profile is for its owner'
run profile --color always a.pcapng
grep -q "$escape" out
tell $? '--color always'
NO_COLOR=1 run profile a.pcapng
is_inert out
tell $? 'no colour where there is no terminal'

# --- results that cannot be written
echo old >old
cp p.json q.json
for line in 'profile a.pcapng a.pcapng' 'profile p.json p.json' 'profile schema.yaml -s schema.yaml a.pcapng' \
    'merge p.json p.json q.json' 'audit usage.yaml -s schema.yaml -u usage.yaml a.pcapng' \
    'audit schema.yaml -s schema.yaml a.pcapng' 'report q.json q.json p.json' 'report p.json q.json p.json' \
    'prune schema.yaml -s schema.yaml -u usage.yaml' 'prune usage.yaml -s schema.yaml -u usage.yaml' 'decode p.json p.json'; do
    # shellcheck disable=SC2086
    set -- $line
    verb=$1 target=$2
    shift 2
    cp "$target" before
    case $verb in profile | audit) set -- --format json "$@" ;; report) set -- --format markdown "$@" ;; esac
    refuses 2 "$verb" -o "$target" "$@"
    cmp -s "$target" before
    tell $? "$verb leaves its input $target alone"
done
cp a.pcapng before
"$wirediet" profile --format json - -o a.pcapng <a.pcapng >out 2>err
[ $? = 2 ] && cmp -s a.pcapng before
tell $? 'profile leaves its input alone that comes by standard input'
ln -s a.pcapng link.json
refuses 2 profile -o link.json a.pcapng
refuses 2 profile --format json -o . a.pcapng
refuses 4 profile -o nowhere/x.json a.pcapng
refuses 4 profile -o /proc/x.json a.pcapng
refuses 4 profile --format json -o /dev/full a.pcapng
for arguments in '--help' 'audit --help' 'profile --limits' 'profile a.pcapng' 'explain' 'profile --format json a.pcapng'; do
    # shellcheck disable=SC2086
    "$wirediet" $arguments >/dev/full 2>err
    [ $? -eq 4 ] && is_one_line
    tell $? "standard output is full: $arguments"
    # shellcheck disable=SC2086
    "$wirediet" $arguments >&- 2>err
    [ $? -eq 4 ] && is_one_line
    tell $? "standard output is closed: $arguments"
done
"$wirediet" profile -o closed.json a.pcapng nowhere.pcapng 2>&- >&-
[ $? -eq 3 ] && [ ! -e closed.json ] && "$wirediet" profile -o closed.json a.pcapng >&- 2>&- && "$wirediet" profile closed.json >out
tell $? 'no stream is mistaken for the output file'
{ "$wirediet" explain; echo $? >status; } 2>err | head -n 1 >out
[ -s out ] && [ ! -s err ]
tell $? 'a closed pipe ends it quietly'
chmod 640 old
run prune -s schema.yaml -u usage.yaml -o old b.pcapng && [ "$got" -eq 0 ] && [ "$(stat -c %a old)" = 640 ]
tell $? 'a file that is replaced keeps its permissions'

# --- what is next can be pasted, and a report tells how it was made
mkdir -p 'my own' bin
cp schema.yaml 'my own/it'"'"'s mine.yaml'
ln -s "$wirediet" bin/wirediet
run audit -s "my own/it's mine.yaml" -p b.pcapng -u usage.yaml --limit depth=100 --fail-on none
sed -n '/Next:/,$p' out | sed 's/Next://' >next.sh
PATH=$work/bin:$PATH sh -e next.sh >out 2>err && [ -s "it's mine.slim.yaml" ] && grep -q 'limit depth=100' next.sh
tell $? 'the prune that audit names can be pasted'
run profile b.pcapng
sed -n '/Next:/,$p' out | sed 's/Next://; s/SCHEMA/schema.yaml/; s/USAGE/usage.yaml/' >next.sh
PATH=$work/bin:$PATH sh next.sh >out 2>err
[ $? -eq 1 ] && grep -q 'held against 760 messages and 1 consumer' out
tell $? 'the audit that profile names can be pasted'
run report -s "$work/schema.yaml" -u usage.yaml a.pcapng b.pcapng --period 'Q3 & Q4' -o made.md
grep -q "wirediet report -s schema.yaml -p b.pcapng -u usage.yaml --before a.pcapng --period 'Q3 & Q4' -o made.md" made.md
tell $? 'a report tells how it was made, without directories of the maker'

# --- bad input
: >empty
printf '\377\330\377\340\000\020JFIF' >jpeg
echo 'just some text' >text
printf 'BZh91AY&SY' >a.bz2
mkdir bare
: >bare/README
head -c 20 a.pcapng >head.pcapng
head -c 20000 a.pcapng >middle.pcapng
printf 'asyncapi: 3.0.0\ninfo: {title: [\n' >syntax.yaml
cat >circle.json <<'END'
{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"$ref": "#/$defs/y"}, "y": {"$ref": "#/$defs/x"}}}
END
echo '{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"a": {"$ref": "#/$defs/nowhere"}}}' >dangling.json
echo '{"wirediet": "usage/1", "consumers": [{"name": "w", "source": "manifest", "messages": [{"message": "nope", "reads": [], "escapes": [], "complete": true}]}]}' >unknown.usage.json
echo 'schemata: [x.yaml]' >unknown.config.yaml
head -c 1000 p.json >cut.json
sed '0,/"payload_bytes": [0-9]*/s//"payload_bytes": 7/' p.json >unbalanced.json
for file in nowhere empty jpeg text a.bz2 head.pcapng; do
    refuses 3 profile "$file"
    refuses 3 audit -s schema.yaml -p "$file"
    refuses 3 report "$file"
    refuses 3 merge "$file"
done
for file in nowhere empty jpeg syntax.yaml dangling.json .; do
    refuses 3 audit -s "$file" a.pcapng
    refuses 3 prune -s "$file" -u usage.yaml
done
run audit -s circle.json -u usage.yaml
[ "$got" -le 3 ] && is_inert err && { [ "$got" -lt 3 ] || is_one_line; }
tell $? "a \$ref in a circle ends (exit $got)"
for file in nowhere empty jpeg schema.yaml unknown.usage.json .; do
    refuses 3 audit -s schema.yaml -u "$file" a.pcapng
done
for change in 's/path: cpu.user/path: cpu.usr/' 's/message: metrics/&, channel: \/lvie/' 's/message: metrics/&, direction: p2p/'; do
    sed "$change" usage.yaml >mistyped.yaml
    refuses 3 prune -s schema.yaml -u mistyped.yaml b.pcapng
    case $change in
    *usr*)
        run audit --fail-on none -s schema.yaml -u mistyped.yaml b.pcapng
        [ "$got" -eq 0 ] && is_one_line && grep -q "'cpu.usr'.*did you mean 'cpu.user'.*unknown" err &&
            ! sed -n '/unread by web/,/^$/p' out | grep -q metrics
        tell $? 'audit tells of it and takes nothing for unread'
        ;;
    *) refuses 3 audit -s schema.yaml -u mistyped.yaml b.pcapng ;;
    esac
    cmp -s usage.yaml mistyped.yaml
    [ $? -eq 1 ]
    tell $? "mistyped: $change"
done
cat >nothing.config.yaml <<'END'
messages: [{channel: /lvie, name: metrics}]
entities:
  - {message: metrcs, key: type}
  - {message: metrics, key: type}
maps: [{message: metrics, path: memry}]
sensitive: [{path: cpu.usr, category: user.name}, {path: cpu.user, category: user.name}]
suppressions:
  - {rule: WD101, message: metrics, path: zzzzzzzzzz, reason: soon}
  - {rule: WD101, message: metrics, path: cpu, reason: soon}
  - {rule: WD101, reason: soon}
END
cat >expected <<'END'
wirediet: nothing.config.yaml:1:12: messages: neither schema nor traffic has such channel as '/lvie'; did you mean '/live'?
wirediet: nothing.config.yaml:3:5: entities: neither schema nor traffic has such message as 'metrcs'; did you mean 'metrics'?
wirediet: nothing.config.yaml:5:8: maps: neither schema nor traffic has such field as 'memry'; did you mean 'memory'?
wirediet: nothing.config.yaml:6:13: sensitive: neither schema nor traffic has such field as 'cpu.usr'; did you mean 'cpu.user'?
wirediet: nothing.config.yaml:8:5: suppressions: neither schema nor traffic has such field as 'zzzzzzzzzz'; correct it or remove the entry
END
run audit --fail-on none --config nothing.config.yaml -s schema.yaml b.pcapng
[ "$got" -eq 0 ] && cmp err expected
tell $? 'configuration that names nothing is told'
for category in user.contcat.email:0 usr.name:0 zzzz:0 user.contact.email:1 user.device.serial:1 PII.phone:1 email:1; do
    echo "sensitive: [{path: cpu.user, category: ${category%:*}}]" >category.config.yaml
    case $category in
    *:0) refuses 3 audit --config category.config.yaml -s schema.yaml b.pcapng ;;
    *)
        run audit --fail-on none --config category.config.yaml -s schema.yaml b.pcapng
        [ "$got" -eq 0 ] && [ ! -s err ]
        tell $? "a category: ${category%:*}"
        ;;
    esac
done
refuses 3 audit --config unknown.config.yaml
refuses 3 audit --config nowhere
refuses 3 merge cut.json
refuses 3 merge unbalanced.json
refuses 3 decode nowhere
refuses 3 profile --strict middle.pcapng
printf '{"log":{"entries":[{"request":{"url":"ws://h/s"},"_webSocketMessages":[{"type":"send","time":1,"data":"{}"}]}' >cut.har
printf '{"log":{}}' >not.har
: >empty.har
printf '{"a":1}\n{"a":2}\nbroken\n' >some.ndjson
gzip -c a.pcapng >whole.gz
head -c 3000 whole.gz >cut.gz
head -c 20 whole.gz >short.gz
refuses 3 profile not.har
refuses 3 profile empty.har
refuses 3 profile short.gz
refuses 3 profile --strict cut.har
refuses 3 profile --strict cut.gz
refuses 2 profile --filter tcp cut.har
refuses 2 profile --from +1 some.ndjson
refuses 2 profile --from +1 p.json
for file in cut.har cut.gz some.ndjson; do
    run profile "$file"
    [ "$got" -eq 0 ] && [ "$(wc -l <err)" -eq 1 ] && grep -Eq "^wirediet: $file:[0-9]+:.*; " err && is_inert err
    tell $? "$file is read as far as it goes, and one line says so"
done
"$wirediet" profile --format json - <whole.gz >first && "$wirediet" profile --format json - <a.pcapng >second &&
    sed '/"standard input"/d' first >one && sed '/"standard input"/d' second | cmp -s - one
tell $? 'a compressed capture from a pipe is the capture'
printf 'captures: [cut.har, bare/../a.pcapng]\n' >har.yaml
run profile --config har.yaml --format json
[ "$got" -eq 0 ] && grep -q '"kind": "har"' out && grep -q '"a.pcapng"' out
tell $? 'captures of the configuration can be HARs'
run profile bare
[ "$got" -eq 3 ] && grep -q 'bare: skipped 1 file that is no capture (README)' err && grep -q 'bare: holds no capture' err && is_inert err
tell $? 'a directory without a capture'
run profile middle.pcapng
[ "$got" -eq 0 ] && [ -s out ] && is_one_line
tell $? 'of a cut capture everything before the cut is used'
long=$(printf '%300s' x | tr ' ' x)
hostile="a${escape}[31m${newline}wirediet: all is well"
refuses 3 profile "./$long"
refuses 3 profile "./$hostile.pcap"
refuses 3 merge "$hostile"
refuses 3 audit -s "./$hostile"
refuses 3 audit -s schema.yaml -u "$hostile"
refuses 3 audit --config "$hostile"
refuses 4 profile --format json -o "nowhere/$hostile" a.pcapng
cp a.pcapng "$hostile.pcapng"
for format in text json markdown csv; do
    run profile --format $format "$hostile.pcapng"
    [ "$got" -eq 0 ] && is_inert out err && ! grep -q '^wirediet: all' out err
    tell $? "a hostile file name in $format"
done
mkfifo pipe
cat a.pcapng >pipe &
run profile pipe
exits 0 'a pipe by name is a capture'

# --- confined
cat a.pcapng >pipe &
exec 3<>pipe
"$wirediet" profile -o confined.json pipe 2>err &
pid=$!
sleep 1
grep -Eq '^Seccomp:[[:space:]]*2' /proc/$pid/status && grep -Eq '^NoNewPrivs:[[:space:]]*1' /proc/$pid/status
tell $? 'what reads strangers'\'' files may do no more than that'
kill -TERM $pid
wait $pid
exec 3>&-
mkdir -p deep/below && cp schema.yaml deep/in-place.yaml
run prune --in-place -s deep/in-place.yaml -u usage.yaml b.pcapng
[ "$got" -eq 0 ] && ! cmp -s schema.yaml deep/in-place.yaml
tell $? 'and still writes in place'
run prune -s schema.yaml -u usage.yaml -o deep/below/slim.yaml b.pcapng
[ "$got" -eq 0 ] && cmp -s deep/in-place.yaml deep/below/slim.yaml
tell $? 'and elsewhere'
ln -s /proc/self/fd/1 to-stdout
run profile a.pcapng -o to-stdout --format json
[ "$got" -eq 0 ] && grep -q '"profile/1"' out && [ -h to-stdout ]
tell $? 'and to where standard output goes, by a link that stays one'

# --- interrupted
for signal in INT TERM KILL; do
    echo old >cut.json
    head -c 40000 b.pcapng >pipe &
    exec 3<>pipe
    "$wirediet" profile -o cut.json pipe 2>err &
    pid=$!
    sleep 1
    kill -$signal $pid
    wait $pid
    got=$?
    exec 3>&-
    case $signal in
    KILL) [ "$(cat cut.json)" = old ] ;;
    *)  [ $((got - 128)) -eq "$(kill -l $signal 2>/dev/null || case $signal in INT) echo 2 ;; *) echo 15 ;; esac)" ] &&
            grep -q '"incomplete": true' cut.json && "$wirediet" profile --balance cut.json >out 2>err ;;
    esac
    status=$?
    [ $status -eq 0 ] || { echo "# exit $got"; head -n 3 err cut.json | sed 's/^/# /'; }
    tell $status "SIG$signal"
done

# --- no value leaves, nothing active does
every_output() # name arguments...
{
    name=$1
    shift
    for input in "$name.pcap" "$name.har" "$name.ndjson"; do [ ! -e "$input" ] || break; done
    for format in text json md csv; do
        "$wirediet" profile --all --format "$(long_name $format)" "$input" >"$name-profile.$format" 2>"$name-profile-$format.err" || return 1
    done
    for format in text json md sarif csv; do
        "$wirediet" audit --all --fail-on none --format "$(long_name $format)" "$@" "$input" >"$name-audit.$format" \
            2>"$name-audit-$format.err" || return 1
    done
    for format in md html json; do
        "$wirediet" report --format "$(long_name $format)" --before "$name-profile.json" "$@" "$input" \
            >"$name-report.$format" 2>"$name-report-$format.err" || return 1
    done
    for schema in asyncapi json-schema proto avro; do
        "$wirediet" infer --as $schema "$input" >"$name-infer-$schema.text" 2>"$name-infer-$schema.err" || return 1
    done
    "$wirediet" profile --balance "$input" >"$name-balance.text" 2>&1 &&
        "$wirediet" merge "$name-profile.json" "$name-profile.json" >"$name-merge.json" 2>"$name-merge.err"
}
long_name() { [ "$1" = md ] && echo markdown || echo "$1"; }
if command -v node >/dev/null; then
    node "$here/canary.mjs" tokens . && every_output tokens && grep -q '"count": 40' tokens-profile.json &&
        node "$here/scan.mjs" tokens tokens.txt tokens-*
    tell $? 'no captured value, in no output, in no spelling'
    node "$here/canary.mjs" har . && every_output har && grep -q '"count": 20' har-profile.json && grep -q '/rooms/{}/live' har-profile.json &&
        node "$here/scan.mjs" tokens har.txt har-*
    tell $? 'nor any value of a HAR'
    node "$here/canary.mjs" lines . && every_output lines && grep -q '"count": 41' lines-profile.json &&
        node "$here/scan.mjs" tokens lines.txt lines-*
    tell $? 'nor any of lines of JSON'
    node "$here/canary.mjs" hostile . && every_output hostile -s hostile.json -u hostile.usage.json &&
        "$wirediet" prune -s hostile.json -u hostile.usage.json hostile.pcap >pruned.json 2>hostile-prune.err &&
        node "$here/scan.mjs" active hostile-*
    tell $? 'no name does anything, in no output'
else
    echo "ok $((count += 1)) - canaries # SKIP no node"
fi

# --- the bytes of one side: SETTINGS, HEADERS (:status 200, content-type text/event-stream), two frames of DATA
{
    printf '\000\000\000\004\000\000\000\000\000'
    printf '\000\000\025\001\004\000\000\000\001\210\017\020\021text/event-stream'
    printf '\000\000\017\000\000\000\000\000\001data: {"a":1}\n\n\000\000\021\000\001\000\000\000\001data: {"b":"c"}\n\n'
} >side.bin
run decode --stream http2 side.bin
[ "$got" -eq 0 ] && [ "$(grep -c '^message ' out)" -eq 2 ] && grep -q '  string   b$' out
tell $? 'decode --stream http2'

# --- the same again
for line in 'profile --format text' 'profile --format json' 'profile --format csv' 'profile --format markdown' \
    'audit --format text' 'audit --format json' 'audit --format sarif' 'audit --format csv' 'audit --format markdown' \
    'report --format html' 'report --format markdown' 'report --format json' 'prune' 'prune --diff' 'infer' 'infer --diff'; do
    case $line in profile* | infer*) usage='' ;; *) usage='-u usage.yaml' ;; esac
    # shellcheck disable=SC2086
    "$wirediet" $line -s schema.yaml $usage b.pcapng >first 2>&1
    # shellcheck disable=SC2086
    TZ=Asia/Kathmandu "$wirediet" $line -s schema.yaml $usage b.pcapng >second 2>&1
    [ -s first ] && cmp first second
    tell $? "the same bytes again: $line"
done

# --- a first configuration
mkdir -p fresh/.git filled/.git
(cd fresh && "$wirediet" init && "$wirediet" audit) >out 2>err </dev/null
[ $? -eq 2 ] && grep -q 'nothing to look at' err
tell $? 'init and audit where there is nothing'
cp schema.yaml usage.yaml a.pcapng filled && : >"filled/x${escape}[31m.pcap" && rm "filled/x${escape}[31m.pcap"
(cd filled && "$wirediet" init && "$wirediet" audit --fail-on none && ! "$wirediet" init) >out 2>err </dev/null
tell $? 'init and audit where there is something, and init does not overwrite'
(cd fresh && "$wirediet" init --force -o "$hostile") >out 2>err </dev/null && is_inert err
tell $? 'init under a hostile name'

# --- keys of TLS
chmod o+w keys.log
refuses 3 profile --keylog keys.log tls.pcapng
chmod o-w keys.log
refuses 3 profile --keylog nowhere.log tls.pcapng
refuses 2 profile --keylog keys.log -o keys.log tls.pcapng
for format in text json markdown csv; do
    run profile --keylog keys.log --format $format --all tls.pcapng
    [ $got -eq 0 ] && [ -s out ] && ! awk '{ print $2; print $3 }' keys.log | grep -qiFf - out err
    tell $? "no key and no random is told in $format"
done
run profile -v --keylog keys.log --keylog usage.yaml a.pcapng
[ $got -eq 0 ] && [ "$(grep -c 'not needed' err)" -eq 2 ] && is_inert err && ! awk '{ print $3 }' keys.log | grep -qiFf - err
tell $? 'key logs of no use are told, their keys are not'
run profile --ndjson lines a.pcapng
[ $got -eq 0 ] && grep -q 'ndjson: not needed' err && is_inert err
tell $? '--ndjson of no use is told'
"$wirediet" profile -o piped.json a.pcapng && "$wirediet" profile - <piped.json >out 2>err
[ $? -eq 3 ] && is_one_line && grep -q 'saved profile as a plain file' err
tell $? 'a profile that comes through a pipe is told from a capture'

# --- what fails below: the n-th call of each kind, sampled
flags=
if LC_ALL=C grep -q __asan_init "$wirediet"; then
    flags=-DNO_MALLOC
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
fi
fail_each() # call step arguments...
{
    call=$1 step=$2 n=1
    shift 2
    "$wirediet" "$@" -o reference.json >out 2>err
    while :; do
        echo old >target.json
        rm -f mark
        LD_PRELOAD=$work/faults.so FAULT_CALL=$call FAULT_N=$n FAULT_MARK=$work/mark \
            "$wirediet" "$@" -o target.json >out 2>err
        got=$?
        [ -e mark ] || return 0
        if [ $got -lt 3 ] && cmp -s target.json reference.json; then   # there was another way
            n=$((n + 1))
            continue
        fi
        # After the rename the new file stands; only that its directory could not be synchronised is left to say.
        if [ $got -ne 4 ] || ! is_one_line || { [ "$(cat target.json)" != old ] && ! grep -q synchronised err; } ||
            ls target.json.* >/dev/null 2>&1; then
            echo "# $call $n: exit $got, $(head -n 1 err)"
            return 1
        fi
        n=$((n + step + n / 4 * (step > 1)))
    done
}
# shellcheck disable=SC2086
if ${CC:-cc} -shared -fPIC $flags -o faults.so "$here/faults.c" -ldl 2>err; then
    for call in write fsync rename; do
        fail_each $call 1 profile a.pcapng
        tell $? "no $call that fails does harm to profile"
        fail_each $call 1 prune -s schema.yaml -u usage.yaml b.pcapng
        tell $? "no $call that fails does harm to prune"
    done
    if [ -z "$flags" ]; then
        fail_each malloc 3 profile a.pcapng
        tell $? 'no malloc that fails does harm to profile'
        fail_each malloc 9 profile "$source/testdata/captures/line-grpc.pcapng"
        tell $? 'no malloc that fails does harm to profile of HTTP/2'
        fail_each malloc 5 profile tls.pcapng
        tell $? 'no malloc that fails does harm to profile with TLS'
        fail_each malloc 7 audit --format json -s schema.yaml -u usage.yaml a.pcapng
        tell $? 'no malloc that fails does harm to audit'
        fail_each malloc 7 merge q.json q.json
        tell $? 'no malloc that fails does harm to merge'
        fail_each malloc 9 prune -s schema.yaml -u usage.yaml b.pcapng
        tell $? 'no malloc that fails does harm to prune'
    fi
else
    echo "ok $((count += 1)) - faults # SKIP no compiler for the shim"
fi
cd "$build" && rm -rf "$work"
echo "1..$count"
exit $failed
