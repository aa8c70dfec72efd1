# What awsx does in a running PowerShell. Names with two underscores are its own.

$global:__awsx = @{ was = @{}; words = @(); last = $null; due = $null; key = $null }

# Runs commands with the credentials of any AWS profile
function global:awsx {
    Set-StrictMode -Off
    $words = @(__awsx_words $args $MyInvocation)
    $at = __awsx_place_of_use $words
    if ($at -ge 0) {
        $before = @($words | Select-Object -First $at)
        $after = @($words | Select-Object -Skip ($at + 1))
        __awsx_use $before $after
    } elseif ($MyInvocation.ExpectingInput) {
        $input | & @AWSX@ @words
    } else {
        & @AWSX@ @words
    }
}

# awsx_prompt_info: what a prompt says of the credentials that this shell has. Where none are in use, awsx is not started.
function global:awsx_prompt_info {
    Set-StrictMode -Off
    $code = $global:LASTEXITCODE
    foreach ($name in 'AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWSX_PROFILE', 'AWSX_ROLE', 'AWSX_CONTAINER_CREDENTIALS_FULL_URI') {
        if ([Environment]::GetEnvironmentVariable($name)) {
            $said = & @AWSX@ prompt '@SHELL@' @args
            $said -join "`n"
            break
        }
    }
    $global:LASTEXITCODE = $code
}

# The words as they were typed. PowerShell keeps the first `--` of a function for itself, reads 012 as a number and a,b as a list;
# what it reads is put right where the line says it.
function global:__awsx_words($words, $invocation) {
    $words = @($words | ForEach-Object { $_ -join ',' })
    $tokens = $null
    $errors = $null
    $line = [Management.Automation.Language.Parser]::ParseInput($invocation.Line, [ref]$tokens, [ref]$errors)
    $isThis = {
        param($part)
        $part -is [Management.Automation.Language.CommandAst] -and $part.Extent.StartOffset -eq $invocation.OffsetInLine - 1
    }
    $command = $line.Find($isThis, $true)
    if ($null -eq $command) { return $words }
    $at = 0
    $hasDashes = $false
    foreach ($part in $command.CommandElements | Select-Object -Skip 1) {
        # What becomes any number of words says nothing of the places behind it.
        if ($part -is [Management.Automation.Language.VariableExpressionAst] -and $part.Splatted) { break }
        $text = $part.Extent.Text
        if ($text -eq '--' -and -not $hasDashes) {
            $words = @($words | Select-Object -First $at) + '--' + @($words | Select-Object -Skip $at)
            $hasDashes = $true
        } elseif ($text -match '^[0-9.][0-9A-Za-z.]*$' -and $at -lt $words.Count) {
            $words[$at] = $text
        }
        $at += 1
    }
    $words
}

# Which word is `use`, behind the flags that every command has; -1 where the command is another one.
function global:__awsx_place_of_use($words) {
    $isValue = $false
    for ($at = 0; $at -lt $words.Count; $at++) {
        if ($isValue) { $isValue = $false }
        elseif ($words[$at] -ceq 'use') { return $at }
        elseif (-not $words[$at].StartsWith('-')) { return -1 }
        else { $isValue = @VALUED@ -ccontains $words[$at] }
    }
    -1
}

# awsx use PROFILE | - | --none
function global:__awsx_use($before, $words) {
    $state = $global:__awsx
    $now = $state.words
    # More than one word is for awsx, which says what is wrong with it.
    if ($words.Count -eq 1 -and $words[0] -ceq '--none') {
        __awsx_restore
        $global:LASTEXITCODE = 0
    } elseif ($words.Count -eq 1 -and $words[0] -ceq '-') {
        if ($null -eq $state.last) {
            $global:LASTEXITCODE = 2
            Write-Error 'awsx: nothing was in use before in this shell'
            return
        }
        __awsx_use @() $state.last
        return
    } else {
        $text = @(__awsx_ask (@($before) + 'use' + '@SHELL@' + @($words)))
        if (-not (__awsx_is_taken $text)) {
            # Its help, or nothing at all after a failure.
            $text
            return
        }
        __awsx_take $text
    }
    $state.last = if ($now.Count -eq 0) { @('--none') } else { $now }
}

# awsx, as if nothing was in use.
function global:__awsx_ask($words) {
    $now = __awsx_values @($global:__awsx.was.Keys)
    __awsx_put $global:__awsx.was
    try { & @AWSX@ @words } finally { __awsx_put $now }
}

