//! A person logs in at IAM Identity Center: in a browser that comes back to awsx, or in any browser
//! with a code to compare.

use std::time::Duration;

use chrono::TimeDelta;

use super::{LogIn, LogInFailure, LogInOptions};
use crate::credentials::{
    DeviceAuthorization, Grant, Login, Registration, SsoLogin, SsoToken, TokenProof,
};
use crate::login::IdentityCenterLogin;
use crate::login::browser::LOG_IN_LIMIT;
use crate::ports::CallError;

/// What `SlowDownException` adds to the interval, seconds; RFC 8628, section 3.5.
const SLOW_DOWN: u64 = 5;

impl LogIn<'_> {
    pub(super) fn ask_identity_center(
        &self,
        login: &SsoLogin,
        options: LogInOptions,
    ) -> Result<IdentityCenterLogin, LogInFailure> {
        self.make_room(options)?;
        let start_url = self.logins.oidc.start_url(login)?;
        if start_url != login.start_url {
            self.logins.person.tell(&format!("{} leads to {start_url}", login.start_url));
        }
        let at_aws = SsoLogin { start_url, ..login.clone() };
        let (registration, token) = match self.is_elsewhere(options, Login::IDENTITY_CENTER) {
            false => self.log_in_by_browser(&at_aws, options)?,
            true => self.log_in_by_device_code(&at_aws, options)?,
        };
        let now = self.logins.clock.now();
        Ok(IdentityCenterLogin {
            login: login.clone(),
            access: Some((token.access_token, token.expires_at)),
            refresh_token: token.refresh_token,
            registration: Some(registration),
            logged_in_at: now,
            refreshed_at: now,
            shared: options.share,
        })
    }

    fn log_in_by_browser(
        &self,
        login: &SsoLogin,
        options: LogInOptions,
    ) -> Result<(Registration, SsoToken), LogInFailure> {
        let oidc = self.logins.oidc;
        let place = format!("to {login}");
        let (code, registration) =
            self.ask_in_browser(Login::IDENTITY_CENTER, &place, options, |authorization| {
                let registration = oidc.register(login, Grant::AuthorizationCode)?;
                Ok((oidc.authorize_url(login, &registration, authorization)?, registration))
            })?;
        let token = oidc.token(login, &registration, &TokenProof::Code(code))?;
        Ok((registration, token))
    }

    fn log_in_by_device_code(
        &self,
        login: &SsoLogin,
        options: LogInOptions,
    ) -> Result<(Registration, SsoToken), LogInFailure> {
        let oidc = self.logins.oidc;
        let registration = oidc.register(login, Grant::DeviceCode)?;
        let device = oidc.start_device_authorization(login, &registration)?;
        let complete = device.verification_uri_complete.as_deref();
        let url = complete.unwrap_or(&device.verification_uri);
        let then = match complete {
            Some(_) => "confirm that it shows",
            None => "enter",
        };
        self.logins.person.instruct(&format!(
            "to log in to {login}, open\n{url}\nand {then} the code {}",
            device.user_code
        ));
        let left = device.expires_at - self.logins.clock.now() + TimeDelta::seconds(59);
        self.logins.person.tell(&format!(
            "waiting until you have; the code is good for {} minutes (Ctrl-C cancels)",
            left.num_minutes()
        ));
        if !options.no_browser && self.browser.is_out_of_reach().is_none() {
            self.open_browser(url);
        }
        let token = self.poll_for_token(login, &registration, &device)?;
        Ok((registration, token))
    }

    /// Asks AWS until the person has confirmed the code.
    fn poll_for_token(
        &self,
        login: &SsoLogin,
        registration: &Registration,
        device: &DeviceAuthorization,
    ) -> Result<SsoToken, LogInFailure> {
        let clock = self.logins.clock;
        let limit = TimeDelta::from_std(LOG_IN_LIMIT).unwrap_or(TimeDelta::MAX);
        let until = device.expires_at.min(clock.now() + limit);
        let mut interval = device.interval;
        let proof = TokenProof::Device(device.device_code.clone());
        while clock.now() < until {
            let left = (until - clock.now()).to_std().unwrap_or_default();
            let pause = Duration::from_secs(interval).min(left);
            self.logins.person.terminal()?.pause(pause, clock)?;
            match self.logins.oidc.token(login, registration, &proof) {
                Ok(token) => return Ok(token),
                Err(CallError::Refused { code, message, call, request_id }) => match &*code {
                    "AuthorizationPendingException" => {}
                    "SlowDownException" => interval += SLOW_DOWN,
                    "ExpiredTokenException" => break,
                    "AccessDeniedException" => {
                        return Err(LogInFailure::Denied(format!("{message} ({code})")));
                    }
                    _ => {
                        let refused = CallError::Refused { call, code, message, request_id };
                        return Err(refused.into());
                    }
                },
                // The person is still there; the network may come back.
                Err(error @ CallError::Unreachable { .. }) => {
                    tracing::info!("asked again: {error}");
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(LogInFailure::TimedOut)
    }
}
