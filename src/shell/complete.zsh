
# What TAB offers behind awsx. The line goes to stdin, where nobody else sees it.
__awsx_complete() {
    local answer kind
    local -a lines
    answer=$(printf '%s\0' "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" |
        __awsx_run __complete zsh 2>/dev/null)
    lines=("${(@f)answer}")
    kind=$lines[1]
    shift lines
    case $kind in
    command\ *)
        shift ${kind#* } words
        ((CURRENT -= ${kind#* }))
        _normal
        ;;
    files)
        (($#lines)) && _describe -V awsx lines
        _files
        ;;
    open) _describe -V awsx lines -S '' ;;
    words) _describe -V awsx lines ;;
    *) return 1 ;;
    esac
}

# The same where nobody turned zsh's own completion on.
__awsx_complete_plainly() {
    local -a words
    local -i at
    read -Ac words
    read -cn at
    reply=("${(@f)$(printf '%s\0' "${(@Q)words[1,at-1]}" "${(Q)1}" |
        __awsx_run __complete fish 2>/dev/null)}")
    case $reply[1] in
    command*) reply=() ;;
    *) reply=("${(@)reply[2,-1]%%$'\t'*}") ;;
    esac
}

# As soon as there is a completion to add it to: what turns it on may come later in the start file.
__awsx_add_completion() {
    add-zsh-hook -d precmd __awsx_add_completion
    if (($+functions[compdef])); then
        compdef __awsx_complete awsx
    else
        compctl -K __awsx_complete_plainly + -f awsx
    fi
}
if (($+functions[compdef])); then
    compdef __awsx_complete awsx
else
    add-zsh-hook precmd __awsx_add_completion
fi