function global:__awsx_is_taken($text) { $text.Count -gt 0 -and $text[0] -ceq '__awsx 1' }

# What awsx has printed, into the shell, in the place of what was in use. Values are data and never evaluated.
function global:__awsx_take($text) {
    $read = { param($coded) [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($coded)) }
    $values = @{}
    $words = @()
    $due = $null
    foreach ($line in $text) {
        $parts = $line.Split(' ')
        switch -CaseSensitive ($parts[0]) {
            'unset' { $values[$parts[1]] = $null }
            'set' { $values[$parts[1]] = & $read $parts[2] }
            'renew' { $due = [DateTime]::UtcNow.AddSeconds([double]$parts[1]) }
            'word' { $words += & $read $parts[1] }
        }
    }
    __awsx_restore
    $global:__awsx.was = __awsx_values @($values.Keys)
    __awsx_put $values
    $global:__awsx.words = $words
    $global:__awsx.due = $due
    $global:__awsx.key = $env:AWS_ACCESS_KEY_ID
}

# Puts back what was there before.
function global:__awsx_restore {
    __awsx_put $global:__awsx.was
    $global:__awsx.was = @{}
    $global:__awsx.words = @()
    $global:__awsx.due = $null
}

function global:__awsx_values($names) {
    $values = @{}
    foreach ($name in $names) { $values[$name] = [Environment]::GetEnvironmentVariable($name) }
    $values
}

# Variables; those without a value go.
function global:__awsx_put($values) {
    foreach ($name in @($values.Keys)) {
        [Environment]::SetEnvironmentVariable($name, $values[$name])
    }
}

# Before a command, where what is in use is about to end. Asks nobody.
function global:__awsx_renew($line) {
    Set-StrictMode -Off
    $state = $global:__awsx
    if ($null -eq $state.due -or [DateTime]::UtcNow -lt $state.due -or $line -cmatch '^\s*awsx(\s|$)') { return }
    # Said or done once.
    $state.due = $null
    if ($env:AWS_ACCESS_KEY_ID -cne $state.key) { return }
    $code = $global:LASTEXITCODE
    $text = @(__awsx_ask (@('use', '@SHELL@', '--no-input', '--quiet') + $state.words) 2>$null)
    $global:LASTEXITCODE = $code
    if (__awsx_is_taken $text) {
        __awsx_take $text
    } else {
        $shown = $state.words | ForEach-Object { if ($_ -cmatch '^[\w@%+=:,./-]+$') { $_ } else { "'" + $_.Replace("'", "''") + "'" } }
        [Console]::Error.WriteLine('awsx: what this shell has is about to end, or has ended: `awsx use ' + ($shown -join ' ') + '` renews it')
    }
}

# The host calls this for each line: what others do there goes on.
if ($null -eq (Get-Variable -Name __awsx_read_line -Scope Global -ErrorAction Ignore) -and (Test-Path Function:PSConsoleHostReadLine)) {
    $global:__awsx_read_line = $function:PSConsoleHostReadLine
    function global:PSConsoleHostReadLine {
        $line = & $global:__awsx_read_line
        __awsx_renew $line
        $line
    }
}

# What TAB offers behind awsx. The line goes to stdin, where nobody else sees it.
Register-ArgumentCompleter -Native -CommandName awsx -ScriptBlock {
    param($typed, $command, $cursor)
    $words = @($command.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursor } | ForEach-Object {
            if ($_ -is [Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
        })
    if ($typed -eq '') { $words += '' } else { $words[-1] = $typed.Trim("'", '"') }
    $OutputEncoding = New-Object Text.UTF8Encoding $false
    $answer = @((($words -join "`0") + "`0") | & @AWSX@ __complete powershell 2>$null)
    if ($answer.Count -eq 0) { return }
    if ($answer[0].StartsWith('command ')) {
        $words = $words[[int]$answer[0].Substring(8)..($words.Count - 1)]
        $line = $words -join ' '
        return (TabExpansion2 $line $line.Length).CompletionMatches
    }
    foreach ($line in $answer | Select-Object -Skip 1) {
        $text, $shown, $about = $line.Split("`t")
        if (-not $about) { $about = $shown }
        [Management.Automation.CompletionResult]::new($text, $shown, 'ParameterValue', $about)
    }
    if ($answer[0] -ceq 'files') { [Management.Automation.CompletionCompleters]::CompleteFilename($words[-1]) }
}
