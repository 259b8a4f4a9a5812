//! The proxy that the environment variables name.

use std::env;
use std::ffi::OsString;

use ureq::Proxy;

use super::Problem;

/// The environment variables for a proxy, in the order in which the HTTP client reads them.
const VARIABLES: [&str; 6] = [
    "ALL_PROXY",
    "all_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
];

/// Returns the proxy that the environment names, with the exceptions in `NO_PROXY`.
///
/// # Errors
/// The errors of [`is_named`].
pub(super) fn of_environment() -> Result<Option<Proxy>, Problem> {
    let is_named = is_named(|name| env::var_os(name))?;
    Ok(is_named.then(Proxy::try_from_env).flatten())
}

/// Whether these variables name a proxy.
///
/// # Errors
/// When the first variable that is set does not name a usable proxy. The HTTP client would ignore it and bypass the
/// proxy that should control outgoing requests. The error does not repeat the value, since it may hold a password.
fn is_named(variable: impl Fn(&str) -> Option<OsString>) -> Result<bool, Problem> {
    let set = VARIABLES
        .iter()
        .find_map(|name| Some((name, variable(name).filter(|it| !it.is_empty())?)));
    let Some((name, value)) = set else {
        return Ok(false);
    };
    match value.to_str().map(Proxy::new) {
        Some(Ok(proxy))
            if matches!(
                proxy.protocol(),
                ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https
            ) =>
        {
            Ok(true)
        }
        Some(Ok(_)) => Err(Problem::Setup(format!(
            "`{name}` names a proxy of another kind than http and https"
        ))),
        _ => Err(Problem::Setup(format!("`{name}` is no address of a proxy"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, is_named};

    /// The result for one variable, when another one is empty.
    fn with(name: &str, value: &str) -> Result<bool, String> {
        is_named(|asked| match asked {
            "ALL_PROXY" if name != "ALL_PROXY" => Some("".into()),
            asked => (asked == name).then(|| value.into()),
        })
        .map_err(|problem| match problem {
            Problem::Setup(why) => why,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn the_first_variable_that_is_set_names_a_proxy_that_can_be_used_or_is_told() {
        for name in ["ALL_PROXY", "HTTPS_PROXY", "http_proxy"] {
            assert_eq!(with(name, ""), Ok(false), "{name}");
            assert_eq!(with(name, "http://me:hunter2@127.0.0.1:1"), Ok(true), "{name}");
            assert_eq!(with(name, "https://127.0.0.1:1"), Ok(true), "{name}");
            let other = format!("`{name}` names a proxy of another kind than http and https");
            assert_eq!(with(name, "socks5://me:hunter2@127.0.0.1:1"), Err(other));
            let none = format!("`{name}` is no address of a proxy");
            assert_eq!(with(name, "http://me:hun ter2@[::1"), Err(none));
        }
        assert_eq!(with("OTHER_PROXY", "http://127.0.0.1:1"), Ok(false));
    }
}
