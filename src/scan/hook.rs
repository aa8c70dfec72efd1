//! A hook of git that runs `awsx scan --staged`: a block of shell in the hook that is there, or a hook of its own.
//!
//! The block stands at the beginning of a script of a shell, so that the script stays what it is, under its name. A
//! hook of another kind goes beside, and the new one hands over to it.

use crate::text::word;

const BEGIN: &str = "# awsx scan: begin";
const END: &str = "# awsx scan: end";

/// What the hook that is there is called beside.
pub(crate) const BESIDE: &str = "pre-commit.before-awsx";

/// What is to be done about the hook.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HookChange {
    Nothing,
    Write(String),
    /// The hook goes to [`BESIDE`], and this one comes in its place
    PutBefore(String),
    /// The hook goes
    Remove,
    /// What is in [`BESIDE`] comes back in its place
    PutBack,
}

/// The shells whose scripts take the block.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "zsh", "ksh", "ash"];

fn is_shell_script(hook: &str) -> bool {
    let first = hook.lines().next().unwrap_or_default();
    let Some(words) = first.strip_prefix("#!") else { return false };
    let name = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    let mut names = words.split_whitespace().map(name).filter(|name| name != "env");
    names.find(|name| !name.starts_with('-')).is_some_and(|name| SHELLS.contains(&&*name))
}

/// The block, for awsx at this path. Where there is no awsx, nothing is committed: nobody would notice that nothing is
/// looked at.
fn block(awsx: &str) -> String {
    let quoted = format!("'{}'", awsx.replace('\'', r"'\''"));
    format!(
        "{BEGIN} (made by `awsx scan --install-hook`, taken out by `awsx scan --install-hook --remove`)
awsx={quoted}
[ -x \"$awsx\" ] || awsx=$(command -v awsx) || {{
    echo \"awsx is neither at {path} nor on PATH, so that nothing looks for keys: install it again, or commit with \
`git commit --no-verify`\" >&2
    exit 1
}}
\"$awsx\" scan --staged --quiet || exit 1
{END}
",
        path = awsx.replace(['"', '$', '`', '\\'], "?")
    )
}

/// The hook without the block; none where it has none.
fn without_block(hook: &str) -> Option<String> {
    let start = hook.find(BEGIN).filter(|at| *at == 0 || hook[..*at].ends_with('\n'))?;
    let end = start + hook[start..].find(END)?;
    let end = hook[end..].find('\n').map_or(hook.len(), |line| end + line + 1);
    Some(format!("{}{}", &hook[..start], &hook[end..]))
}

const SHEBANG: &str = "#!/bin/sh\n";

/// Hands over to the hook that was there before.
fn hand_over() -> String {
    format!("exec \"$(dirname \"$0\")\"/{} \"$@\"\n", word(BESIDE))
}

/// Puts the block into the hook; `hook`: what there is.
pub(crate) fn install(hook: Option<&str>, awsx: &str) -> HookChange {
    let Some(hook) = hook else {
        return HookChange::Write(format!("{SHEBANG}{}", block(awsx)));
    };
    let bare = without_block(hook);
    let rest = bare.as_deref().unwrap_or(hook);
    if bare.is_none() && !is_shell_script(hook) {
        return HookChange::PutBefore(format!("{SHEBANG}{}{}", block(awsx), hand_over()));
    }
    let (first, rest) = rest.split_at(rest.find('\n').map_or(rest.len(), |line| line + 1));
    let end = if first.ends_with('\n') { "" } else { "\n" };
    let new = format!("{first}{end}{}{rest}", block(awsx));
    if new == hook { HookChange::Nothing } else { HookChange::Write(new) }
}

/// Takes the block out again.
pub(crate) fn remove(hook: Option<&str>) -> HookChange {
    match hook.and_then(without_block) {
        None => HookChange::Nothing,
        Some(rest) if rest == SHEBANG => HookChange::Remove,
        Some(rest) if rest == format!("{SHEBANG}{}", hand_over()) => HookChange::PutBack,
        Some(rest) => HookChange::Write(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(change: HookChange) -> String {
        match change {
            HookChange::Write(hook) | HookChange::PutBefore(hook) => hook,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_script_of_a_shell_stays_what_it_is() {
        for hook in ["#!/bin/sh\nmake lint\n", "#!/usr/bin/env bash\nset -e\n", "#! /bin/bash -e\n"]
        {
            let new = written(install(Some(hook), "/opt/awsx"));
            assert!(new.starts_with(hook.lines().next().unwrap()), "{new}");
            assert!(new.contains("awsx='/opt/awsx'\n") && new.contains("scan --staged"), "{new}");
            // Once more changes nothing; an awsx elsewhere changes the block.
            assert_eq!(install(Some(&new), "/opt/awsx"), HookChange::Nothing);
            let moved = written(install(Some(&new), "/usr/awsx"));
            assert!(!moved.contains("/opt") && moved.contains("awsx='/usr/awsx'"), "{moved}");
            assert_eq!(remove(Some(&moved)), HookChange::Write(hook.to_owned()), "{hook}");
        }
    }

    #[test]
    fn a_hook_of_another_kind_is_handed_over_to() {
        for hook in ["#!/usr/bin/env python3\nprint()\n", "\u{7f}ELF", "", "make lint\n"] {
            let HookChange::PutBefore(new) = install(Some(hook), "/a'b") else { panic!("{hook}") };
            assert!(new.contains(r"awsx='/a'\''b'"), "{new}");
            assert!(
                new.ends_with("exec \"$(dirname \"$0\")\"/pre-commit.before-awsx \"$@\"\n"),
                "{new}"
            );
            assert_eq!(install(Some(&new), "/a'b"), HookChange::Nothing);
            assert_eq!(remove(Some(&new)), HookChange::PutBack);
        }
    }

    #[test]
    fn a_hook_of_its_own_goes_again() {
        let new = written(install(None, "/awsx"));
        assert!(new.starts_with("#!/bin/sh\n# awsx scan: begin"), "{new}");
        assert_eq!(remove(Some(&new)), HookChange::Remove);
        assert_eq!(remove(None), HookChange::Nothing);
        assert_eq!(remove(Some("#!/bin/sh\n")), HookChange::Nothing);
    }
}
