use std::io::Read as _;

use crate::source::too_large;
use crate::{Error, ErrorKind, Limits, Source};

impl Source {
    /// Fetches a document over https (or http from this very machine) within `limits`.
    ///
    /// Redirects are not followed: a document is taken from the place that was named. Its origin is `url` without query
    /// and fragment, which may hold secrets.
    ///
    /// # Errors
    /// When the URL is not allowed, the server cannot be reached or answers anything but 200 in time, or what
    /// came is too large or neither JSON nor YAML.
    ///
    /// ```
    /// use ratio_spec::{Limits, Source};
    ///
    /// let error = Source::fetch("http://api.example/v1/api-docs", Limits::default()).unwrap_err();
    /// assert!(error.to_string().contains("https"));
    /// ```
    pub fn fetch(url: &str, limits: Limits) -> Result<Self, Error> {
        check_url(url)?;
        let origin = origin(url);
        let refuse = |problem: String| {
            Error::new(
                ErrorKind::Fetch,
                &origin,
                problem,
                "check the URL and the network, or use a saved document",
            )
        };
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .timeout_global(Some(limits.time))
                .max_redirects(0)
                .max_redirects_will_error(false)
                .http_status_as_error(false)
                .build(),
        );
        let mut response = agent
            .get(url)
            .header("accept", "application/json, application/yaml")
            .call()
            .map_err(|error| refuse(format!("could not be fetched: {error}")))?;
        let status = response.status();
        if status.is_redirection() {
            let to = response
                .headers()
                .get("location")
                .and_then(|to| to.to_str().ok())
                .map_or_else(|| "elsewhere".to_owned(), self::origin);
            return Err(refuse(format!(
                "answered {status}, redirecting to {to}, which is not followed"
            )));
        }
        if status != 200 {
            return Err(refuse(format!("answered {status} instead of 200")));
        }
        let mut bytes = Vec::new();
        // The timeout covers the body as well; the cap guards against a length that was never declared.
        response
            .body_mut()
            .as_reader()
            .take(limits.bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| refuse(format!("broke off: {error}")))?;
        if bytes.len() as u64 > limits.bytes {
            return Err(too_large(&origin, limits));
        }
        Self::from_bytes_within(origin, bytes, limits)
    }
}

