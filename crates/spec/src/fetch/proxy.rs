//! The proxy that the environment names.

use std::env;

use ureq::Proxy;

use super::Problem;

/// Where a proxy may be named, in the order in which the HTTP client asks.
const VARIABLES: [&str; 6] = [
    "ALL_PROXY",
    "all_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
];

/// The proxy that the environment names, with the hosts that `NO_PROXY` excepts.
///
/// # Errors
/// When the first variable that is set names none that can be used: the HTTP client would go without, past whoever is to
/// watch over what leaves the machine. The value is not repeated, since it may hold a password.
pub(super) fn of_environment() -> Result<Option<Proxy>, Problem> {
    let set = VARIABLES
        .iter()
        .find_map(|name| Some((name, env::var_os(name).filter(|it| !it.is_empty())?)));
    let Some((name, value)) = set else {
        return Ok(None);
    };
    match value.to_str().map(Proxy::new) {
        Some(Ok(proxy))
            if matches!(
                proxy.protocol(),
                ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https
            ) =>
        {
            Ok(Proxy::try_from_env())
        }
        Some(Ok(_)) => Err(Problem::Setup(format!(
            "`{name}` names a proxy of another kind than http and https"
        ))),
        _ => Err(Problem::Setup(format!("`{name}` is no address of a proxy"))),
    }
}
