use std::ffi::OsString;

use super::super::peers;
use super::*;

/// The line of awsx, what else goes with it, or why not.
fn outcome(line: &str, variables: &[(&str, &str)]) -> String {
    let words: Vec<OsString> = line.split(' ').map(|word| word.replace('_', " ").into()).collect();
    let peer = peers::find(words[0].to_str().unwrap()).unwrap();
    let env = Env::from_pairs(variables.iter().copied().chain([("HOME", "/home/ann")]));
    match translate(peer, &words[1..], &env) {
        Ok(Outcome::Page(_)) => "page".to_owned(),
        Ok(Outcome::Line(Translated { line, child, notices, by_profile })) => {
            let line: Vec<_> = line.iter().map(|word| word.to_string_lossy()).collect();
            let mut text = line.join(" ");
            child.iter().for_each(|(name, value)| text += &format!(" | {name}={value}"));
            notices.iter().for_each(|notice| text += &format!(" | said {notice}"));
            if let Some(by) = by_profile {
                let of = [by.of_role, by.of_keys].map(Option::unwrap_or_default);
                text += &format!(" | {}: {}", by.profile, of.join(" or "));
                by.device.iter().for_each(|(who, device)| text += &format!(", {who} {device}"));
            }
            text
        }
        Err(Refusal { message, hint }) => format!("refused: {message}; {hint}"),
    }
}

/// Lines as scripts have them, and a variable that is set; `_` in a word is a blank.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);

fn check(cases: &[Case]) {
    for (line, variables, expected) in cases {
        let made = outcome(line, variables);
        match expected.strip_prefix("refused: ") {
            Some(words) => assert!(
                made.starts_with("refused: ") && made.contains(words),
                "{line}: {words:?} is not in {made:?}"
            ),
            None => assert_eq!(made, *expected, "{line}"),
        }
    }
}

