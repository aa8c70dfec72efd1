//! What the flags ask for, as a request.

use std::path::Path;

use super::flags::{SessionFlags, SsoRole};
use super::role_choice::RoleChoice;
use super::saml_flags::{assertion_source, role_by_saml};
use crate::app::organization::{account_id, accounts_of_login};
use crate::app::scope::read_policy_file;
use crate::app::{App, MayAsk};
use crate::credentials::{GetRoleCredentials, SessionContext, TokenOrigin};
use crate::report::failure::{Failure, word};
use crate::resolve::{
    NO_ORIGIN, Request, ScopeText, ScopeWords, Selection, sso_login, token_origin,
};

/// The request for a profile, or for the role that `--sso` names. Reads the policy's file; looks the
/// account up at AWS where it is named and not known yet.
pub(super) fn request(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
    may_ask: MayAsk,
) -> Result<Request, Failure> {
    flags.ask_of_files(app, profile);
    let (mut role_arn, mut assertion) = (flags.role_arn.clone(), assertion_source(app, flags)?);
    let of_flags = match oidc_role(app, flags, profile)? {
        Some(role) => {
            role_arn = None;
            Some(role)
        }
        None => sso_role(app, flags, profile, may_ask)?.map(Selection::SsoRole),
    };
    let selection = match (of_flags, profile, assertion.take()) {
        (Some(role), ..) => role,
        (None, Some(profile), given) => {
            assertion = given;
            Selection::of_profile(profile)
        }
        (None, None, Some(source)) => {
            role_arn = None;
            Selection::RoleBySaml(role_by_saml(app, flags, source, may_ask)?)
        }
        (None, None, None) => Selection::of_environment(&app.env),
    };
    if flags.principal_arn().is_some() && !matches!(selection, Selection::RoleBySaml(_)) {
        return Err(Failure::usage(
            "--principal-arn is for an assertion of the command line, without a profile".to_owned(),
            "add --saml-assertion FILE, or write principal_arn into the profile",
        ));
    }
    Ok(Request {
        selection,
        role_arn,
        assertion,
        session_name: flags.session_name.clone(),
        external_id: flags.external_id.clone(),
        context: SessionContext {
            policy: flags.policy.as_deref().map(policy_text).transpose()?,
            policy_arns: flags.policy_arn.clone(),
            tags: flags.tag.clone(),
            transitive_tag_keys: flags.transitive_tag.clone(),
            source_identity: flags.source_identity.clone(),
        },
        scope: ScopeWords {
            of_agents: None,
            scope: flags.scope.clone().map(|text| ScopeText { text, at: None }).or_else(|| {
                let (text, at) = app.directory.as_ref()?.scope.clone()?;
                Some(ScopeText { text, at: Some(at) })
            }),
            lasting: flags.scope_for,
            note: flags.scope_note.clone(),
        },
        allowed_accounts: flags.allowed_account.clone(),
    })
}

/// The same awsx where the directory chooses, as nothing on the command line says whose credentials to take.
pub(super) fn in_directory(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
) -> Result<Option<App>, Failure> {
    match profile.is_none() && !flags.names_whose() {
        true => app.in_directory(),
        false => Ok(None),
    }
}

/// The role of `--role-arn`, if the token of `--oidc` opens it.
fn oidc_role(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
) -> Result<Option<Selection>, Failure> {
    let (Some(oidc), Some(role_arn)) = (&flags.oidc, &flags.role_arn) else { return Ok(None) };
    if profile.is_some() {
        return Err(Failure::usage(
            "both a profile and --oidc are named".to_owned(),
            "leave one of them out; a profile says it with `oidc = …` beside role_arn",
        ));
    }
    // What is no origin may be a token.
    let origin = token_origin(oidc, TokenOrigin::FLAG, &app.env).ok_or_else(|| {
        Failure::usage(format!("--oidc {NO_ORIGIN}"), "in a job of GitHub Actions: --oidc github")
    })?;
    Ok(Some(Selection::Oidc { origin, role_arn: role_arn.clone() }))
}

fn sso_role(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
    may_ask: MayAsk,
) -> Result<Option<GetRoleCredentials>, Failure> {
    let Some(named) = flags.sso_role() else { return Ok(None) };
    if profile.is_some() {
        return Err(Failure::usage(
            "both a profile and --sso are named".to_owned(),
            "leave one of them out",
        ));
    }
    let login = match sso_login(app.profiles_in_reach()?, named.session) {
        Ok(login) => login,
        Err(_) => sso_login(app.profiles()?, named.session)?,
    };
    let is_whole = named.account.is_some() && named.role.is_some();
    if !is_whole && (may_ask != MayAsk::Person || app.person().terminal().is_err()) {
        return Err(Failure::usage(
            "--sso needs --account and --role too, where nobody can pick them".to_owned(),
            &format!("`awsx sso roles {}` lists them", word(named.session)),
        ));
    }
    let choice = RoleChoice { app, login: &login, command: &format!("awsx exec {named}") };
    let account_id = match named.account {
        Some(id) if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) => id.to_owned(),
        Some(name) => account_id(app, &login, name, may_ask)?,
        None => {
            let settings = app.own_settings()?;
            let accounts = accounts_of_login(app, &settings, &login, choice.command)?;
            choice.account(accounts, None)?.account_id
        }
    };
    let role_name = match named.role {
        Some(role) => role.to_owned(),
        None => choice.role(&account_id, None)?,
    };
    if !is_whole {
        let (account, role) = (Some(&*account_id), Some(&*role_name));
        let whole = SsoRole { account, role, ..named };
        app.out().notice(&format!("`{whole}` says the same without a question"));
    }
    Ok(Some(GetRoleCredentials { login, account_id, role_name }))
}

pub(super) fn policy_text(given: &str) -> Result<String, Failure> {
    let text = if given.trim_start().starts_with('{') {
        given.to_owned()
    } else {
        read_policy_file(Path::new(given)).map_err(|problem| {
            Failure::usage(
                format!("--policy: {given} {problem}"),
                "give a file that holds a JSON policy, or the JSON itself",
            )
        })?
    };
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::usage(
            format!("--policy is not JSON: {error}"),
            "see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session",
        )),
    }
}
