# What awsx does in a running fish. Names with two underscores are its own.

function awsx --description 'Runs commands with the credentials of any AWS profile'
    set -l is_value
    set -l before
    for word in $argv
        if set -q is_value[1]
            set -e is_value[1]
        else if test "$word" = use
            set -l after $argv[(math 2 + (count $before))..]
            # Flags that stand before it count behind it too.
            contains -- (count $after)"$after" 1- 1--none; or set -p after $before
            __awsx_use $after
            return
        else if contains -- "$word" @VALUED@
            set is_value yes
        else if not string match -q -- '-*' "$word"
            break
        end
        set -a before $word
    end
    @AWSX@ $argv
end

# awsx use PROFILE | - | --none
function __awsx_use
    set -l last $__awsx_words
    set -q last[1]; or set last --none
    # More than one word is for awsx, which says what is wrong with it.
    switch (count $argv)"$argv[1]"
        case 1--none
            __awsx_restore
        case 1-
            if not set -q __awsx_last[1]
                echo 'awsx: nothing was in use before in this shell' >&2
                return 2
            end
            __awsx_use $__awsx_last
            return
        case '*'
            set -l text (__awsx_ask $argv)
            set -l code $status
            if not __awsx_take $text
                # Its help, or nothing at all after a failure.
                set -q text[1]; and printf '%s\n' $text
                return $code
            end
    end
    set -g __awsx_last $last
end

# __awsx_take LINE…: takes over what awsx has printed; false where that is something else.
function __awsx_take
    string match -q '__awsx_keep*' -- "$argv[1]"; or return 1
    __awsx_restore
    string join \n -- $argv | source
    return 0
end

# awsx, as if nothing was in use.
function __awsx_ask
    for name in $__awsx_names
        set -l was __awsx_was_$name
        if set -q $was
            set -fx $name $$was
        else
            set -fu $name
        end
    end
    @AWSX@ use @SHELL@ $argv
end

# __awsx_keep NAME…: remembers what these variables are, before they are changed.
function __awsx_keep
    for name in $argv
        set -ga __awsx_names $name
        set -eg __awsx_was_$name
        set -qg $name; and set -g __awsx_was_$name $$name
    end
end

# Puts back what was kept.
function __awsx_restore
    for name in $__awsx_names
        set -l was __awsx_was_$name
        if set -q $was
            set -gx $name $$was
            set -eg $was
        else
            set -eg $name
        end
    end
    set -g __awsx_names
    set -g __awsx_words
    set -g __awsx_due
end

# __awsx_hold SECONDS WORD…: what is in use, and in how many seconds it is renewed; empty: never.
function __awsx_hold
    set -g __awsx_due
    test -n "$argv[1]"; and set -g __awsx_due (math (__awsx_now) + $argv[1])
    set -g __awsx_key $AWS_ACCESS_KEY_ID
    set -g __awsx_words $argv[2..]
end

# Seconds since 1970. When a directory was changed, and how long ago that is, need no process (fish 3.5).
function __awsx_now
    set -l ago (path mtime --relative -- / 2>/dev/null)
    and math (path mtime -- /) + $ago
    or date +%s
end

# Before a command, where what is in use is about to end. Asks nobody.
function __awsx_renew --on-event fish_preexec
    set -q __awsx_due[1]; or return 0
    test (__awsx_now) -ge $__awsx_due; or return 0
    string match -qr '^awsx( |$)' -- "$argv[1]"; and return 0
    # Said or done once.
    set -g __awsx_due
    test "$AWS_ACCESS_KEY_ID" = "$__awsx_key"; or return 0
    set -l words $__awsx_words
    set -l text (__awsx_ask --no-input --quiet $words 2>/dev/null </dev/null)
    if not __awsx_take $text
        echo 'awsx: what this shell has is about to end, or has ended: `awsx use '(string escape -- $words | string join ' ')'` renews it' >&2
    end
end
