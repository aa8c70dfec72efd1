//! Which proxy a request takes: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, as the AWS CLI reads
//! them: the lower-case name wins, a scheme may be left out, `ALL_PROXY` is not read.
//! Loopback addresses never take a proxy: nothing but this machine can answer for them.

use aws_smithy_http_client::proxy::ProxyConfig;

use crate::env::Env;
use crate::ports::CallError;

/// The proxy for each scheme of a request's URL.
#[derive(Clone, Default)]
pub(super) struct Proxies {
    pub(super) http: Option<ProxyConfig>,
    pub(super) https: Option<ProxyConfig>,
}

/// An error names the variable alone: its value may hold a password.
pub(super) fn proxies(env: &Env) -> Result<Proxies, CallError> {
    let direct = match either(env, "no_proxy", "NO_PROXY") {
        Some((_, names)) => format!("{names},localhost,127.0.0.0/8,::1"),
        None => "localhost,127.0.0.0/8,::1".to_owned(),
    };
    let proxy = |lower, upper, config: fn(String) -> Option<ProxyConfig>| {
        let Some((name, value)) = either(env, lower, upper) else { return Ok(None) };
        let url = if value.contains("://") { value.into() } else { format!("http://{value}") };
        match config(url) {
            Some(config) => Ok(Some(config.no_proxy(&direct))),
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
    fn a_bad_proxy_is_named_without_its_value() {
        for value in ["socks5://user:planted@p:1", "http://", "http://user:planted@ p"] {
            let error =
                proxies(&Env::from_pairs([("HTTPS_PROXY", value)])).err().unwrap().to_string();
            assert!(error.contains("HTTPS_PROXY") && !error.contains("planted"), "{error}");
        }
    }
}
