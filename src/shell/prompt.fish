
# awsx_prompt_info [FLAG…]: what a prompt says of the credentials that this shell has. Where none are in use, awsx is not
# started. It ends as the command before it did.
function awsx_prompt_info
    set -l code $status
    for name in AWS_ACCESS_KEY_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWSX_PROFILE AWSX_ROLE AWSX_CONTAINER_CREDENTIALS_FULL_URI
        if set -q $name
            printf '%s' (@AWSX@ prompt @SHELL@ $argv)
            break
        end
    end
    return $code
end
