//! Where profiles lead, by the rules that every command follows.

use super::code::Code;
use super::finding::{Finding, Place, Severity};
use crate::client_settings::{Calls, ClientSettings};
use crate::env::Env;
use crate::profile::{Profile, Profiles, similar_region};
use crate::report::failure::Advise;
use crate::resolve::{
    About, ChainError, Outcome, PlanError, Request, SessionRules, SourceKind, Trace, Warning, plan,
    sso_login, trace,
};

/// Every profile's chain, plan and endpoints, and the logins that no profile has.
pub(crate) fn check_chains(profiles: &Profiles, env: &Env) -> Vec<Finding> {
    let mut found = Vec::new();
    // What the files say, not what variables say instead.
    let names: Vec<String> =
        env.iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect();
    let is_of_aws = |name: &&str| name.starts_with("AWS_") || *name == "REQUESTS_CA_BUNDLE";
    let own = env.without(names.iter().map(String::as_str).filter(is_of_aws));
    for name in profiles.all_names() {
        let profile = match profiles.profile(name) {
            Ok(Some(profile)) => profile,
            Ok(None) => continue,
            Err(error) => {
                let at = error.place();
                found.push(Finding::of_failure(Code::BadInclude, at, &error).of(name));
                continue;
            }
        };
        let walked = trace(profiles, env, &Request::of_profile(name));
        found.extend(find_unused_sources(&profile, &walked));
        found.extend(of_chain(name, walked, env));
        let settings = ClientSettings::derive(None, &own, Some(&profile), profiles, Calls::Any);
        if let Err(error) = settings
            && let Some(code) = Code::of_client_settings(&error)
        {
            let place: Place = error.place().cloned().into();
            let severity = match code {
                Code::BadRegion | Code::BadEndpoint | Code::UnknownServices => Severity::Error,
                _ => Severity::Warning,
            };
            let mut finding = Finding::of_failure(code, place, &error).of(name);
            if code == Code::BadRegion {
                let region = profile.get("region").map_or("", |region| region.value.trim());
                let similar =
                    similar_region(region).map(|region| format!("did you mean {region}?"));
                finding.hint = Some(similar.unwrap_or("correct region in that line".to_owned()));
            }
            found.push(Finding { severity, ..finding });
        }
    }
    found.extend(find_unused_logins(profiles));
    found
}

fn of_chain(name: &str, walked: Trace, env: &Env) -> Vec<Finding> {
    let chain = match walked.result {
        Ok(chain) => chain,
        Err(error) => return of_chain_error(name, &error).into_iter().collect(),
    };
    let warnings = chain.warnings().to_vec();
    let planned = plan(chain, None, SessionRules::default(), ClientSettings::default(), env);
    match planned {
        Ok(plan) => {
            plan.warnings().iter().filter_map(|warning| of_warning(name, warning)).collect()
        }
        Err(error) => {
            let mut found: Vec<Finding> =
                warnings.iter().filter_map(|warning| of_warning(name, warning)).collect();
            let place = match &error {
                PlanError::NoDevice { at, .. } => at.into(),
                _ => Place::Nowhere,
            };
            found.push(Finding::of_failure(Code::of_plan(&error), place, &error).of(name));
            found
        }
    }
}

fn of_chain_error(name: &str, error: &ChainError) -> Option<Finding> {
    let code = Code::of_chain(&error.kind)?;
    let place: Place = error.at.clone().into();
    let finding = Finding::error(code, place, error.kind.to_string()).of(name);
    let hint = error.advice().hint;
    // It is over as all sessions are.
    let severity = if code == Code::EndedSession { Severity::Warning } else { Severity::Error };
    Some(Finding { hint, severity, ..finding })
}

fn of_warning(name: &str, warning: &Warning) -> Option<Finding> {
    let severity = match warning.about {
        // Of quotes all settings are held to have none.
        About::Moment | About::Line(_) | About::Quotes => return None,
        About::Blank | About::Shell | About::Token => Severity::Error,
        About::OtherSource | About::Unit | About::AwsMfa | About::Device | About::Length => {
            Severity::Warning
        }
    };
    let (code, place) = (Code::from(warning.about), Place::from(warning.at.clone()));
    Some(Finding { severity, ..Finding::error(code, place, &*warning.message).of(name) })
}

/// What makes the profile a source too, but gives way to what comes first.
fn find_unused_sources(profile: &Profile, walked: &Trace) -> Vec<Finding> {
    let answer = walked.answer();
    let is_unused = |kind: SourceKind| match kind {
        // A role's own keys are its source, or are warned about.
        SourceKind::CredentialsFile | SourceKind::ConfigFile => {
            answer != Some(SourceKind::AssumeRole) && profile.file_session().is_none()
        }
        SourceKind::StoredKeys | SourceKind::LongTerm => false,
        kind => kind.is_in_profile(),
    };
    let shadowed = walked
        .candidates
        .iter()
        .filter(|candidate| candidate.outcome == Outcome::Shadowed && is_unused(candidate.kind));
    let finding = |at, why: &str| {
        Finding::warning(Code::UnusedSource, at, why)
            .of(profile.name())
            .hint("remove what is not used: not every tool has the same order")
    };
    shadowed.filter_map(|unused| Some(finding(unused.at.as_ref()?, &unused.why))).collect()
}

/// Sessions that lead to no login, of which no profile says so already.
fn find_unused_logins(profiles: &Profiles) -> Vec<Finding> {
    let text = |name| Some(profiles.as_written(name)?.get("sso_session")?.value.trim().to_owned());
    let used: Vec<String> = profiles.names().filter_map(text).collect();
    let unused = profiles.sso_session_names().filter(|name| !used.iter().any(|used| used == name));
    let finding = |error: ChainError| {
        let code = Code::of_chain(&error.kind)?;
        let finding = Finding::warning(code, Place::from(error.at.clone()), error.kind.to_string());
        Some(Finding { hint: error.advice().hint, ..finding })
    };
    unused.filter_map(|name| finding(sso_login(profiles, name).err()?)).collect()
}
