# bash completion for wirediet
_wirediet()
{
    local cur prev words cword
    if declare -F _init_completion >/dev/null; then
        _init_completion -n = || return
    else
        cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
    fi
    local verbs='profile record merge decode infer audit prune annotate report explain init'
    local common='--output --format --config --limit --limits --color --quiet --verbose --help'
    local reading='--keylog --from --to --filter --ndjson --codec'
    local sources="--schema --profile --usage --assume-unused --import --root $reading"
    local rules='WD101 WD102 WD103 WD104 WD105 WD106 WD107 WD201 WD202 WD203 WD204 WD207 WD301 WD304 WD401 WD402 WD601 WD603'
    local verb=${words[1]} options= formats= option=$prev value=$cur

    if ((cword == 1)); then
        COMPREPLY=($(compgen -W "$verbs --help --version" -- "$cur") $(compgen -f -X '!*.pcap*' -- "$cur"))
        return
    fi
    case $verb in
    profile) options="--all --balance --by --import --root --schema --show-values --strict $reading" formats='text json markdown csv' ;;
    record)  options="--all --allow-root --buffer --codec --duration --filter --force --import --interface --list --no-promisc --packets --promisc
        --root --rotate --schema --snaplen --user --write" formats='text json markdown csv' ;;
    merge)   options="" formats='json text markdown csv' ;;
    decode)  options="--codec --import --message --root --schema --show-values --stream" formats='text json' ;;
    infer)   options="--as --bare --diff --import --in-place --message --root --schema --show-values --strict $reading" formats='text' ;;
    audit)   options="--all --by --fail-on $sources" formats='text json markdown sarif csv' ;;
    prune)   options="--also --diff --in-place --stage $sources" formats='text' ;;
    annotate) options="--diff --in-place $sources" formats='text' ;;
    report)  options="--before --by --period --title $sources" formats='markdown html json' ;;
    explain) options="" formats='text' ;;
    init)    options="--force" formats='text' ;;
    esac

    if [[ $cur == --*=* ]]; then
        option=${cur%%=*} value=${cur#*=}
    fi
    case $option in
    --format)  COMPREPLY=($(compgen -W "$formats" -- "$value")); return ;;
    --as)      COMPREPLY=($(compgen -W 'asyncapi json-schema proto avro' -- "$value")); return ;;
    --color)   COMPREPLY=($(compgen -W 'auto always never' -- "$value")); return ;;
    --fail-on) COMPREPLY=($(compgen -W 'error warning note none' -- "$value")); return ;;
    --stage)   COMPREPLY=($(compgen -W 'remove deprecate' -- "$value")); return ;;
    --codec)   COMPREPLY=($(compgen -W 'json ndjson msgpack cbor avro protobuf opaque' -- "$value")); return ;;
    --stream)  COMPREPLY=($(compgen -W 'websocket sse http http2' -- "$value")); return ;;
    --also)    COMPREPLY=($(compgen -W "$rules" -- "$value")); return ;;
    --root|--import|-I) COMPREPLY=($(compgen -d -- "$value")); return ;;
    --limit)
        COMPREPLY=($(compgen -S = -W "$(wirediet explain --limits 2>/dev/null | cut -d' ' -f1)" -- "$value"))
        compopt -o nospace
        return ;;
    --interface|-i) COMPREPLY=($(compgen -W "$(wirediet record --list 2>/dev/null | cut -d' ' -f1)" -- "$value")); return ;;
    --user)    COMPREPLY=($(compgen -u -- "$value")); return ;;
    --assume-unused|--buffer|--duration|--filter|--from|--message|--ndjson|--packets|--period|--rotate|--snaplen|--title|--to) return ;;
    --usage)
        [[ $verb == audit || $verb == prune || $verb == annotate || $verb == report ]] && { COMPREPLY=($(compgen -f -- "$value")); return; } ;;
    --output|--config|--keylog|--schema|--profile|--before|--write|-o|-s|-p|-u|-w)
        COMPREPLY=($(compgen -f -- "$value")); return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options $common" -- "$cur"))
    elif [[ $verb == explain ]]; then
        COMPREPLY=($(compgen -W "$rules" -- "$cur"))
    elif [[ $verb != init && $verb != record ]]; then
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
} && complete -o filenames -F _wirediet wirediet
