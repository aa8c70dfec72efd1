
# awsx_prompt_info [FLAG…]: what a prompt says of the credentials that this shell has. Where none are in use and no
# .awsx.toml chooses, awsx is not started. It ends as the command before it did.
function awsx_prompt_info
    set -l code $status
    for name in AWS_ACCESS_KEY_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWSX_PROFILE AWSX_ROLE AWSX_CONTAINER_CREDENTIALS_FULL_URI
        if set -q $name
            printf '%s' (@AWSX@ prompt @SHELL@ $argv)
            return $code
        end
    end
    if __awsx_is_chosen
        printf '%s' (@AWSX@ prompt @SHELL@ $argv)
    end
    return $code
end

# Whether there is an .awsx.toml here or above.
function __awsx_is_chosen
    set -l directory $PWD
    while not test -e "$directory/.awsx.toml"
        test -n "$directory"; or return 1
        set directory (string replace -r '/[^/]*$' '' -- $directory)
    end
end
