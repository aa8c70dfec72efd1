//! `oidc = …`, `--oidc …`: the identity token of a CI job.

use std::path::Path;

use crate::credentials::{GithubJob, Secret, TokenFile, TokenOrigin};
use crate::env::Env;

/// Said of a value that is none.
pub(crate) const NO_ORIGIN: &str =
    "is none of github, github:AUDIENCE, gitlab, env:VARIABLE, file:PATH and cmd:PROGRAM";

/// What says which job of several on one machine it is, by the systems that set it.
const JOBS: [&str; 7] = [
    "GITHUB_RUN_ID",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_JOB",
    "CI_JOB_ID",
    "BUILD_TAG",
    "BUILDKITE_JOB_ID",
    "CIRCLE_WORKFLOW_JOB_ID",
];

/// Where the token comes from. `named_by`: [`TokenOrigin::SETTING`] or [`TokenOrigin::FLAG`]. `None` where the
/// value is [`NO_ORIGIN`].
pub(crate) fn token_origin(value: &str, named_by: &'static str, env: &Env) -> Option<TokenOrigin> {
    let value = value.trim();
    let variable = |name: &str| TokenOrigin::Variable {
        name: name.to_owned(),
        token: env.get(name).map(|token| Secret::new(token.trim())),
    };
    Some(match value.split_once(':') {
        None if value == "github" => TokenOrigin::Github(github(env, None)),
        Some(("github", audience)) if is_audience(audience) => {
            TokenOrigin::Github(github(env, Some(audience)))
        }
        None if value == "gitlab" => variable(TokenOrigin::GITLAB),
        Some(("env", name)) if is_name_of_variable(name) => variable(name),
        Some(("file", path)) if !path.is_empty() => {
            TokenOrigin::File(TokenFile { path: env.expand_home(Path::new(path)), named_by })
        }
        Some(("cmd", line)) if !line.trim().is_empty() => {
            let known = JOBS.iter().filter_map(|name| Some(format!("{name}={}", env.get(name)?)));
            let known: Vec<String> = known.collect();
            let job = (!known.is_empty()).then(|| known.join(" "));
            TokenOrigin::Command { line: line.trim().to_owned(), job }
        }
        _ => return None,
    })
}

fn github(env: &Env, audience: Option<&str>) -> GithubJob {
    let other = audience.filter(|audience| *audience != GithubJob::AUDIENCE);
    let text = |name: &str| env.get(name).map(|value| value.trim().to_owned());
    let url = text("ACTIONS_ID_TOKEN_REQUEST_URL");
    let token = text("ACTIONS_ID_TOKEN_REQUEST_TOKEN").map(Secret::new);
    GithubJob {
        is_job: env.flag("GITHUB_ACTIONS"),
        request: url.zip(token),
        other_audience: other.map(str::to_owned),
    }
}

/// A name or a URL: IAM takes 1 to 255 characters, <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html>
fn is_audience(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_name_of_variable(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.bytes().all(is_part) && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_names_one_origin() {
        let env = Env::from_pairs([
            ("HOME", "/home/ann"),
            ("GITLAB_OIDC_TOKEN", " planted.in.gitlab\n"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_RUN_ID", "17"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://runner.example/token?a=b"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "planted"),
        ]);
        for (value, expected) in [
            (
                "github",
                "Github(GithubJob { is_job: true, request: Some((\"https://runner.example/token?a=b\", ***)), other_audience: None })",
            ),
            (
                "github:sts.amazonaws.com.cn",
                "Github(GithubJob { is_job: true, request: Some((\"https://runner.example/token?a=b\", ***)), other_audience: Some(\"sts.amazonaws.com.cn\") })",
            ),
            ("gitlab", "Variable { name: \"GITLAB_OIDC_TOKEN\", token: Some(***) }"),
            ("env:MY_TOKEN", "Variable { name: \"MY_TOKEN\", token: None }"),
            ("file:~/t k", "File(TokenFile { path: \"/home/ann/t k\", named_by: \"oidc\" })"),
            (
                "cmd: vault read --field=t x",
                "Command { line: \"vault read --field=t x\", job: Some(\"GITHUB_RUN_ID=17\") }",
            ),
            (" github ", "Github("),
            ("", ""),
            ("GitHub", ""),
            ("github:", ""),
            ("github:a b", ""),
            ("github:b\u{e4}r", ""),
            ("env:", ""),
            ("env:1A", ""),
            ("env:A B", ""),
            ("file:", ""),
            ("cmd: ", ""),
            ("eyJhbGciOi.a.b", ""),
        ] {
            let origin = token_origin(value, TokenOrigin::SETTING, &env);
            let shown = origin.as_ref().map(|origin| format!("{origin:?}")).unwrap_or_default();
            // A home of Unix, on whatever system.
            let shown = shown.replace(r"\\", "/");
            assert!(
                shown.starts_with(expected) && shown.is_empty() == expected.is_empty(),
                "{shown}"
            );
            assert!(origin.is_none_or(|origin| origin.is_of_job()), "{value}");
        }
    }
}
