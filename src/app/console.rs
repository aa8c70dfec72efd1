//! A browser is signed in to AWS's console with a profile's credentials.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::guard::{Consent, Handover, Passed, Yields, pass};
use super::mint::{keys_of_plan, settings_for};
use super::plan::{plan_of_chain, trace};
use super::scope::find_scope;
use super::sts::ask;
use super::{App, MayAsk};
use crate::aws::{Aws, ConsoleSite};
use crate::client_settings::Calls;
use crate::console::{BOUNDS, Destination, Length, Place, check_url, length};
use crate::credentials::arn::{home_region, partition_of_region};
use crate::credentials::{ConsoleForm, Keys, MfaCode, Secret, SessionCredentials, StsCall};
use crate::guard::Whose;
use crate::ports::CallError;
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::resolve::{
    ALL, Allowed, PlanError, Purpose, Request, ScopeText, SessionRules, default_session_name,
};
use crate::text::Colour;

/// `DurationSeconds` of `sts:GetFederationToken`
const FEDERATION_BOUNDS: (Duration, Duration) =
    (Duration::from_secs(900), Duration::from_secs(129_600));
/// How long a federation token lasts that nobody says more about: AWS's default.
const FEDERATION_USUAL: Duration = Duration::from_secs(43_200);
/// The longest `Name` of a federated user
const LONGEST_NAME: usize = 32;

/// Whose console, which page of it, and for how long.
pub(crate) struct Wish<'a> {
    pub request: Request,
    /// `--refresh`
    pub refresh: bool,
    /// `--mfa-code`
    pub code: Option<MfaCode>,
    pub consent: Consent,
    /// `--duration`
    pub lasting: Option<Duration>,
    pub destination: &'a Destination,
    /// `--logout`
    pub signs_out_first: bool,
}

/// What signs a browser in.
pub(crate) struct SignIn {
    pub form: ConsoleForm,
    /// The profile, or the role that the command line names
    pub profile: String,
    /// `ReadOnly in 111111111111`
    pub whose: String,
    /// In which the profile's name is shown
    pub colour: Option<Colour>,
    /// When the console signs out by itself; none where nobody says when the credentials end
    pub ends: Option<DateTime<Utc>>,
}

impl App {
    /// Whose console it is, and until when, for people.
    pub(super) fn describe_sign_in(&self, signed_in: &SignIn) -> String {
        let SignIn { profile, whose, ends, .. } = signed_in;
        let until = ends.map(|end| format!(" until {}", self.until(end))).unwrap_or_default();
        format!("the console of {profile}: {whose}{until}")
    }
}

/// Gets what signs a browser in, with the credentials that are asked for.
pub(crate) fn sign_in(app: &App, wish: Wish<'_>) -> Result<SignIn, Failure> {
    let rules = SessionRules { refresh: wish.refresh, is_scoped: true, ..SessionRules::default() };
    let chain = trace(app, &wish.request)?.result.ok();
    match chain {
        Some(chain) if chain.leads_to_user() => sign_user_in(app, wish, chain.scope().cloned()),
        chain => {
            let plan = chain.and_then(|chain| plan_of_chain(app, chain, rules).ok());
            let is_own = plan.as_ref().is_some_and(|plan| matches!(length(plan), Length::Own(_)));
            let duration = wish.lasting.filter(|_| !is_own);
            // The console ends with a session that awsx makes: no kept one will do that is half over.
            let made = plan.filter(|plan| !is_own && !plan.rest().is_empty());
            let whole = made.and_then(|plan| plan.last().duration);
            let min_ttl = whole.map(|whole| duration.unwrap_or(whole).min(whole) / 2);
            let rules = SessionRules { min_ttl, ..rules };
            sign_session_in(app, wish, SessionRules { duration, ..rules })
        }
    }
}

