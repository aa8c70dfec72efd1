//! Tokens that are made from credentials.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::guard::Passed;
use super::mint::{clients_of_plan, keys_of_plan};
use super::{App, MayAsk};
use crate::aws::{Presigned, Scope};
use crate::client_settings::is_loopback;
use crate::credentials::{Expiration, Keys, MfaCode, Secret, SessionKey};
use crate::report::Failure;
use crate::resolve::Plan;
use crate::session::mint::origin_key;
use crate::session::whose::holds_of_source;
use crate::token::database::region_of_database;
use crate::token::exec_credential::cluster_token;
use crate::vault::{KeptToken, TokenHeader, session_header};

/// How long a cluster takes a token, less a minute, as the AWS CLI says it.
const EKS_TOKEN: TimeDelta = TimeDelta::minutes(14);
/// How long STS takes its URL: the cluster asks it at once.
const EKS_URL: Duration = Duration::from_secs(60);

/// A token for an EKS cluster, kept or new: the URL of a `GetCallerIdentity` that the cluster calls.
/// <https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster>
pub(crate) fn eks_token(
    app: &App,
    plan: &Passed,
    code: Option<MfaCode>,
    cluster: &str,
    may_ask: MayAsk,
) -> Result<KeptToken, Failure> {
    let kept = find_or_make(app, plan, code, cluster, may_ask)?;
    plan.note(app, None, Some(kept.header.expires_at))?;
    Ok(kept)
}

fn find_or_make(
    app: &App,
    plan: &Passed,
    code: Option<MfaCode>,
    cluster: &str,
    may_ask: MayAsk,
) -> Result<KeptToken, Failure> {
    let settings = plan.settings();
    let key = plan.key_of_kept().map(|signer| {
        SessionKey::builder("eks token")
            .upstream(&signer)
            .field("cluster", cluster)
            .optional("region", settings.region.as_deref())
            .optional("endpoint", settings.sts_endpoint_url.as_deref())
            .field("fips", if settings.use_fips { "true" } else { "false" })
            .field("dualstack", if settings.use_dualstack { "true" } else { "false" })
            .build()
    });
    if let Some(kept) = find(app, plan, key)? {
        return Ok(kept);
    }
    let keys = keys_of_plan(app, plan, code, may_ask)?;
    let (url, region) = clients_of_plan(app, plan).aws.sts_address(plan.last().role_arn)?;
    let now = app.now();
    let url = Presigned {
        url: &url,
        parameters: &[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")],
        header: Some(("x-k8s-aws-id", cluster)),
        scope: Scope { service: "sts", region: &region, at: now },
        lifetime: EKS_URL,
    };
    let token = cluster_token(&url.sign(&keys));
    keep(app, plan, key, &keys, Made { token, at: now, ends: now + EKS_TOKEN, registry: None })
}

/// A database that takes a signed URL for a password.
pub(crate) struct Database<'a> {
    /// The name to sign for
    pub service: &'a str,
    pub host: &'a str,
    /// `https://HOST[:PORT]`, whose scheme no database is told
    pub address: String,
    pub parameters: &'a [(&'a str, &'a str)],
    pub lifetime: Duration,
}

impl<'a> Database<'a> {
    /// `--region`, else the one in its name; that of the plan otherwise.
    pub(crate) fn region(&self, app: &'a App) -> Option<&'a str> {
        app.globals.region.as_deref().or(region_of_database(self.host))
    }
}

/// The password of a database; it is not kept, as no call is needed for it.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html>
pub(crate) fn database_token(
    app: &App,
    plan: &Passed,
    code: Option<MfaCode>,
    database: &Database<'_>,
) -> Result<Secret, Failure> {
    let host = database.host;
    let of_host = region_of_database(host);
    let of_flag = app.globals.region.as_deref();
    if let (Some(named), Some(region)) = (of_flag, of_host)
        && named != region
    {
        let warning = format!("{host} is in {region}, and the password is for {named} (--region)");
        app.out().warning(&warning);
    }
    let region = database.region(app).or_else(|| plan.region()).ok_or_else(|| {
        Failure::usage(format!("the name {host} says no region"), "give --region REGION")
    })?;
    if is_loopback(&database.address) {
        let warning = format!(
            "no database of AWS is called {host}: give the name that it has there, also where a \
             tunnel leads to it"
        );
        app.out().warning(&warning);
    }
    let keys = keys_of_plan(app, plan, code, MayAsk::Person)?;
    let url = Presigned {
        url: &database.address,
        parameters: database.parameters,
        header: None,
        scope: Scope { service: database.service, region, at: app.now() },
        lifetime: database.lifetime,
    };
    let ends =
        app.now().checked_add_signed(TimeDelta::from_std(database.lifetime).unwrap_or_default());
    plan.note(app, None, ends)?;
    Ok(url.sign_without_scheme(&keys))
}

/// The credentials that sign for a repository of CodeCommit, its password, and when that was made.
pub(crate) fn codecommit_password(
    app: &App,
    plan: &Passed,
    code: Option<MfaCode>,
    host: &str,
    path: &str,
    region: &str,
) -> Result<(Keys, Secret, DateTime<Utc>), Failure> {
    let keys = keys_of_plan(app, plan, code, MayAsk::Person)?;
    let scope = Scope { service: "codecommit", region, at: app.now() };
    let password = scope.sign_for_git(&keys, host, &format!("/{path}"));
    plan.note(app, None, keys.expiration().at())?;
    Ok((keys, password, scope.at))
}

/// A token that was just made.
pub(super) struct Made {
    pub token: Secret,
    pub at: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// The host of the registry that it is of
    pub registry: Option<String>,
}

pub(super) fn find(
    app: &App,
    plan: &Plan,
    key: Option<SessionKey>,
) -> Result<Option<KeptToken>, Failure> {
    let Some(key) = key else { return Ok(None) };
    let vault = app.vault()?;
    let signer = plan.key_of_kept().filter(|_| !plan.expectations_of_source().is_empty());
    let signer = signer.and_then(|signer| session_header(vault, &signer));
    // Whoever signs is asked first who that is.
    if !holds_of_source(plan, signer.as_ref().map(|header| &header.of)) {
        return Ok(None);
    }
    let since = plan.rules().refresh.then(|| app.now());
    let kept = KeptToken::find(vault, &key, app.now(), since)?;
    if let Some(kept) = &kept {
        tracing::info!("token: from the cache, until {}", app.until(kept.header.expires_at));
    }
    Ok(kept)
}

/// Keeps the token where the vault knows who made it; it ends with the session that did.
pub(super) fn keep(
    app: &App,
    plan: &Plan,
    key: Option<SessionKey>,
    keys: &Keys,
    made: Made,
) -> Result<KeptToken, Failure> {
    let end_of_session = keys.expiration().at();
    let header = TokenHeader {
        minted_at: made.at,
        expires_at: end_of_session.map_or(made.ends, |end| end.min(made.ends)),
        signer: plan.key_of_kept(),
        login: origin_key(plan),
        profile: plan.profile().map(str::to_owned),
        registry: made.registry,
    };
    let kept = KeptToken { header, token: made.token };
    let says_when = matches!(keys, Keys::LongTerm(_)) || keys.expiration() != Expiration::Unstated;
    if let Some(key) = key.filter(|_| says_when) {
        kept.keep(app.vault()?, &key)?;
    }
    Ok(kept)
}