/// Says whether a document may be fetched from `url`: https, or http on a loopback address, without credentials.
///
/// # Errors
/// When it may not; the error says what is allowed.
///
/// ```
/// assert!(ratio_spec::check_url("https://api.staging.ratio.me/v1/api-docs").is_ok());
/// assert!(ratio_spec::check_url("http://127.0.0.1:8080/v1/api-docs").is_ok());
/// assert!(ratio_spec::check_url("http://localhost.evil.example/").is_err());
/// assert!(ratio_spec::check_url("https://me:secret@api.staging.ratio.me/").is_err());
/// ```
pub fn check_url(url: &str) -> Result<(), Error> {
    let refuse = |problem: &str| {
        Err(Error::new(
            ErrorKind::Fetch,
            origin(url),
            problem,
            "use an https URL, or http to this machine, or a file",
        ))
    };
    let Ok(uri) = url.parse::<ureq::http::Uri>() else {
        return refuse("is not a URL");
    };
    if uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'))
    {
        return refuse("carries credentials, which end up in logs");
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match uri.scheme_str() {
        Some("https") if !host.is_empty() => Ok(()),
        Some("http") if loopback => Ok(()),
        Some("http") => refuse("is not https, and its host is not this machine"),
        _ => refuse("is not an https URL"),
    }
}

/// What is said of an address: no credentials, no query and no fragment, since all of them may hold secrets.
fn origin(url: &str) -> String {
    let (scheme, rest) = url.find("://").map_or(("", url), |at| url.split_at(at + 3));
    // A password may hold anything: in an address that is refused, whatever comes before an `@` or stands in the place
    // of a port may be one.
    let start = rest
        .rfind('@')
        .filter(|at| rest[..*at].contains(':') || !rest[..*at].contains('/'));
    let (hidden, rest) = start.map_or(("", rest), |at| ("…", &rest[at..]));
    let (rest, more) = rest.find(['?', '#']).map_or((rest, ""), |at| (&rest[..at], "?…"));
    let end = rest.find('/').unwrap_or(rest.len());
    let port = rest[..end].rfind(':').map(|at| at + 1).filter(|at| {
        let digits = rest[*at..end].bytes().all(|byte| byte.is_ascii_digit());
        !digits && !rest[*at..end].ends_with(']')
    });
    match port {
        Some(at) => format!("{scheme}{hidden}{}…{}{more}", &rest[..at], &rest[end..]),
        None => format!("{scheme}{hidden}{rest}{more}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    /// Answers one connection with `answer`, then holds it open for as long as `hold` says.
    fn serve(answer: Vec<u8>, hold: bool) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1/api-docs", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(&answer);
            if hold {
                // Until the client gives up and closes its side.
                let _ = stream.read_to_end(&mut Vec::new());
            }
        });
        url
    }

    fn limits() -> Limits {
        Limits {
            bytes: 1000,
            depth: 128,
            time: Duration::from_millis(300),
        }
    }

    fn refused(answer: &str, hold: bool) -> String {
        Source::fetch(&serve(answer.as_bytes().to_vec(), hold), limits())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_document_is_fetched_with_its_origin() {
        let url = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec(), false);
        let source = Source::fetch(&url, limits()).unwrap();
        assert_eq!((source.origin(), source.bytes()), (url.as_str(), &b"{}"[..]));
    }

    #[test]
    fn other_statuses_and_redirects_are_refused() {
        assert!(refused("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", false).contains("503"));
        let moved = "HTTP/1.1 302 Found\r\nlocation: http://evil.example/\r\ncontent-length: 0\r\n\r\n";
        assert!(refused(moved, false).contains("not followed"));
    }

    #[test]
    fn a_stall_a_broken_body_and_a_flood_are_refused() {
        assert!(refused("", true).contains("could not be fetched"));
        assert!(refused("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{", true).contains("broke off"));
        assert!(refused("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{", false).contains("broke off"));
        let flood = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", " ".repeat(5000));
        assert!(refused(&flood, false).contains("larger than 1000 bytes"));
        assert!(refused("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<ht>", false).contains("not "));
    }

    #[test]
    fn a_closed_port_is_refused_with_the_reason() {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let error = Source::fetch(&format!("http://127.0.0.1:{port}/"), limits()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Fetch);
    }

    #[test]
    fn a_secret_in_an_address_is_sent_and_not_told() {
        let url = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec(), false);
        let source = Source::fetch(&format!("{url}?token=hunter2"), limits()).unwrap();
        assert_eq!(source.origin(), format!("{url}?…"));
        let busy = serve(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_vec(), false);
        for secret in [
            format!("{busy}?token=hunter2"),
            "https://me:hunter2@a.example/".to_owned(),
            "https:me:hunter2@a.example/".to_owned(),
            "https://me:hun/ter2@a.example/".to_owned(),
            "https://hunter2@a.example/".to_owned(),
            "https://me:hunter2".to_owned(),
            "https://me:hunter2/docs".to_owned(),
            "http://a.example/?hunter2".to_owned(),
            "https://a b/?hunter2".to_owned(),
        ] {
            let error = Source::fetch(&secret, limits()).unwrap_err().to_string();
            assert!(!error.contains("hunter2") && !error.contains("ter2"), "{error}");
        }
    }

    #[test]
    fn a_server_cannot_write_lines_of_its_own() {
        let moved = "HTTP/1.1 302 Found\r\nlocation: http://me:hunter2@evil.example/\u{9}x\r\ncontent-length: 0\r\n\r\n";
        let error = refused(moved, false);
        assert!(
            !error.contains(char::is_control) && !error.contains("hunter2"),
            "{error}"
        );
    }
}