#[test]
fn lines_of_aws_vault() {
    check(&[
        ("aws-vault exec prod -- env", &[], "exec --profile=prod -- env | AWS_VAULT=prod"),
        ("aws-vault exec prod env", &[], "exec --profile=prod -- env | AWS_VAULT=prod"),
        ("aws-vault exec prod", &[], "exec --profile=prod | AWS_VAULT=prod"),
        (
            "aws-vault exec prod --no-session -- aws s3 ls --recursive",
            &[],
            "exec --no-session --profile=prod -- aws s3 ls --recursive | AWS_VAULT=prod",
        ),
        (
            "aws-vault exec -n dev -- true",
            &[],
            "exec --no-session --profile=dev -- true | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec -d 1h dev -- x",
            &[],
            "exec --duration=1h --profile=dev -- x | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec -d1h dev -- x",
            &[],
            "exec --duration=1h --profile=dev -- x | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec -nd 1h dev -- x",
            &[],
            "exec --no-session --duration=1h --profile=dev -- x | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec dev --duration=1h -- x",
            &[],
            "exec --duration=1h --profile=dev -- x | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec -t 123456 prod -- x",
            &[],
            "exec --mfa-code=123456 --profile=prod -- x | AWS_VAULT=prod",
        ),
        (
            "aws-vault exec --mfa-token=123456 prod -- x",
            &[],
            "exec --mfa-code=123456 --profile=prod -- x | AWS_VAULT=prod",
        ),
        ("aws-vault exec -s prod -- x", &[], "exec --server --profile=prod -- x | AWS_VAULT=prod"),
        (
            "aws-vault exec --ecs-server prod -- x",
            &[],
            "exec --server --profile=prod -- x | AWS_VAULT=prod",
        ),
        (
            "aws-vault exec --region us-east-1 prod -- x",
            &[],
            "exec --region=us-east-1 --profile=prod -- x | AWS_VAULT=prod",
        ),
        ("aws-vault exec prod --json", &[], "credential-process --profile=prod"),
        ("aws-vault exec -j prod", &[], "credential-process --profile=prod"),
        ("aws-vault --debug exec prod -- x", &[], "exec -v --profile=prod -- x | AWS_VAULT=prod"),
        (
            "aws-vault --prompt=terminal exec prod -- x",
            &[],
            "exec --profile=prod -- x | AWS_VAULT=prod",
        ),
        (
            "aws-vault --backend file exec prod -- x",
            &[],
            "exec --profile=prod -- x | AWS_VAULT=prod | said --backend: awsx keeps access keys in its own vault, see `awsx vault status`",
        ),
        (
            "aws-vault exec --server --lazy prod -- x",
            &[],
            "exec --server --profile=prod -- x | AWS_VAULT=prod | said --lazy: the credentials are made before the command starts",
        ),
        ("aws-vault exec", &[("AWS_PROFILE", "dev")], "exec --profile=dev | AWS_VAULT=dev"),
        ("aws-vault exec -- x", &[("AWS_PROFILE", "dev")], "exec --profile=x | AWS_VAULT=x"),
        (
            "aws-vault exec dev -- x",
            &[("AWS_VAULT_DURATION", "2h")],
            "exec --duration=2h --profile=dev -- x | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec dev -- x",
            &[("AWS_MIN_TTL", "10m")],
            "exec --min-ttl=10m --profile=dev -- x | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec dev -- x",
            &[("AWS_ASSUME_ROLE_TTL", "2h")],
            "exec --profile=dev -- x | AWS_VAULT=dev | dev: 2h or ",
        ),
        (
            "aws-vault exec dev -- x",
            &[("AWS_SESSION_TOKEN_TTL", "12h")],
            "exec --profile=dev -- x | AWS_VAULT=dev | dev:  or 12h",
        ),
        (
            "aws-vault exec -d 1h dev -- x",
            &[("AWS_SESSION_TOKEN_TTL", "12h")],
            "exec --duration=1h --profile=dev -- x | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec dev -- x",
            &[("AWS_SESSION_TAGS", "a=1, b=2")],
            "exec --tag=a=1 --tag=b=2 --profile=dev -- x | AWS_VAULT=dev",
        ),
        (
            "aws-vault exec dev -- x",
            &[("AWS_MFA_SERIAL", "arn:1")],
            "exec --profile=dev -- x | AWS_VAULT=dev | dev:  or , AWS_MFA_SERIAL arn:1",
        ),
        ("aws-vault exec dev -- x", &[("AWS_ROLE_ARN", "arn:1")], "refused: AWS_ROLE_ARN is set"),
        (
            "aws-vault exec dev -- x",
            &[("AWS_VAULT_PROFILE_ENV", "true")],
            "refused: AWS_VAULT_PROFILE_ENV is set",
        ),
        ("aws-vault exec", &[], "refused: aws-vault exec: no profile is named"),
        (
            "aws-vault exec --ec2-server prod",
            &[],
            "refused: --ec2-server: awsx serves no instance metadata for one command; `awsx serve --imds prod`",
        ),
        (
            "aws-vault exec --stdout prod",
            &[],
            "refused: `awsx login --no-browser prod` logs in first",
        ),
        (
            "aws-vault --prompt ykman exec prod",
            &[],
            "refused: --prompt ykman: awsx asks at the terminal alone; `awsx mfa add prod`",
        ),
        ("aws-vault exec -s -n prod", &[], "refused: a server hands out sessions"),
        ("aws-vault exec prod aws s3 ls --recursive", &[], "refused: put -- before it"),
        ("aws-vault exec prod grep -n x", &[], "refused: -n stands behind the command"),
        (
            "aws-vault exec --nonsense=planted prod",
            &[],
            "refused: aws-vault exec has no flag --nonsense that awsx knows",
        ),
        ("aws-vault exec prod -d", &[], "refused: -d needs a value"),
        ("aws-vault exec prod --server=yes", &[], "refused: --server takes no value"),
        ("aws-vault export prod", &[], "env --profile=prod --format=aws-vault:env"),
        ("aws-vault export --format=env prod", &[], "env --profile=prod --format=aws-vault:env"),
        (
            "aws-vault export --format=export-env prod",
            &[],
            "env --profile=prod --format=aws-vault:export-env",
        ),
        ("aws-vault export prod --format json", &[], "credential-process --profile=prod"),
        (
            "aws-vault export --format ini -n prod",
            &[],
            "env --no-session --profile=prod --format=ini",
        ),
        (
            "aws-vault export --format yaml prod",
            &[],
            "refused: --format yaml is no format of aws-vault",
        ),
        ("aws-vault export prod dev", &[], "refused: aws-vault export has a word too many"),
        ("aws-vault login -s prod", &[], "console --print --profile=prod"),
        ("aws-vault login prod --stdout", &[], "console --print --profile=prod"),
        ("aws-vault login", &[("AWS_PROFILE", "dev")], "console --profile=dev"),
        ("aws-vault login", &[], "console"),
        (
            "aws-vault login prod --path ec2/home -d 1h -a",
            &[],
            "console --path=ec2/home --duration=1h --logout --profile=prod",
        ),
        ("aws-vault login prod", &[("AWS_VAULT_STDOUT", "true")], "console --print --profile=prod"),
        ("aws-vault list", &[], "profiles --aws-vault=all"),
        ("aws-vault ls --profiles", &[], "profiles --aws-vault=profiles"),
        ("aws-vault list --credentials", &[], "profiles --aws-vault=credentials"),
        ("aws-vault list --sessions", &[], "profiles --aws-vault=sessions"),
        ("aws-vault add dev", &[], "keys add -- dev"),
        ("aws-vault add dev --env", &[], "keys add --env -- dev"),
        ("aws-vault add --no-add-config dev", &[], "keys add -- dev"),
        ("aws-vault add", &[], "refused: no profile is named"),
        ("aws-vault remove -f dev", &[], "keys remove --yes -- dev"),
        ("aws-vault rm dev --sessions-only", &[], "sessions clear -- dev"),
        ("aws-vault rotate -n dev", &[], "keys rotate -- dev"),
        (
            "aws-vault clear",
            &[],
            "sessions clear --all | said logins stay; `awsx logout --all` ends them",
        ),
        ("aws-vault clear dev", &[], "sessions clear -- dev"),
        ("aws-vault --version", &[], "--version"),
        ("aws-vault version", &[], "--version"),
        ("aws-vault", &[], "page"),
        ("aws-vault --help", &[], "page"),
        ("aws-vault exec --help", &[], "page"),
        (
            "aws-vault exec prod -- x --help",
            &[],
            "exec --profile=prod -- x --help | AWS_VAULT=prod",
        ),
        (
            "aws-vault shell prod",
            &[],
            "refused: aws-vault has no command \"shell\" that awsx knows",
        ),
        ("aws-vault --debug", &[], "refused: no command is named"),
        (
            "aws-vault migrate-backend",
            &[],
            "refused: awsx does nothing for aws-vault migrate-backend",
        ),
    ]);
}

