//! What PowerShell reads, which cannot be had where these tests run: by its grammar, and by what Microsoft's pages say of each
//! command and type that it uses.

use crate::sandbox::{AWSX, Sandbox};

const CORE: &str = "https://learn.microsoft.com/powershell/module/microsoft.powershell.core/";
const UTILITY: &str = "https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/";
const MANAGEMENT: &str =
    "https://learn.microsoft.com/powershell/module/microsoft.powershell.management/";
const DOTNET: &str = "https://learn.microsoft.com/dotnet/api/";

/// {what the functions use, the page below}
const USED: [(&str, &str, &str); 29] = [
    ("ForEach-Object", CORE, "foreach-object"),
    ("Where-Object", CORE, "where-object"),
    ("Set-StrictMode", CORE, "set-strictmode"),
    ("Register-ArgumentCompleter", CORE, "register-argumentcompleter"),
    ("TabExpansion2", CORE, "about/about_functions_argument_completion"),
    // What reads a line: the host calls the function of this name, PSReadLine's or anybody's.
    ("PSConsoleHostReadLine", CORE, "about/about_psconsolehostreadline"),
    // Functions of all scopes, and what is called in them
    ("function global:", CORE, "about/about_scopes"),
    ("$function:", CORE, "about/about_functions"),
    ("$MyInvocation.ExpectingInput", CORE, "about/about_automatic_variables"),
    ("$input |", CORE, "about/about_automatic_variables"),
    ("$global:LASTEXITCODE", CORE, "about/about_automatic_variables"),
    ("@words", CORE, "about/about_splatting"),
    // Which `--` a function never sees, and that a,b is a list
    ("'--'", CORE, "about/about_parsing"),
    ("$OutputEncoding", CORE, "about/about_preference_variables"),
    ("2>$null", CORE, "about/about_redirection"),
    ("Select-Object", UTILITY, "select-object"),
    ("New-Object", UTILITY, "new-object"),
    ("Write-Error", UTILITY, "write-error"),
    ("Get-Variable", UTILITY, "get-variable"),
    ("Test-Path", MANAGEMENT, "test-path"),
    // Null removes a variable.
    ("[Environment]", DOTNET, "system.environment.setenvironmentvariable"),
    ("[Convert]", DOTNET, "system.convert.frombase64string"),
    ("[Text.Encoding]", DOTNET, "system.text.encoding.utf8"),
    ("[DateTime]", DOTNET, "system.datetime.utcnow"),
    ("[Console]", DOTNET, "system.console.error"),
    (
        "[Management.Automation.CompletionResult]",
        DOTNET,
        "system.management.automation.completionresult",
    ),
    (
        "[Management.Automation.CompletionCompleters]",
        DOTNET,
        "system.management.automation.completioncompleters.completefilename",
    ),
    (
        "[Management.Automation.Language.Parser]",
        DOTNET,
        "system.management.automation.language.parser.parseinput",
    ),
    (
        "[Management.Automation.Language.CommandAst]",
        DOTNET,
        "system.management.automation.language.commandast",
    ),
];

/// Types that are only asked for, and words of the language.
const OTHERS: [&str; 6] = [
    "[Management.Automation.Language.VariableExpressionAst]",
    "[Management.Automation.Language.StringConstantExpressionAst]",
    "[double]",
    "[int]",
    "[ref]",
    "[A-Za-z]",
];

fn functions() -> String {
    Sandbox::new().awsx(&["init", "powershell"]).ok().stdout
}

