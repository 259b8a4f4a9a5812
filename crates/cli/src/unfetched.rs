//! Hints for documents that cannot be fetched.

use ratio_spec::fetch::{Elsewhere, Problem};

/// Returns a hint for a failed fetch. `variable` is the environment variable that holds headers.
pub(crate) fn hint(problem: &Problem, variable: &str) -> String {
    let hint = match problem {
        Problem::Setup(_) => "the proxy settings and the certificate store of this machine are worth a look",
        Problem::Unreachable { .. } => "check the address, the network and `HTTPS_PROXY`, or try again later",
        Problem::ConnectTimeout { .. } => {
            "check the network and `HTTPS_PROXY`; a firewall that drops packets looks like this"
        }
        Problem::Tls { .. } => {
            "check the address and the clock; behind a proxy that opens TLS, name its certificate in `SSL_CERT_FILE`"
        }
        Problem::Timeout { .. } => "try again later, or allow more time with --timeout",
        Problem::Interrupted { .. } => "try again later; nothing was concluded from the part that arrived",
        Problem::Status { status, .. } => match status.as_u16() {
            401 | 403 => return format!("pass credentials with --header or in `{variable}`"),
            404 | 410 => "check the address; the document may have moved, then name the new place",
            _ => "try again later; this says nothing about drift",
        },
        Problem::RedirectLoop { .. } => "open the address in a browser to see where it leads",
        Problem::Malformed { .. } => "check the address and the port: something else may be listening there",
        Problem::Undecodable { .. } => "try again later, or ask the server's owner; nothing was concluded",
        Problem::Redirect(Elsewhere::Origin(_)) => {
            "if the new place is trusted, name it: headers are never sent on to another host"
        }
        Problem::Redirect(_) => "ask the server's owner where the document is, and name that place",
        Problem::TooLarge { .. } => "an API document is far smaller; check what the address serves",
        Problem::Encoding(_) => "ask the server's owner why it compresses in a way that was not asked for",
        Problem::WebPage { .. } => "log in first, pass credentials with --header, or check the address",
        Problem::Empty => "check what the address serves",
        _ => "check the address, or try again later",
    };
    hint.to_owned()
}
