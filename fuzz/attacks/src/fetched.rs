//! The communication with the server of a document.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use ratio_spec::fetch::{Address, Fetched, Header, Headers, Limits, fetch, redacted};

/// Maximum size of a document here.
const MOST: u64 = 1 << 14;

/// Headers and addresses as people write them; no value may be printed.
pub(crate) fn headers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<Header>() {
        Ok(header) => no_secret(&format!("{header:?}")),
        Err(error) => no_secret_after_a_name(&text, &error.to_string()),
    }
    match Headers::new(Vec::new(), Some(&text)) {
        Ok(headers) => no_secret(&format!("{headers:?}")),
        Err(error) => no_secret_after_a_name(&text, &error.to_string()),
    }
    let _ = redacted(&text);
    if let Ok(address) = text.parse::<Address>() {
        let shown = address.to_string();
        assert!(!shown.contains('@') || address.as_str().contains('@'), "{shown}");
        assert!(!shown.contains('?') || shown.ends_with("?…"), "{shown}");
        assert!(address.as_str().starts_with("https://") || address.as_str().starts_with("http://"));
    }
}

fn no_secret(shown: &str) {
    assert!(!shown.contains("CANARY"), "{shown}");
}

/// A name may be printed, but a line without a colon has no name.
fn no_secret_after_a_name(text: &str, told: &str) {
    let names: String = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert!(!told.contains("CANARY") || names.contains("CANARY"), "{told}");
}

/// A response of arbitrary bytes over a real socket: the result is a document within its limits, or a reason.
pub(crate) fn fetched(bytes: &[u8]) {
    static SERVER: OnceLock<(String, SyncSender<Vec<u8>>)> = OnceLock::new();
    let (url, answers) = SERVER.get_or_init(serve);
    // A redirect within the origin is followed, and gets the same response.
    let limits = Limits {
        connect: Duration::from_secs(5),
        total: Duration::from_secs(5),
        bytes: MOST,
        redirects: 1,
        retries: 0,
        pause: Duration::ZERO,
    };
    answers.send(bytes.to_vec()).expect("the server is there");
    let address: Address = url.parse().expect("it is an address");
    match fetch(&address, &Headers::default(), None, limits) {
        Ok(Fetched::Document { bytes, .. }) => {
            assert!(bytes.len() as u64 <= MOST && !bytes.is_empty());
        }
        Ok(Fetched::Unchanged) => panic!("nothing was known before"),
        Err(error) => {
            let told = error.to_string();
            assert!(!told.chars().any(|c| c.is_control() && c != '\n'), "{told:?}");
        }
    }
}

/// Answers each connection with the latest bytes, and closes it.
fn serve() -> (String, SyncSender<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}/api.json", listener.local_addr().expect("it is bound"));
    let (sender, receiver) = sync_channel::<Vec<u8>>(1);
    std::thread::spawn(move || {
        let mut answer = Vec::new();
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else {
                continue;
            };
            if let Ok(next) = receiver.try_recv() {
                answer = next;
            }
            let mut request = [0; 2048];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(&answer);
            let _ = stream.shutdown(Shutdown::Write);
            // Waits until the client has read everything, because a reset would lose the rest.
            let _ = stream.read(&mut request);
        }
    });
    (url, sender)
}
