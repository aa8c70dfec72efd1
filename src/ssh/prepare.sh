# The place of the files, which goes when this shell ends: with the connection.
umask 077
mkdir "$directory" || exit 1
trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$directory/profiles"
# SDKs take what the profile `default` has before they ask a server.
found=$(grep -l '^[[:space:]]*\[default\]' "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}" 2> /dev/null)
printf '%s\n' "$mark${found:+default}"
