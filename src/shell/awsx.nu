# What awsx does in a running Nushell. What is not exported is its own.
module awsx_functions {
    export-env {
        # A record: no child gets it.
        if "__awsx" not-in $env {
            $env.__awsx = {was: {}, words: [], last: null, due: null, key: null}
            $env.config.hooks.pre_execution ++= [{|| renew }]
        }
    }

    # Runs commands with the credentials of any AWS profile
    @complete offer
    export def --env --wrapped awsx [...words: string] {
        if (place-of-use $words) == null { ^@AWSX@ ...$words } else { use-profile $words }
    }

    # What a prompt says of the credentials that this shell has. Where none are in use, awsx is not started.
    export def --wrapped awsx_prompt_info [...flags: string] {
        let names = [AWS_ACCESS_KEY_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWSX_PROFILE AWSX_ROLE AWSX_CONTAINER_CREDENTIALS_FULL_URI]
        if ($names | any {|name| ($env | get --optional $name) != null }) {
            ^@AWSX@ prompt @SHELL@ ...$flags | str trim --right --char "\n"
        } else { "" }
    }

    # Which word is `use`, behind the flags that every command has; none where the command is another one.
    def place-of-use [words: list<string>] {
        mut is_value = false
        for one in ($words | enumerate) {
            if $is_value {
                $is_value = false
            } else if $one.item == "use" {
                return $one.index
            } else if not ($one.item | str starts-with "-") {
                return null
            } else {
                $is_value = $one.item in [@VALUED@]
            }
        }
        null
    }

    # awsx use PROFILE | - | --none
    def --env use-profile [words: list<string>] {
        let last = $env.__awsx.words
        let at = place-of-use $words
        # More than one word is for awsx, which says what is wrong with it.
        match ($words | skip ($at + 1)) {
            ["--none"] => { restore }
            ["-"] => {
                if $env.__awsx.last == null {
                    error make --unspanned {msg: "nothing was in use before in this shell"}
                }
                use-profile ([use] ++ $env.__awsx.last)
                return
            }
            _ => {
                let text = ask (($words | take $at) ++ [use @SHELL@] ++ ($words | skip ($at + 1)))
                if not (is-taken $text) {
                    # Its help.
                    print --no-newline $text
                    return
                }
                take-over $text
            }
        }
        $env.__awsx.last = if ($last | is-empty) { ["--none"] } else { $last }
    }

    # awsx, as if nothing was in use.
    def ask [words: list<string>] {
        restore
        ^@AWSX@ ...$words | collect
    }

    def is-taken [text: string] { $text | str starts-with '{"awsx":' }

    # What awsx has printed, into the shell, in the place of what was in use.
    def --env take-over [text: string] {
        let taken = $text | from json
        restore
        $env.__awsx.was = ($taken.set | columns | reduce --fold {} {|name, was|
            $was | insert $name ($env | get --optional $name)
        })
        load-env $taken.set
        $env.__awsx.words = $taken.words
        $env.__awsx.due = if $taken.renewed_in == null { null } else { (date now) + $taken.renewed_in * 1sec }
        $env.__awsx.key = $env.AWS_ACCESS_KEY_ID?
    }

    # Puts back what was there before. What was not there is null, which no child gets: `hide-env` in a command leaves what a
    # scope further out has.
    def --env restore [] {
        load-env $env.__awsx.was
        $env.__awsx.was = {}
        $env.__awsx.words = []
        $env.__awsx.due = null
    }

    # Before a command, where what is in use is about to end. Asks nobody.
    def --env renew [] {
        let held = $env.__awsx
        if $held.due == null or (date now) < $held.due { return }
        if (commandline) =~ '^\s*awsx(\s|$)' { return }
        # Said or done once.
        $env.__awsx.due = null
        if $env.AWS_ACCESS_KEY_ID? != $held.key { return }
        let text = do {
            restore
            "" | ^@AWSX@ use @SHELL@ --no-input --quiet ...$held.words | complete | get stdout
        }
        if (is-taken $text) {
            take-over $text
        } else {
            print --stderr $"awsx: what this shell has is about to end, or has ended: `awsx use ($held.words | each {|word| shown $word } | str join ' ')` renews it"
        }
    }

    # A word as it is typed.
    def shown [word: string] {
        if $word =~ '^[A-Za-z0-9_@%+=:,./-]+$' { $word } else { $word | to nuon }
    }

    # What TAB offers behind awsx. The line goes to stdin, where nobody else sees it.
    def offer [words: list<string>] {
        let answer = $words | str join "\u{0}" | $"($in)\u{0}" | ^@AWSX@ __complete nushell | complete | get stdout | lines
        let kind = $answer | get --optional 0 | default ""
        let offered = $answer | skip 1 | each {|line|
            let parts = $line | split row --number 2 "\t"
            {value: $parts.0, description: ($parts | get --optional 1)}
        }
        if ($kind | str starts-with "command ") {
            let line = $words | skip ($kind | split row " " | last | into int) | str join " "
            $line | commandline complete --detailed | select --optional value description
        } else if $kind == "files" {
            $offered ++ ($words | last | commandline complete --type path | each {|path| {value: $path, description: null} })
        } else {
            $offered
        }
    }
}
use awsx_functions *