/// A session signs the browser in itself.
fn sign_session_in(app: &App, wish: Wish<'_>, rules: SessionRules) -> Result<SignIn, Failure> {
    let plan = pass(app, &wish.request, rules, &gate(&wish, Yields::Session))?;
    let decides = length(&plan);
    if let (Length::Own(_), Some(asked)) = (decides, wish.lasting) {
        check_bounds(asked, BOUNDS, "a session of the console")?;
    }
    let console = Console::of(app, &plan, &wish)?;
    let session = match keys_of_plan(app, &plan, wish.code, MayAsk::Person)? {
        Keys::Session(session) if session.session_token.is_some() => session,
        Keys::Session(_) | Keys::LongTerm(_) => return Err(not_a_session(&plan)),
    };
    let now = app.now();
    let left = session.expiration.at().and_then(|end| (end - now).to_std().ok());
    let lasting = match (decides, wish.lasting) {
        (Length::Own(usual), None) => Some(usual.max(left.unwrap_or_default()).min(BOUNDS.1)),
        (Length::Own(_), asked) => asked,
        (Length::OfCredentials(why), asked) => {
            if asked.is_some() {
                tracing::info!("the console signs out with the session: {why}");
            }
            None
        }
    };
    let (token, lasting) = match console.token(&session, lasting) {
        // It need not last longer than the session where nobody asks for that.
        Err(CallError::Refused { .. }) if lasting.is_some() && wish.lasting.is_none() => {
            (console.token(&session, None)?, None)
        }
        token => (token?, lasting),
    };
    let ends = lasting.map(|lasting| now + TimeDelta::from_std(lasting).unwrap_or_default());
    let ends = ends.or(session.expiration.at());
    let identity = plan.identity_of(&Whose::Result);
    let account = identity.as_ref().map(|identity| identity.account.clone());
    let account = account.or(session.account_id.clone());
    plan.note(app, account.as_deref(), ends)?;
    let role = identity.as_ref().and_then(|identity| identity.role_name());
    let whose = match (role, &account) {
        (Some(role), Some(account)) => format!("{role} in {account}"),
        (None, Some(account)) => format!("account {account}"),
        (_, None) => "whoever these credentials are".to_owned(),
    };
    console.show(&plan, token, Shown { whose, account: account.as_deref(), ends })
}

/// A federation token signs the browser in, for the access keys of a user.
fn sign_user_in(app: &App, wish: Wish<'_>, scope: Option<ScopeText>) -> Result<SignIn, Failure> {
    const CALL: &str = "sts:GetFederationToken";
    let lasting = wish.lasting.unwrap_or(FEDERATION_USUAL);
    check_bounds(lasting, FEDERATION_BOUNDS, CALL)?;
    // AWS takes it of the keys themselves alone.
    let purpose = Purpose::Sign;
    let rules = SessionRules { refresh: wish.refresh, purpose, ..SessionRules::default() };
    let scope = scope.map(|said| find_scope(app, &said)).transpose()?;
    let plan = pass(app, &wish.request, rules, &gate(&wish, Yields::Call(CALL)))?;
    let console = Console::of(app, &plan, &wish)?;
    let name: String = default_session_name(&app.env).chars().take(LONGEST_NAME).collect();
    let (policy, said) = match scope {
        None => {
            (("Policy", ALL.to_owned()), "whose policy allows all that the user may".to_owned())
        }
        Some(scope) => {
            let said = format!("whose policy is scope {}, of what the user may", scope.name);
            let parameter = match scope.allowed {
                Allowed::Policy(policy) => ("Policy", policy),
                Allowed::ReadOnly => ("PolicyArns.member.1.arn", console.read_only()),
            };
            (parameter, said)
        }
    };
    app.out().notice(&format!("AWS signs no access keys in: a federation token does, {said}"));
    let parameters = [("Name", name), ("DurationSeconds", lasting.as_secs().to_string()), policy];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), Secret::new(value)));
    let call = StsCall { name: CALL, parameters: parameters.into(), arn: None };
    let answer = ask(app, &plan, wish.code, &call, None, None)?;
    let session = answer.session.ok_or_else(|| not_a_session(&plan))?;
    let token = console.token(&session, None)?;
    let account = session.account_id.clone();
    let of_account = account.as_ref().map(|account| format!(" in {account}")).unwrap_or_default();
    let whose = format!("a user's access keys{of_account}");
    let ends = session.expiration.at();
    console.show(&plan, token, Shown { whose, account: account.as_deref(), ends })
}

