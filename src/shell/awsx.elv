# What awsx does in a running Elvish.

use str

var run~ = (external @AWSX@)
var words-with-values = [@VALUED@]

# What variables were before they were changed; nothing where they were not there.
var was = [&]
# What is in use, what was before, when it is renewed in seconds since 1970, and its key.
var words = []
var last = $nil
var due = $nil
var key = ''

fn value-of {|name| if (has-env $name) { get-env $name } else { put $nil } }

fn put-all {|values|
    for name [(keys $values)] {
        if (eq $values[$name] $nil) { unset-env $name } else { set-env $name $values[$name] }
    }
}

fn values-of {|names|
    var values = [&]
    for name $names { set values[$name] = (value-of $name) }
    put $values
}

# Puts back what was there before.
fn restore {
    put-all $was
    set was = [&]
    set words = []
    set due = $nil
}

# What comes back once awsx has ended.
var aside = $nil

# Puts it back. After Ctrl-C Elvish runs nothing more of a line: then it is done before the next prompt.
fn put-back {
    if (not-eq $aside $nil) {
        put-all $aside
        set aside = $nil
    }
}

# awsx, as if nothing was in use.
fn ask {|@args|
    set aside = (values-of [(keys $was)])
    put-all $was
    try {
        run $@args
    } finally {
        put-back
    }
}

fn is-taken {|text| str:has-prefix $text '{"awsx":' }

# What awsx has printed, into the shell, in the place of what was in use.
fn take-over {|text|
    var taken = (print $text | from-json)
    restore
    set was = (values-of [(keys $taken[set])])
    put-all $taken[set]
    set words = $taken[words]
    set key = (value-of AWS_ACCESS_KEY_ID)
    if (not-eq $taken[renewed_in] $nil) {
        set due = (+ (date +%s) $taken[renewed_in])
    }
}

# Which word is `use`, behind the flags that every command has; nothing where the command is another one.
fn place-of-use {|args|
    var is-value = $false
    for at [(range (count $args))] {
        var word = $args[$at]
        if $is-value {
            set is-value = $false
        } elif (eq $word use) {
            put $at
            return
        } elif (not (str:has-prefix $word -)) {
            break
        } else {
            set is-value = (has-value $words-with-values $word)
        }
    }
    put $nil
}

# awsx use PROFILE | - | --none
fn use-profile {|before @args|
    var now = $words
    # More than one word is for awsx, which says what is wrong with it.
    if (eq $args [--none]) {
        restore
    } elif (and (eq $args [-]) (eq $last $nil)) {
        fail 'nothing was in use before in this shell'
    } elif (eq $args [-]) {
        use-profile [] $@last
        return
    } else {
        var text = (ask $@before use @SHELL@ $@args | slurp)
        if (not (is-taken $text)) {
            # Its help.
            print $text
            return
        }
        take-over $text
    }
    set last = (if (eq $now []) { put [--none] } else { put $now })
}

fn awsx {|@args|
    var at = (place-of-use $args)
    if (eq $at $nil) {
        run $@args
    } else {
        use-profile $args[..$at] (all $args[(+ $at 1)..])
    }
}

# awsx_prompt_info: what a prompt says of the credentials that this shell has. Where none are in use, awsx is not started.
fn awsx_prompt_info {|@flags|
    for name [AWS_ACCESS_KEY_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWSX_PROFILE AWSX_ROLE AWSX_CONTAINER_CREDENTIALS_FULL_URI] {
        if (has-env $name) {
            print (str:trim-right (run prompt @SHELL@ $@flags | slurp) "\n")
            return
        }
    }
}

fn shown {|words| str:join ' ' [(each $repr~ $words)] }

# Before a command, where what is in use is about to end. Asks nobody.
fn renew {|line|
    if (or (eq $due $nil) (< (date +%s) $due) (eq (str:trim-space $line) awsx) (str:has-prefix (str:trim-space $line) 'awsx ')) {
        return
    }
    # Said or done once.
    set due = $nil
    if (not-eq (value-of AWS_ACCESS_KEY_ID) $key) { return }
    var text = ''
    try {
        set text = (ask use @SHELL@ --no-input --quiet $@words </dev/null 2>/dev/null | slurp)
    } catch { }
    if (is-taken $text) {
        take-over $text
    } else {
        echo 'awsx: what this shell has is about to end, or has ended: `awsx use '(shown $words)'` renews it' >&2
    }
}

# What TAB offers behind awsx. The line goes to stdin, where nobody else sees it.
fn offer {|@args|
    var @answer = (each {|word| print $word"\x00" } $args | run __complete elvish 2>/dev/null | from-lines)
    if (eq $answer []) { return }
    var kind = $answer[0]
    if (str:has-prefix $kind 'command ') {
        var line = $args[(num $kind[8..])..]
        if (and (> (count $line) 1) (has-key $edit:completion:arg-completer $line[0])) {
            $edit:completion:arg-completer[$line[0]] $@line
        } elif (> (count $line) 1) {
            edit:complete-filename $@line
        } else {
            edit:complete-sudo awsx $line[0]
        }
        return
    }
    for line $answer[1..] {
        var @parts = (str:split &max=2 "\t" $line)
        var display = $parts[0]
        if (> (count $parts) 1) { set display = $parts[0]' ('$parts[1]')' }
        edit:complex-candidate $parts[0] &display=$display &code-suffix=(if (eq $kind open) { put '' } else { put ' ' })
    }
    if (eq $kind files) { edit:complete-filename $@args }
}

edit:add-var awsx~ $awsx~
edit:add-var awsx_prompt_info~ $awsx_prompt_info~
set edit:completion:arg-completer[awsx] = $offer~
set edit:before-readline = [$@edit:before-readline $put-back~]
set edit:after-readline = [$@edit:after-readline $renew~]
