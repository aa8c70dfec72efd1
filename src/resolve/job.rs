//! The CI job that awsx runs in, as its variables describe it: what CloudTrail shows of it.

use crate::credentials::JobTag;
use crate::env::Env;

/// A system that runs jobs, and the variables in which it says which one it is.
struct System {
    /// `true` in its jobs
    mark: &'static str,
    /// Repository, run and actor
    name: [&'static str; 3],
    /// The keys of session tags, as `aws-actions/configure-aws-credentials` has them; the last two are the first to
    /// be left out
    tags: [(&'static str, &'static str); 6],
}

/// <https://docs.github.com/actions/reference/workflows-and-actions/variables>,
/// <https://docs.gitlab.com/ci/variables/predefined_variables/>
const SYSTEMS: [System; 2] = [
    System {
        mark: "GITHUB_ACTIONS",
        name: ["GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_ACTOR"],
        tags: [
            ("Repository", "GITHUB_REPOSITORY"),
            ("Workflow", "GITHUB_WORKFLOW"),
            ("Actor", "GITHUB_ACTOR"),
            ("Branch", "GITHUB_REF"),
            ("Commit", "GITHUB_SHA"),
            ("RunId", "GITHUB_RUN_ID"),
        ],
    },
    System {
        mark: "GITLAB_CI",
        name: ["CI_PROJECT_PATH", "CI_PIPELINE_ID", "GITLAB_USER_LOGIN"],
        tags: [
            ("Repository", "CI_PROJECT_PATH"),
            ("Workflow", "CI_PIPELINE_SOURCE"),
            ("Actor", "GITLAB_USER_LOGIN"),
            ("Branch", "CI_COMMIT_REF_NAME"),
            ("Commit", "CI_COMMIT_SHA"),
            ("RunId", "CI_PIPELINE_ID"),
        ],
    },
];

/// What STS takes as the name of a session, at most
const LONGEST_NAME: usize = 64;
/// Of the actor's name; repository and run have the rest
const LONGEST_ACTOR: usize = 24;
/// The value of a tag,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html>
const LONGEST_TAG: usize = 256;

/// The job that awsx runs in.
#[derive(Clone, Copy)]
pub(super) struct Job<'e> {
    system: &'static System,
    env: &'e Env,
}

impl<'e> Job<'e> {
    pub(super) fn of(env: &'e Env) -> Option<Self> {
        let system = SYSTEMS.iter().find(|system| env.flag(system.mark))?;
        Some(Self { system, env })
    }

    /// `REPOSITORY.RUN.ACTOR`, within what STS accepts (`[\w+=,.@-]{2,64}`): of a long one the repository loses its
    /// end. `None` where nothing says any of them.
    pub(super) fn session_name(self) -> Option<String> {
        let [repository, run, mut actor] = self.system.name.map(|variable| {
            let allowed =
                |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
            let text = self.env.get(variable).unwrap_or_default().trim();
            text.chars().map(allowed).collect::<String>()
        });
        actor.truncate(LONGEST_ACTOR);
        let rest: String = [run, actor]
            .into_iter()
            .filter(|part| !part.is_empty())
            .fold(String::new(), |name, part| format!("{name}.{part}"));
        let room = LONGEST_NAME.saturating_sub(rest.len());
        let name: String = repository.chars().take(room).chain(rest.chars()).collect();
        let name: String = name.trim_start_matches('.').chars().take(LONGEST_NAME).collect();
        (name.len() >= 2).then_some(name)
    }

    /// Tags for the roles behind the one that the token opens; what STS takes for none of a value becomes `_`.
    pub(super) fn tags(self) -> Vec<JobTag> {
        let allowed = |c: char| {
            let is_legal = c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
            if is_legal { c } else { '_' }
        };
        let tag = |(index, (key, variable)): (usize, &(&str, &str))| {
            let value = self.env.get(variable)?.trim();
            Some(JobTag {
                key: (*key).to_owned(),
                value: value.chars().map(allowed).take(LONGEST_TAG).collect(),
                is_droppable: index >= 4,
            })
        };
        self.system.tags.iter().enumerate().filter_map(tag).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn github(repository: &str, run: &str, actor: &str) -> Env {
        Env::from_pairs([
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", repository),
            ("GITHUB_RUN_ID", run),
            ("GITHUB_ACTOR", actor),
            ("GITHUB_WORKFLOW", "Build & \u{fc}bung, (main)"),
        ])
    }

    #[test]
    fn a_session_is_named_after_its_job() {
        let long = "organization/".to_owned() + &"r".repeat(90);
        let cut = format!("organization-{}.17.ann", "r".repeat(64 - 13 - 7));
        for (env, expected) in [
            (github("example/app", "4711", "ann"), Some("example-app.4711.ann")),
            (
                github("example/app", "17", "dependabot[bot]"),
                Some("example-app.17.dependabot-bot-"),
            ),
            (github(&long, "17", "ann"), Some(&*cut)),
            (github("", "17", "ann"), Some("17.ann")),
            (github("x", "", &"a".repeat(39)), Some("x.aaaaaaaaaaaaaaaaaaaaaaaa")),
            (github("", "", ""), None),
            (github("x/y", &"1".repeat(99), ""), Some(&*"1".repeat(64))),
            (
                Env::from_pairs([
                    ("GITLAB_CI", "true"),
                    ("CI_PROJECT_PATH", "group/sub/app"),
                    ("CI_PIPELINE_ID", "9"),
                    ("GITLAB_USER_LOGIN", "ann"),
                ]),
                Some("group-sub-app.9.ann"),
            ),
        ] {
            let name = Job::of(&env).unwrap().session_name();
            assert_eq!(name.as_deref(), expected);
            assert!(name.is_none_or(|name| crate::resolve::check_session_name(&name).is_ok()));
        }
        assert!(Job::of(&Env::from_pairs([("GITHUB_REPOSITORY", "a/b")])).is_none());
    }

    #[test]
    fn tags_have_what_aws_takes() {
        let env = github("example/app", "17", "dependabot[bot]");
        let tags = Job::of(&env).unwrap().tags();
        let shown: Vec<_> =
            tags.iter().map(|tag| (&*tag.key, &*tag.value, tag.is_droppable)).collect();
        assert_eq!(
            shown,
            [
                ("Repository", "example/app", false),
                ("Workflow", "Build _ \u{fc}bung_ _main_", false),
                ("Actor", "dependabot_bot_", false),
                ("RunId", "17", true),
            ]
        );
        let long = github(&"r".repeat(300), "17", "a");
        assert_eq!(Job::of(&long).unwrap().tags()[0].value.len(), 256);
    }
}