fn gate(wish: &Wish<'_>, yields: Yields) -> Handover {
    let region = wish.destination.region().map(str::to_owned);
    let to_do = "sign a browser in to the console";
    Handover { yields, region, ..Handover::new("console", to_do, wish.consent.clone()) }
}

fn check_bounds(
    asked: Duration,
    (least, most): (Duration, Duration),
    call: &'static str,
) -> Result<(), Failure> {
    match asked < least || asked > most {
        true => Err(PlanError::Duration { asked, least, most, call }.into()),
        false => Ok(()),
    }
}

/// What hands over access keys says so only when it is asked.
fn not_a_session(plan: &Passed) -> Failure {
    let explain = plan.profile().map(|name| format!(" {}", word(name))).unwrap_or_default();
    Failure::say(
        "AWS signs sessions in, and these credentials are access keys of a user".to_owned(),
        Kind::Config.with(format!(
            "name a profile whose role_arn is a role; `awsx explain{explain}` shows where these come from"
        )),
    )
}

/// The console of a plan's credentials.
struct Console<'a> {
    app: &'a App,
    aws: Aws,
    site: ConsoleSite,
    region: String,
    destination: &'a Destination,
    signs_out_first: bool,
}

/// What is told of it.
struct Shown<'a> {
    whose: String,
    account: Option<&'a str>,
    ends: Option<DateTime<Utc>>,
}

impl<'a> Console<'a> {
    fn of(app: &'a App, plan: &Passed, wish: &Wish<'a>) -> Result<Self, Failure> {
        let Wish { destination, signs_out_first, .. } = *wish;
        let settings = settings_for(app, plan, Calls::SignIn)?;
        settings.warn_of_clear_text().iter().for_each(|warning| app.out().warning(warning));
        let of_partition = match destination {
            Destination::Arn(arn) => Some(&**arn),
            _ => plan.last_before_scope().role_arn,
        };
        let region = destination.region().or(settings.region.as_deref());
        let region = region.unwrap_or_else(|| home_region(of_partition)).to_owned();
        let aws = app.clients(&settings).aws;
        let site = aws.console_site(&region)?;
        if let Destination::Url(url) = destination {
            check_url(url, &site.console).map_err(|problem| {
                let hint = format!("the console is at {}; --path PATH is below it", site.console);
                Failure::usage(format!("--url: it {problem}"), &hint)
            })?;
        }
        Ok(Self { app, aws, site, region, destination, signs_out_first })
    }

    fn token(
        &self,
        session: &SessionCredentials,
        lasting: Option<Duration>,
    ) -> Result<Secret, CallError> {
        self.aws.signin_token(&self.site, session, lasting)
    }

    /// AWS's own policy of what reads.
    fn read_only(&self) -> String {
        let partition = partition_of_region(&self.region);
        format!("arn:{partition}:iam::aws:policy/ReadOnlyAccess")
    }

    fn show(self, plan: &Passed, token: Secret, shown: Shown<'_>) -> Result<SignIn, Failure> {
        let Self { app, site, region, destination, signs_out_first, .. } = self;
        let Shown { whose, account, ends } = shown;
        if let (Some(named), Some(account)) = (destination.account(), account)
            && named != account
        {
            let warning =
                format!("the resource is of account {named}, and the console is {account}'s");
            app.out().warning(&warning);
        }
        let place = Place { origin: &site.console, region: &region, account };
        let destination = destination.url(place);
        let sign_out = signs_out_first.then_some(site.sign_out);
        let form = ConsoleForm { endpoint: site.federation, destination, token, sign_out };
        let (profile, colour) = (plan.name().to_owned(), plan.colour());
        Ok(SignIn { form, profile, whose, colour, ends })
    }
}