/// Each command and type that the functions use has its page, and each page something that uses it.
#[test]
fn what_the_functions_use_is_documented() {
    let text = functions();
    for (used, base, page) in USED {
        assert!(text.contains(used), "{used}: {base}{page}");
    }
    let is_known =
        |word: &str| USED.iter().any(|(used, ..)| *used == word) || OTHERS.contains(&word);
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut strangers = Vec::new();
    for line in code {
        // Verb-Noun
        for word in line.split(|sign: char| !sign.is_alphanumeric() && sign != '-') {
            let is_command = word.split_once('-').is_some_and(|(verb, noun)| {
                [verb, noun]
                    .iter()
                    .all(|part| part.starts_with(|sign: char| sign.is_ascii_uppercase()))
            });
            if is_command && !is_known(word) {
                strangers.push(word.to_owned());
            }
        }
        // [Type]
        for part in line.split('[').skip(1) {
            let Some((name, _)) = part.split_once(']') else { continue };
            let is_type = name.starts_with(|sign: char| sign.is_ascii_alphabetic())
                && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '.');
            let word = format!("[{name}]");
            if is_type && !is_known(&word) {
                strangers.push(word);
            }
        }
    }
    assert!(strangers.is_empty(), "{strangers:?}");
}

/// With a path that has quotes, which would end a literal.
#[test]
fn the_functions_are_of_the_grammar() {
    const READ: &str = "import sys, tree_sitter, tree_sitter_powershell as powershell\n\
        parser = tree_sitter.Parser(tree_sitter.Language(powershell.language()))\n\
        root = parser.parse(sys.stdin.buffer.read()).root_node\n\
        print(root.has_error, root.child_count > 0)\n";
    let sandbox = Sandbox::new();
    let own = sandbox.home().join("it's $(x) awsx");
    std::os::unix::fs::symlink(AWSX, &own).unwrap();
    let mut command = sandbox.command(&own);
    let odd = sandbox.run(command.args(["init", "powershell"]), b"", true).ok().stdout;
    for (text, expected) in [
        (functions(), "False True\n"),
        (odd, "False True\n"),
        (format!("{}\n}}", functions()), "True True\n"),
    ] {
        let mut command = sandbox.command("python3");
        command.args(["-c", READ]);
        sandbox.run(&mut command, text.as_bytes(), true).ok().prints(expected);
    }
}

/// What `awsx use` hands over is data: lines of ASCII, values in base 64.
#[test]
fn nothing_that_is_taken_over_is_evaluated() {
    let sandbox = Sandbox::new();
    sandbox
        .config("[profile it's $(odd)]\nregion = eu-west-1\nsource_profile = dev\n[profile dev]\n");
    let mut command = sandbox.command(AWSX);
    command.args(["use", "--shell=powershell", "dev"]);
    let ran = sandbox.run(&mut command, b"", false).ok();
    let mut lines = ran.stdout.lines();
    assert_eq!(lines.next(), Some("__awsx 1"));
    let is_plain =
        |word: &str| word.chars().all(|sign| sign.is_ascii_alphanumeric() || "_+/=".contains(sign));
    for line in lines {
        let (kind, rest) = line.split_once(' ').unwrap();
        assert!(["set", "unset", "renew", "word"].contains(&kind), "{line}");
        assert!(rest.split(' ').all(is_plain), "{line}");
    }
    assert!(functions().find("Invoke-Expression").is_none());
}

/// The line goes to stdin as PowerShell writes it, with an end of the line behind it.
#[test]
fn what_tab_offers() {
    let sandbox = Sandbox::new();
    sandbox
        .config("[profile dev]\nregion = eu-west-1\n[profile \"it's odd\"]\nregion = us-east-1\n");
    for (line, expected) in [
        ("awsx\0use\0d\0\r\n", "words\ndev\tdev\teu-west-1\n"),
        ("awsx\0use\0it\0\n", "words\n'it''s odd'\tit's odd\tus-east-1\n"),
        ("awsx\0exec\0dev\0ls\0\0\r\n", "command 3\n"),
        ("awsx\0exec\0dev\0--scope\0read:sq\0\n", "files\n"),
    ] {
        let mut command = sandbox.command(AWSX);
        command.args(["__complete", "powershell"]);
        let ran = sandbox.run(&mut command, line.as_bytes(), true).ok();
        assert!(ran.stdout.starts_with(expected), "{line:?}: {}", ran.stdout);
    }
}