#[test]
fn lines_of_assume() {
    check(&[
        ("assume prod --exec -- aws s3 ls", &[], "exec --profile=prod -- aws s3 ls"),
        ("assume --exec -- x", &[], "refused: no profile is named"),
        ("assume prod --exec aws_s3_ls", &[], "exec --profile=prod -- aws s3 ls"),
        (
            "assume prod -r ue1 --exec -- x --region y",
            &[],
            "exec --region=us-east-1 --profile=prod -- x --region y",
        ),
        ("assume prod -d 2h --exec -- x", &[], "exec --duration=2h --profile=prod -- x"),
        ("assume --no-cache prod --exec -- x", &[], "exec --refresh --profile=prod -- x"),
        (
            "assume prod --exec -- x",
            &[("GRANTED_NO_CACHE", "true")],
            "exec --refresh --profile=prod -- x",
        ),
        (
            "assume prod --exec -- x",
            &[("GRANTED_QUIET", "true")],
            "exec --quiet --profile=prod -- x",
        ),
        ("assume prod --chain arn:1 --exec -- x", &[], "exec --role-arn=arn:1 --profile=prod -- x"),
        ("assume prod -c", &[], "console --profile=prod"),
        (
            "assume -c prod -s ec2 -r eu-west-1",
            &[],
            "console --service=ec2 --profile=prod --region=eu-west-1",
        ),
        ("assume prod -u", &[], "console --print --profile=prod"),
        (
            "assume prod -cd https://console.aws.amazon.com/x",
            &[],
            "console --url=https://console.aws.amazon.com/x --profile=prod",
        ),
        ("assume -ar", &[("AWS_PROFILE", "dev")], "console --profile=dev"),
        ("assume -ar", &[], "console"),
        ("assume -ex prod", &[], "sessions write -- prod"),
        ("assume prod", &[], "refused: `awsx use prod` does it"),
        ("assume", &[], "refused: `awsx use` does it"),
        ("assume -un", &[], "refused: `awsx use --none` changes it"),
        ("assume prod -c -t", &[], "refused: -t: the shell that calls it"),
        ("assume prod -e", &[], "refused: `awsx env prod --format dotenv` prints them"),
        ("assume -c", &[], "refused: no profile is named"),
        ("assume prod -r x1 -c", &[], "refused: --region x1 is no short name"),
        ("assume --sso --account-id 1 -c", &[], "refused: awsx names a login by its [sso-session]"),
        ("assume prod -c --exec -- x", &[], "refused: three things"),
        ("assume prod -- x", &[], "refused: no --exec"),
        ("assume prod dev -c", &[], "refused: more than one word for the profile"),
        ("assume --version", &[], "--version"),
    ]);
}

