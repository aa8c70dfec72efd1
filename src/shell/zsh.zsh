
# Before each command, beside what others do there.
autoload -Uz add-zsh-hook
__awsx_before() {
    [ -z "${__awsx_due-}" ] || __awsx_renew "$1"
}
add-zsh-hook preexec __awsx_before
