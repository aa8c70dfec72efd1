# What awsx does in a running shell: the same for bash and zsh. Names with two underscores are its own.

awsx() {
    local word at=0 is_value=
    for word in "$@"; do
        at=$((at + 1))
        case $is_value$word in
        use)
            # Flags that stand before it count behind it too.
            case "$(($# - at)) ${*:$#}" in
            "1 -" | "1 --none") __awsx_use "${*:$#}" ;;
            *) __awsx_use "${@:1:$((at - 1))}" "${@:$((at + 1))}" ;;
            esac
            return
            ;;
        @VALUED@) is_value=value/ ;;
        -* | value/*) is_value= ;;
        *) break ;;
        esac
    done
    __awsx_run "$@"
}

__awsx_run() { @AWSX@ "$@"; }

# awsx use PROFILE | - | --none
__awsx_use() {
    local text code=0 last="${__awsx_words:---none}"
    # More than one word is for awsx, which says what is wrong with it.
    case "${#} ${1-}" in
    "1 --none")
        __awsx_restore
        ;;
    "1 -")
        if [ -z "${__awsx_last-}" ]; then
            printf '%s\n' 'awsx: nothing was in use before in this shell' >&2
            return 2
        fi
        eval "__awsx_use $__awsx_last"
        return
        ;;
    *)
        # Who stops what the shell waits for (Ctrl-Z) would not get the shell back.
        text=$(trap '' TSTP && __awsx_restore && __awsx_run use @SHELL@ "$@") || code=$?
        if ! __awsx_take "$text"; then
            # Its help, or nothing at all after a failure.
            [ -z "$text" ] || printf '%s\n' "$text"
            return "$code"
        fi
        ;;
    esac
    __awsx_last=$last
}

# __awsx_take TEXT: takes over what awsx has printed; false where that is something else.
__awsx_take() {
    case "$1" in
    __awsx_keep*)
        __awsx_restore
        eval "$1"
        return 0
        ;;
    esac
    return 1
}

# __awsx_keep NAME…: remembers what these variables are, before they are changed.
__awsx_keep() {
    local name
    for name in "$@"; do
        __awsx_names="${__awsx_names-} $name"
        if eval "[ -n \"\${$name+x}\" ]"; then
            eval "__awsx_was_$name=\$$name"
        else
            unset "__awsx_was_$name"
        fi
    done
}

# Puts back what was kept.
__awsx_restore() {
    eval "__awsx_put_back ${__awsx_names-}"
    __awsx_names=
    __awsx_words=
    __awsx_due=
}

__awsx_put_back() {
    local name
    for name in "$@"; do
        if eval "[ -n \"\${__awsx_was_$name+x}\" ]"; then
            eval "export $name=\"\$__awsx_was_$name\""
            unset "__awsx_was_$name"
        else
            unset "$name"
        fi
    done
}

# __awsx_hold SECONDS WORD…: what is in use, and in how many seconds it is renewed; empty: never.
__awsx_hold() {
    __awsx_due=
    [ -z "$1" ] || __awsx_due=$((SECONDS + $1))
    __awsx_key=${AWS_ACCESS_KEY_ID-}
    shift
    __awsx_words=$(printf '%q ' "$@")
}

# __awsx_renew LINE: before a command, where what is in use is about to end. Asks nobody.
__awsx_renew() {
    local text words="$__awsx_words"
    [ "$((SECONDS < __awsx_due))" = 0 ] || return 0
    case "$1" in awsx | awsx\ *) return 0 ;; esac
    # Said or done once.
    __awsx_due=
    [ "${AWS_ACCESS_KEY_ID-}" = "$__awsx_key" ] || return 0
    text=$(__awsx_restore && eval "__awsx_run use @SHELL@ --no-input --quiet $words" 2>/dev/null </dev/null) || :
    # shellcheck disable=SC2016 # it is to be read
    __awsx_take "$text" ||
        printf 'awsx: what this shell has is about to end, or has ended: `awsx use %s` renews it\n' "${words% }" >&2
}
