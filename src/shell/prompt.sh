
# awsx_prompt_info [FLAG…]: what a prompt says of the credentials that this shell has. Where none are in use and no
# .awsx.toml chooses, awsx is not started. It ends as the command before it did.
awsx_prompt_info() {
    local code=$? text
    if [ -n "${AWS_ACCESS_KEY_ID:+x}${AWS_PROFILE:+x}${AWS_DEFAULT_PROFILE:+x}${AWSX_PROFILE:+x}${AWSX_ROLE:+x}" ] ||
        [ -n "${AWSX_CONTAINER_CREDENTIALS_FULL_URI:+x}" ] || __awsx_is_chosen; then
        text=$(__awsx_run prompt @SHELL@ "$@") || :
        # What bash's marks around colours become: it looks for them before it runs what stands in a prompt.
        text=${text//'\['/$'\001'}
        printf '%s' "${text//'\]'/$'\002'}"
    fi
    return "$code"
}

# Whether there is an .awsx.toml here or above.
__awsx_is_chosen() {
    local directory=$PWD
    while [ ! -e "$directory/.awsx.toml" ]; do
        [ -n "$directory" ] || return 1
        directory=${directory%/*}
    done
}
