//! Which proxy a request takes: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, as the AWS CLI reads
//! them: the lower-case name wins, a scheme may be left out, `ALL_PROXY` is not read.
//! Loopback addresses never take a proxy: nothing but this machine can answer for them.

use std::sync::Arc;

use aws_smithy_http_client::proxy::ProxyConfig;
use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::client_settings::{is_loopback, origin};
use crate::env::Env;
use crate::ports::CallError;

/// The proxy for each scheme of a request's URL.
#[derive(Clone, Default)]
pub(super) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
}

/// A proxy, for all hosts but those of `NO_PROXY`.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) config: ProxyConfig,
    matcher: Arc<Matcher>,
    /// Scheme, host and port; no password
    pub(super) origin: String,
}

impl Proxies {
    /// The proxy that a request to this URL takes.
    pub(super) fn of(&self, url: &str) -> Option<&Proxy> {
        let proxy = if url.starts_with("https:") { &self.https } else { &self.http };
        let uri: Uri = url.parse().ok()?;
        let takes = |proxy: &&Proxy| !is_loopback(url) && proxy.matcher.intercept(&uri).is_some();
        proxy.as_ref().filter(takes)
    }
}

/// An error names the variable alone: its value may hold a password.
pub(super) fn proxies(env: &Env) -> Result<Proxies, CallError> {
    let (_, direct) = either(env, "no_proxy", "NO_PROXY").unwrap_or_default();
    let proxy = |lower, upper, config: fn(String) -> Option<ProxyConfig>| {
        let Some((name, value)) = either(env, lower, upper) else { return Ok(None) };
        let url = if value.contains("://") { value.into() } else { format!("http://{value}") };
        let matcher = Arc::new(Matcher::builder().all(url.clone()).no(direct).build());
        let origin = origin(&url);
        match config(url) {
            Some(config) => Ok(Some(Proxy { config, matcher, origin })),
            None => Err(CallError::Settings {
                origin: name.into(),
                cause: "is not the URL of an HTTP proxy (http://HOST:PORT)".into(),
            }),
        }
    };
    Ok(Proxies {
        http: proxy("http_proxy", "HTTP_PROXY", |url| ProxyConfig::http(url).ok())?,
        https: proxy("https_proxy", "HTTPS_PROXY", |url| ProxyConfig::https(url).ok())?,
    })
}

fn either<'a>(
    env: &'a Env,
    lower: &'static str,
    upper: &'static str,
) -> Option<(&'static str, &'a str)> {
    [lower, upper].into_iter().find_map(|name| Some((name, env.get(name)?.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_proxies() {
        for (docs, vars, http, https) in [
            ("none", &[][..], false, false),
            ("one scheme each", &[("HTTP_PROXY", "http://p:1")], true, false),
            ("lower case", &[("https_proxy", "http://p:1")], false, true),
            #[cfg(not(windows))] // where the two are one variable
            (
                "lower case wins",
                &[("https_proxy", "http://p:1"), ("HTTPS_PROXY", "x://")],
                false,
                true,
            ),
            ("blank is unset", &[("HTTPS_PROXY", " ")], false, false),
            ("no scheme", &[("HTTPS_PROXY", "p:1")], false, true),
            ("ALL_PROXY is not read", &[("ALL_PROXY", "socks5://p:1")], false, false),
        ] {
            let proxies = proxies(&Env::from_pairs(vars.iter().copied())).unwrap();
            assert_eq!((proxies.http.is_some(), proxies.https.is_some()), (http, https), "{docs}");
        }
    }

    #[test]
    fn loopback_and_no_proxy_are_asked_directly() {
        let vars = [("HTTP_PROXY", "me:planted@p:1"), ("NO_PROXY", "near.test,10.0.0.0/8")];
        let proxies = proxies(&Env::from_pairs(vars)).unwrap();
        for (url, expected) in [
            ("http://far.test/x", Some("http://p:1")),
            ("https://far.test", None),
            ("http://near.test", None),
            ("http://10.1.2.3", None),
            ("http://127.0.0.1:1", None),
            ("http://127.1", None),
            ("http://localhost.", None),
            ("http://[::1]:80", None),
        ] {
            assert_eq!(proxies.of(url).map(|proxy| &*proxy.origin), expected, "{url}");
        }
    }

    #[test]
    fn a_bad_proxy_is_named_without_its_value() {
        for value in ["socks5://user:planted@p:1", "http://", "http://user:planted@ p"] {
            let error =
                proxies(&Env::from_pairs([("HTTPS_PROXY", value)])).err().unwrap().to_string();
            assert!(error.to_uppercase().contains("HTTPS_PROXY"), "{error}");
            assert!(!error.contains("planted"), "{error}");
        }
    }
}
