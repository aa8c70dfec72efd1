
# What TAB offers behind awsx. The line goes to stdin, where nobody else sees it.
function __awsx_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l typed (commandline --current-token --cut-at-cursor)
    # Quotes may be open.
    set -l plain (string unescape -- "$typed"; or string unescape -- "$typed\""; or string unescape -- "$typed'")
    set -l answer (printf '%s\0' $words "$plain" | @AWSX@ __complete fish 2>/dev/null)
    switch "$answer[1]"
        case 'command *'
            set -l start (math 1 + (string replace 'command ' '' -- $answer[1]))
            complete --do-complete (string join ' ' -- (string escape -- $words[$start..]) "$typed")
        case files
            printf '%s\n' $answer[2..]
            __fish_complete_path "$plain"
        case '*'
            printf '%s\n' $answer[2..]
    end
end
# What a package installed knows less, and would come on top: it is loaded, and forgotten.
complete --do-complete 'awsx --' >/dev/null
complete --command awsx --erase
complete --command awsx --no-files --keep-order --arguments '(__awsx_complete)'
