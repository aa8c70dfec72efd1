
# Before each command, behind what others do there.
if [ "${__awsx_is_there-}" != yes ]; then
    __awsx_is_there=yes
    __awsx_before() {
        # TAB runs commands too.
        [ -z "${__awsx_due-}" ] || [ -n "${COMP_LINE+x}" ] || __awsx_renew "$1"
        # What `$_` was.
        : "${2-}"
    }
    if [ -n "${bash_preexec_imported-}${__bp_imported-}" ]; then
        preexec_functions+=(__awsx_before)
    else
        __awsx_trap=$(trap -p DEBUG)
        declare -a __awsx_trap_words
        eval "__awsx_trap_words=(${__awsx_trap})"
        trap "${__awsx_trap_words[2]:+${__awsx_trap_words[2]}
}"'__awsx_before "$BASH_COMMAND" "$_"' DEBUG
        unset __awsx_trap __awsx_trap_words
    fi
fi
