
# What TAB offers behind awsx. The line goes to stdin, where nobody else sees it.
__awsx_complete() {
    local answer kind
    answer=$(printf '%s\0' "$2" "${COMP_LINE:0:COMP_POINT}" "${COMP_WORDS[@]}" |
        __awsx_run __complete bash 2>/dev/null) || :
    kind=${answer%%$'\n'*}
    COMPREPLY=()
    if [ "${kind% *}" = command ]; then
        __awsx_complete_command "${kind#* }" "$2"
        return 0
    fi
    [ "$answer" = "$kind" ] || __awsx_reply "${answer#*$'\n'}"
    case $kind in
    files) compopt -o default 2>/dev/null || : ;;
    open) compopt -o nospace 2>/dev/null || : ;;
    esac
}

# __awsx_reply TEXT: a word on each line.
__awsx_reply() {
    IFS=$'\n' read -r -d '' -a COMPREPLY <<<"$1" || :
}

# __awsx_complete_command N TEXT: what the command takes whose name is word N, as if the line began there.
__awsx_complete_command() {
    local line=$COMP_LINE text=$2 i name specification function='' program='' words
    for ((i = 0; i < $1; i++)); do
        line=${line#*"${COMP_WORDS[i]}"}
    done
    line=${line#"${line%%[![:space:]]*}"}
    words=("${COMP_WORDS[@]:$1}")
    local COMP_POINT=$((COMP_POINT - ${#COMP_LINE} + ${#line})) COMP_CWORD=$((COMP_CWORD - $1)) COMP_LINE=$line
    local COMP_WORDS
    COMP_WORDS=("${words[@]}")
    if [ "$COMP_CWORD" = 0 ]; then
        __awsx_reply "$(compgen -c -- "$text" | sort -u)"
        compopt -o default 2>/dev/null || :
        return 0
    fi
    name=${COMP_WORDS[0]##*/}
    specification=$(complete -p -- "$name" 2>/dev/null) || :
    eval "words=($specification)"
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        case ${words[i]} in
        -F) function=${words[i + 1]} ;;
        -C) program=${words[i + 1]} ;;
        -o) compopt -o "${words[i + 1]}" 2>/dev/null || : ;;
        esac
    done
    if [ -n "$program" ]; then
        __awsx_reply "$(export COMP_LINE COMP_POINT COMP_TYPE COMP_KEY &&
            eval "$program" '"$name" "$text" "${COMP_WORDS[COMP_CWORD - 1]}"' 2>/dev/null)"
    elif declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset 0 || :
    elif declare -F _command_offset >/dev/null; then
        _command_offset 0 || :
    elif [ -n "$function" ]; then
        "$function" "$name" "$text" "${COMP_WORDS[COMP_CWORD - 1]}" || :
    elif [ -n "$specification" ]; then
        __awsx_reply "$(compgen "${words[@]:1:${#words[@]}-2}" -- "$text" 2>/dev/null)"
    else
        compopt -o default 2>/dev/null || :
    fi
}

# Before 4 a function cannot ask for files: they come where it has no words.
case $BASH_VERSION in
[123].*) complete -o default -F __awsx_complete awsx ;;
*) complete -o nosort -F __awsx_complete awsx 2>/dev/null || complete -F __awsx_complete awsx ;;
esac