#[test]
fn lines_of_aws_mfa() {
    check(&[
        ("aws-mfa", &[], "sessions write -- default | default: 3600 or 43200"),
        ("aws-mfa --profile x", &[], "sessions write -- x | x: 3600 or 43200"),
        ("aws-mfa", &[("AWS_PROFILE", "x")], "sessions write -- x | x: 3600 or 43200"),
        (
            "aws-mfa --profile x --duration 3600 --force",
            &[],
            "sessions write --refresh --duration=3600 -- x | x:  or ",
        ),
        ("aws-mfa --prof x --dur 900", &[], "sessions write --duration=900 -- x | x:  or "),
        (
            "aws-mfa --profile x --token 123456",
            &[],
            "sessions write --mfa-code=123456 -- x | x: 3600 or 43200",
        ),
        (
            "aws-mfa --profile x",
            &[("MFA_STS_DURATION", "1800")],
            "sessions write --duration=1800 -- x | x:  or ",
        ),
        (
            "aws-mfa --profile x --device arn:1",
            &[],
            "sessions write -- x | x: 3600 or 43200, --device arn:1",
        ),
        (
            "aws-mfa --profile x",
            &[("MFA_DEVICE", "arn:1")],
            "sessions write -- x | x: 3600 or 43200, MFA_DEVICE arn:1",
        ),
        (
            "aws-mfa --profile x --long-term-suffix none --short-term-suffix s",
            &[],
            "sessions write --as=x-s -- x | x: 3600 or 43200",
        ),
        (
            "aws-mfa --profile x --long-suffix keys",
            &[],
            "sessions write --as=x -- x-keys | x-keys: 3600 or 43200",
        ),
        (
            "aws-mfa --profile x --assume-role arn:2 --short-suffix s --role-session-name me",
            &[],
            "sessions write --session-name=me --role-arn=arn:2 --duration=3600 --as=x-s -- x | x:  or ",
        ),
        ("aws-mfa --profile x --assume-role arn:2", &[], "refused: --role-arn arn:2 --as x-role"),
        ("aws-mfa --setup", &[], "refused: `awsx keys add default` asks for one"),
        ("aws-mfa --log-level ERROR", &[], "sessions write -q -- default | default: 3600 or 43200"),
        ("aws-mfa x", &[], "refused: aws-mfa has a word too many"),
        ("aws-mfa --help", &[], "page"),
    ]);
}

#[test]
fn lines_of_aws2_wrap() {
    let shell = if cfg!(windows) { "cmd /C" } else { "sh -c" };
    let through_shell = format!("exec --profile=x -- {shell} terraform plan");
    assert_eq!(outcome("aws2-wrap --profile x --exec terraform_plan", &[]), through_shell);
    #[cfg(unix)]
    assert_eq!(
        outcome("aws2-wrap --profile x --export", &[]),
        "env --profile=x --format=aws2-wrap:export"
    );
    check(&[
        ("aws2-wrap --profile x terraform plan", &[], "exec --profile=x -- terraform plan"),
        (
            "aws2-wrap --profile x terraform --profile y -v",
            &[],
            "exec --profile=x -- terraform --profile y -v",
        ),
        ("aws2-wrap --profile x -- terraform plan", &[], "exec --profile=x -- terraform plan"),
        ("aws2-wrap terraform plan", &[("AWS_PROFILE", "x")], "exec --profile=x -- terraform plan"),
        (
            "aws2-wrap terraform plan",
            &[("AWS_DEFAULT_PROFILE", "x")],
            "exec --profile=x -- terraform plan",
        ),
        ("aws2-wrap terraform --help", &[], "exec --profile=default -- terraform --help"),
        ("aws2-wrap --process --profile x", &[], "credential-process --profile=x"),
        ("aws2-wrap --generate --profile x --outprofile y", &[], "sessions write --as=y -- x"),
        (
            "aws2-wrap --generate --profile x --credentialsfile ~/.aws/credentials",
            &[],
            "sessions write --as=default -- x",
        ),
        (
            "aws2-wrap --generate --profile x --credentialsfile /f",
            &[],
            "refused: the variable AWS_SHARED_CREDENTIALS_FILE",
        ),
        (
            "aws2-wrap --generate --configfile /f",
            &[("AWS_CONFIG_FILE", "/f")],
            "sessions write --as=default -- default",
        ),
        (
            "aws2-wrap --generatestdout --profile x --outprofile x",
            &[],
            "env --profile=x --format=ini",
        ),
        (
            "aws2-wrap --generatestdout --profile x",
            &[],
            "refused: `awsx env x --format ini` prints it",
        ),
        ("aws2-wrap --profile x", &[], "refused: no command is named"),
        ("aws2-wrap --export --process", &[], "refused: exclude each other"),
        ("aws2-wrap --version", &[], "--version"),
        ("aws2-wrap --help", &[], "page"),
    ]);
}
