//! Makes a [`Source`] from an address.

use super::{Address, Fetched, Headers, Problem, fetch, redacted};
use crate::source::too_large;
use crate::{Error, ErrorKind, Limits, Source};

impl Source {
    /// Fetches a document over `https` (or `http` from this machine) within `limits`, with [`fetch`].
    ///
    /// Its origin is `url` without query and fragment, which may hold secrets.
    ///
    /// # Errors
    /// When the URL is not allowed, no complete document is received in time, or the document is too large or neither
    /// JSON nor YAML.
    ///
    /// ```
    /// use ratio_spec::{Limits, Source};
    ///
    /// let error = Source::fetch("http://api.example/v1/api-docs", Limits::default()).unwrap_err();
    /// assert!(error.to_string().contains("https"));
    /// ```
    pub fn fetch(url: &str, limits: Limits) -> Result<Self, Error> {
        let address: Address = url.parse().map_err(|error: super::AddressError| {
            let mend = "use an https URL, or http to this machine, or a file";
            Error::new(ErrorKind::Fetch, redacted(url), error.to_string(), mend)
        })?;
        let origin = address.to_string();
        let within = super::Limits {
            total: limits.time,
            bytes: limits.bytes,
            ..super::Limits::default()
        };
        let refuse = |problem: String| {
            let mend = "check the URL and the network, or use a saved document";
            Err(Error::new(ErrorKind::Fetch, &origin, problem, mend))
        };
        match fetch(&address, &Headers::default(), None, within) {
            Ok(Fetched::Document { bytes, .. }) => Self::from_bytes_within(origin, bytes, limits),
            Ok(Fetched::Unchanged) => refuse("answered with no document".to_owned()),
            Err(error) if matches!(error.problem(), Problem::TooLarge { .. }) => {
                Err(too_large(&origin, limits))
            }
            Err(error) => refuse(format!("could not be fetched: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    /// Answers each connection with `answer`, then keeps it open if `hold` is true.
    fn serve(answer: impl Into<Vec<u8>>, hold: bool) -> String {
        let answer = answer.into();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1/api-docs", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 1024];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(&answer);
                if hold {
                    // Wait until the client gives up and closes the connection.
                    let _ = stream.read_to_end(&mut Vec::new());
                }
            }
        });
        url
    }

    fn limits(time: Duration) -> Limits {
        Limits {
            bytes: 1000,
            depth: 128,
            time,
        }
    }

    /// Fetches with more time than any machine needs.
    fn fetched(url: &str) -> Result<Source, Error> {
        Source::fetch(url, limits(Duration::from_mins(1)))
    }

    /// Asserts that a fetch of `answer` fails with a message that contains `words`.
    ///
    /// The first time limit is short, so that a stall ends soon and there is no time for a retry. On a busy machine, it
    /// may end the fetch before the answer has come. Then the fetch is repeated with more time.
    fn assert_refused(answer: &str, hold: bool, words: &str) {
        let url = serve(answer, hold);
        let mut told = String::new();
        for time in [300, 3_000, 30_000].map(Duration::from_millis) {
            told = Source::fetch(&url, limits(time)).unwrap_err().to_string();
            if told.contains(words) {
                return;
            }
        }
        panic!("{told}");
    }

    #[test]
    fn a_document_is_fetched_with_its_origin() {
        let url = serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", false);
        let source = fetched(&url).unwrap();
        assert_eq!((source.origin(), source.bytes()), (url.as_str(), &b"{}"[..]));
    }

    #[test]
    fn other_statuses_and_redirects_are_refused() {
        assert_refused("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", false, "503");
        let moved = "HTTP/1.1 302 Found\r\nlocation: http://evil.example/\r\ncontent-length: 0\r\n\r\n";
        assert_refused(moved, false, "not followed");
    }

    #[test]
    fn a_stall_a_broken_body_and_a_flood_are_refused() {
        let half = "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{";
        assert_refused("", true, "could not be fetched");
        assert_refused(half, true, "was still sending");
        assert_refused(half, false, "broke off");
        let flood = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", " ".repeat(5000));
        assert_refused(&flood, false, "larger than 1000 bytes");
        assert_refused("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<ht>", false, "not ");
    }

    #[test]
    fn a_closed_port_is_refused_with_the_reason() {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let time = Duration::from_millis(300);
        let error = Source::fetch(&format!("http://127.0.0.1:{port}/"), limits(time)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Fetch);
    }

    #[test]
    fn a_secret_in_an_address_is_sent_and_not_told() {
        let url = serve("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", false);
        let source = fetched(&format!("{url}?token=hunter2")).unwrap();
        assert_eq!(source.origin(), format!("{url}?…"));
        let gone = serve("HTTP/1.1 404 Gone\r\ncontent-length: 0\r\n\r\n", false);
        for secret in [
            format!("{gone}?token=hunter2"),
            "https://me:hunter2@a.example/".to_owned(),
            "https:me:hunter2@a.example/".to_owned(),
            "https://me:hun/ter2@a.example/".to_owned(),
            "https://hunter2@a.example/".to_owned(),
            "https://me:hunter2".to_owned(),
            "https://me:hunter2/docs".to_owned(),
            "http://a.example/?hunter2".to_owned(),
            "https://a b/?hunter2".to_owned(),
        ] {
            let error = fetched(&secret).unwrap_err().to_string();
            assert!(!error.contains("hunter2") && !error.contains("ter2"), "{error}");
        }
    }

    #[test]
    fn a_server_cannot_write_lines_of_its_own() {
        let moved = "HTTP/1.1 302 Found\r\nlocation: http://me:hunter2@evil.example/\u{9}x\r\ncontent-length: 0\r\n\r\n";
        let error = fetched(&serve(moved, false)).unwrap_err().to_string();
        assert!(
            !error.contains(char::is_control) && !error.contains("hunter2"),
            "{error}"
        );
    }
}
