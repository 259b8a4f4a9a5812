//! Hostile servers, and the results of fetching from them.
//!
//! With `BLESS=1`, these tests write the table in `docs/hostile-servers.md`.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use ratio_spec::fetch::{Address, Fetched, Header, Headers, Limits, fetch};

/// The size limit of a document in these tests.
const MOST: u64 = 20_000;
const SECRET: &str = "hunter2";

/// The reaction of a server to a connection whose request it has read.
type Act = Box<dyn Fn(&mut TcpStream) + Send>;

/// A server that answers its connections one after another, and reports the requests.
struct Server {
    port: u16,
    requests: Receiver<String>,
}

impl Server {
    fn start(act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                // The test may be over, and the receiver dropped.
                let _ = tell.send(String::from_utf8_lossy(&head).into_owned());
                act(&mut stream);
                let _ = stream.shutdown(Shutdown::Write);
                let _ = stream.read(&mut byte);
            }
        });
        Self { port, requests }
    }

    /// The requests so far.
    fn requests(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

/// Answers every connection with these bytes.
fn answers(bytes: impl Into<Vec<u8>>) -> Act {
    let bytes = bytes.into();
    Box::new(move |stream| drop(stream.write_all(&bytes)))
}

/// Answers with this head, and then repeats these bytes until the client closes the connection.
fn floods(head: &str, with: impl Into<Vec<u8>>) -> Act {
    let (head, with) = (head.to_owned(), with.into());
    Box::new(move |stream| {
        let mut written = stream.write_all(head.as_bytes());
        // This is far above any limit. A client that reads all of it fails because of its size.
        for _ in 0..20_000_000 / with.len() {
            if written.is_err() {
                return;
            }
            written = stream.write_all(&with);
        }
    })
}

/// Answers with these bytes, and then sends nothing until the client times out.
fn stalls(bytes: &str) -> Act {
    let bytes = bytes.to_owned();
    Box::new(move |stream| {
        let _ = stream.write_all(bytes.as_bytes());
        let _ = stream.read_to_end(&mut Vec::new());
    })
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

/// Answers the first request with a redirect, and later requests with a document.
fn redirects(status: u16, location: &str) -> Act {
    let location = location.to_owned();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Box::new(move |stream| {
        let is_first = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        let port = stream.local_addr().unwrap().port();
        let location = location.replace("PORT", &port.to_string());
        let answer = if is_first {
            format!(
                "HTTP/1.1 {status} x\r\nlocation: {location}\r\nset-cookie: id=1\r\ncontent-length: 0\r\n\r\n"
            )
            .into_bytes()
        } else {
            ok("", b"{}")
        };
        let _ = stream.write_all(&answer);
    })
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(60),
        total: Duration::from_secs(60),
        bytes: MOST,
        redirects: 3,
        retries: 0,
        pause: Duration::ZERO,
    }
}

fn secret() -> Headers {
    let header: Header = format!("Authorization: Bearer {SECRET}").parse().unwrap();
    Headers::new(vec![header], None).unwrap()
}

/// The result of a fetch in one word.
fn fetched(server: &Server, limits: Limits) -> String {
    let address: Address = format!("http://127.0.0.1:{}/api.json", server.port)
        .parse()
        .unwrap();
    match fetch(&address, &secret(), None, limits) {
        Ok(Fetched::Document { bytes, .. }) => {
            assert!(bytes.len() as u64 <= MOST);
            format!("a document of {} bytes", bytes.len())
        }
        Ok(Fetched::Unchanged) => "unchanged".to_owned(),
        Err(error) => {
            let told = format!("{error}");
            assert!(!told.contains(SECRET) && !told.contains("evil-secret"), "{told}");
            assert!(!told.contains(|c: char| c.is_control()), "{told:?}");
            let problem = format!("{:?}", error.problem());
            let end = problem
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(problem.len());
            // For a redirect, add the reason why it is not followed.
            let inner = problem[end..].trim_start_matches('(');
            let inner_end = inner
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(inner.len());
            if problem.starts_with("Redirect(") {
                format!("refused: Redirect, {}", &inner[..inner_end])
            } else {
                format!("refused: {}", &problem[..end])
            }
        }
    }
}

/// Compares a section of the table with the expected rows, or writes it if this is requested.
fn hold(section: &str, rows: &str) {
    /// Only one section is written at a time.
    static PAGE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _page = PAGE.lock();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/hostile-servers.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let begin = format!("<!-- {section} -->\n");
    let (before, rest) = text.split_once(&begin).expect("the section has its marks");
    let (written, after) = rest
        .split_once("<!-- end -->")
        .expect("the section has its marks");
    if std::env::var_os("BLESS").is_some() {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap()).unwrap();
        write!(file, "{before}{begin}{rows}<!-- end -->{after}").unwrap();
        file.persist(&path).unwrap();
    } else {
        assert_eq!(rows, written, "write {} anew with BLESS=1", path.display());
    }
}

#[expect(clippy::too_many_lines, reason = "it is one table")]
#[test]
fn a_server_that_answers_with_harm_is_given_up() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let close = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let large = MOST + 1;
    let bomb = zipped(&vec![b' '; 1_000_000]);
    let table: Vec<(&str, Act)> = vec![
        ("a document", answers(ok("content-length: 2\r\n", b"{}"))),
        (
            "a document of HTTP/1.0, without a length",
            answers("HTTP/1.0 200 OK\r\n\r\n{}"),
        ),
        (
            "a document without a reason phrase",
            answers("HTTP/1.1 200\r\nconnection: close\r\n\r\n{}"),
        ),
        (
            "a document in chunks with extensions and trailers",
            answers(format!("{chunked}1;a=b\r\n{{\r\n1\r\n}}\r\n0\r\nx: y\r\n\r\n")),
        ),
        (
            "a document after an interim answer",
            answers(
                [
                    b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".to_vec(),
                    ok("", b"{}"),
                ]
                .concat(),
            ),
        ),
        (
            "a body without end, without a length",
            floods(close, vec![b' '; 1 << 16]),
        ),
        (
            "a body without end, in chunks",
            floods(chunked, [b"1000\r\n".as_slice(), &[b' '; 4096], b"\r\n"].concat()),
        ),
        (
            "chunks of one byte without end",
            floods(chunked, "1\r\n \r\n".repeat(1000)),
        ),
        (
            "a length beyond the limit",
            stalls(&format!("HTTP/1.1 200 OK\r\ncontent-length: {large}\r\n\r\n")),
        ),
        (
            "a length beyond 64 bits",
            answers("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n{}"),
        ),
        (
            "a bomb: 1 kB that unpack to 1 MB",
            answers(ok("content-encoding: gzip\r\n", &bomb)),
        ),
        (
            "a bomb within a bomb",
            answers(ok("content-encoding: gzip, gzip\r\n", &zipped(&bomb))),
        ),
        (
            "a bomb under another name",
            answers(ok("content-encoding: x-gzip\r\n", &bomb)),
        ),
        (
            "an encoding that is not read",
            answers(ok("content-encoding: br\r\n", b"{}")),
        ),
        (
            "gzip that is none",
            answers(ok(
                "content-encoding: gzip\r\n",
                br#"{"openapi": "3.0.3", "paths": {}}"#,
            )),
        ),
        (
            "gzip that is cut",
            answers(ok("content-encoding: gzip\r\n", &zipped(b"{}")[..12])),
        ),
        (
            "a header without end",
            floods("HTTP/1.1 200 OK\r\nx: ", vec![b'a'; 1 << 16]),
        ),
        (
            "headers without end",
            floods("HTTP/1.1 200 OK\r\n", "x: y\r\n".repeat(1000)),
        ),
        (
            "interim answers without end",
            floods("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)),
        ),
        (
            "a status line without end",
            floods("HTTP/1.1 200 ", vec![b'a'; 1 << 16]),
        ),
        (
            "a body longer than its length",
            answers("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}{}{}"),
        ),
        (
            "a body shorter than its length",
            answers("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}"),
        ),
        (
            "two lengths that differ",
            answers("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} "),
        ),
        (
            "a length with a sign",
            answers("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}"),
        ),
        (
            "a length and chunks",
            answers(
                "HTTP/1.1 200 OK\r\ncontent-length: 99\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            ),
        ),
        (
            "a chunk with a length beyond 64 bits",
            answers(format!("{chunked}fffffffffffffffff\r\n{{}}\r\n0\r\n\r\n")),
        ),
        (
            "a chunk with a sign",
            answers(format!("{chunked}-2\r\n{{}}\r\n0\r\n\r\n")),
        ),
        ("chunks that are cut", answers(format!("{chunked}2\r\n{{"))),
        (
            "a chunk extension without end",
            floods(&format!("{chunked}2;"), vec![b'a'; 1 << 16]),
        ),
        ("no answer, and the end", answers("")),
        ("an answer that is no HTTP", answers("SSH-2.0-OpenSSH_9.6\r\n")),
        ("an answer of HTTP/0.9", answers("{\"openapi\": \"3.0.3\"}")),
        (
            "a preface of HTTP/2",
            answers(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ),
        (
            "a version that does not exist",
            answers("HTTP/9.9 200 OK\r\n\r\n{}"),
        ),
        ("a status of two digits", answers("HTTP/1.1 20 OK\r\n\r\n{}")),
        ("a status that is no number", answers("HTTP/1.1 2OO OK\r\n\r\n{}")),
        (
            "a header with NUL",
            answers("HTTP/1.1 200 OK\r\nx: a\0b\r\nconnection: close\r\n\r\n{}"),
        ),
        (
            "a header without a colon",
            answers("HTTP/1.1 200 OK\r\nevil\r\nconnection: close\r\n\r\n{}"),
        ),
        (
            "a header over two lines",
            answers("HTTP/1.1 200 OK\r\nx: a\r\n b\r\nconnection: close\r\n\r\n{}"),
        ),
        (
            "line feeds alone",
            answers("HTTP/1.1 200 OK\nconnection: close\n\n{}"),
        ),
        (
            "a login",
            answers(
                "HTTP/1.1 401 No\r\nwww-authenticate: Basic realm=\"evil-secret\"\r\ncontent-length: 0\r\n\r\n",
            ),
        ),
        (
            "a proxy's login",
            answers("HTTP/1.1 407 No\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n"),
        ),
        (
            "another protocol",
            answers("HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n{}"),
        ),
        ("no content", answers("HTTP/1.1 204 No\r\n\r\n")),
        (
            "a part of the document",
            answers("HTTP/1.1 206 Part\r\ncontent-range: bytes 0-1/9\r\ncontent-length: 2\r\n\r\n{}"),
        ),
        (
            "unchanged, though nobody has it",
            answers("HTTP/1.1 304 No\r\netag: \"x\"\r\n\r\n"),
        ),
        (
            "a page",
            answers(ok("content-type: text/html\r\n", b"<script>alert(1)</script>")),
        ),
        (
            "a page that says it is JSON",
            answers(ok("content-type: application/json\r\n", b" \n<!doctype html>")),
        ),
        (
            "a page that moves by itself",
            answers(ok("refresh: 0; url=http://evil.example/\r\n", b"<meta>")),
        ),
        ("white space", answers(ok("", b" \r\n\t"))),
        (
            "commands for a terminal as a reason",
            answers("HTTP/1.1 503 \x1b[2J\x1b]0;evil\x07\r\ncontent-length: 0\r\n\r\n"),
        ),
        (
            "a pause of 500 years",
            answers("HTTP/1.1 503 x\r\nretry-after: 15768000000\r\ncontent-length: 0\r\n\r\n"),
        ),
    ];
    let mut rows = String::from("| the server answers with | what comes of it |\n|---|---|\n");
    for (name, act) in table {
        let server = Server::start(act);
        let _ = writeln!(rows, "| {name} | {} |", fetched(&server, limits()));
        let requests = server.requests();
        assert_eq!(requests.len(), 1, "{name}: {requests:?}");
    }
    let short = Limits {
        total: Duration::from_millis(200),
        ..limits()
    };
    let late: Vec<(&str, Act)> = vec![
        ("nothing", stalls("")),
        ("half of a status line, then nothing", stalls("HTTP/1.1 2")),
        (
            "half of its headers, then nothing",
            stalls("HTTP/1.1 200 OK\r\nx: "),
        ),
        (
            "half of its body, then nothing",
            stalls("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"),
        ),
        (
            "a chunk, then nothing",
            stalls(&format!("{chunked}2\r\n{{}}\r\n")),
        ),
        (
            "an interim answer, then nothing",
            stalls("HTTP/1.1 100 Continue\r\n\r\n"),
        ),
    ];
    for (name, act) in late {
        let server = Server::start(act);
        let _ = writeln!(rows, "| {name} | {} |", fetched(&server, short));
    }
    hold("answers", &rows);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of what servers may answer")]
fn a_redirect_stays_within_its_origin_and_takes_nothing_along() {
    let statuses = [300, 301, 302, 303, 304, 305, 306, 307, 308];
    let mut rows = String::from("| the server redirects | what comes of it |\n|---|---|\n");
    for status in statuses {
        let server = Server::start(redirects(status, "/other.json"));
        let _ = writeln!(
            rows,
            "| {status}, to another path | {} |",
            fetched(&server, limits())
        );
        for request in server.requests() {
            // A cookie that the server set is not sent back.
            assert!(!request.to_lowercase().contains("cookie"), "{request}");
            assert!(
                request.contains(SECRET),
                "the origin is the one that the header is for"
            );
        }
    }
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let other = elsewhere.local_addr().unwrap().port();
    let locations = [
        ("to another port", format!("http://127.0.0.1:{other}/")),
        (
            "to another port, without a scheme",
            format!("//127.0.0.1:{other}/"),
        ),
        (
            "to another port, with back slashes",
            format!("\\\\127.0.0.1:{other}\\"),
        ),
        (
            "to another port, with a tab in the scheme",
            format!("ht\ttp://127.0.0.1:{other}/"),
        ),
        (
            "to another name of this machine",
            format!("http://localhost:{other}/"),
        ),
        (
            "to another name of this machine and port",
            "http://localhost:PORT/".to_owned(),
        ),
        ("to this machine by IPv6", "http://[::1]:PORT/".to_owned()),
        (
            "to this machine by IPv4 within IPv6",
            "http://[::ffff:127.0.0.1]:PORT/".to_owned(),
        ),
        (
            "to the same address as one number",
            "http://2130706433:PORT/".to_owned(),
        ),
        (
            "to the same address in hexadecimal",
            "http://0x7f.0.0.1:PORT/".to_owned(),
        ),
        (
            "to the same address in octal",
            "http://0177.0.0.1:PORT/".to_owned(),
        ),
        ("to the same address, shortened", "http://127.1:PORT/".to_owned()),
        (
            "to the same address in full-width digits",
            "http://\u{ff11}27.0.0.1:PORT/".to_owned(),
        ),
        ("to another loopback address", "http://127.0.0.2:PORT/".to_owned()),
        ("to no address in particular", "http://0.0.0.0:PORT/".to_owned()),
        (
            "to a cloud's metadata",
            "http://169.254.169.254/latest/".to_owned(),
        ),
        (
            "to a name that looks alike",
            "http://\u{430}pi.example/".to_owned(),
        ),
        (
            "to the same origin, with credentials",
            "http://me:evil-secret@127.0.0.1:PORT/".to_owned(),
        ),
        ("to https", "https://127.0.0.1:PORT/".to_owned()),
        ("to a file", "file:///etc/passwd".to_owned()),
        ("to a script", "javascript:alert(1)".to_owned()),
        ("to data", "data:application/json,{}".to_owned()),
        ("to ftp", "ftp://127.0.0.1/".to_owned()),
        ("to nothing", String::new()),
        ("to what is no address", "http://[::1".to_owned()),
        (
            "to a port that does not exist",
            "http://127.0.0.1:99999/".to_owned(),
        ),
        ("to a fragment", "#/info".to_owned()),
        ("to a query", "?evil-secret".to_owned()),
        ("out of its root", "/../../../etc/passwd".to_owned()),
        ("with a line of its own", "/a%0d%0ax: evil-secret".to_owned()),
    ];
    for (name, location) in locations {
        let server = Server::start(redirects(302, &location));
        let outcome = fetched(&server, limits());
        let _ = writeln!(rows, "| {name} | {outcome} |");
        let requests = server.requests();
        assert_eq!(
            requests.len() == 2,
            outcome.starts_with("a document"),
            "{name}: {requests:?}"
        );
        assert!(elsewhere.accept().is_err(), "{name}: another origin was asked");
        for request in &requests {
            assert!(!request.to_lowercase().contains("cookie"), "{name}: {request}");
            assert_eq!(
                request.matches("authorization:").count() + request.matches("Authorization:").count(),
                1,
                "{name}"
            );
        }
    }
    let circle = Server::start(answers(
        "HTTP/1.1 302 x\r\nlocation: /api.json\r\ncontent-length: 0\r\n\r\n",
    ));
    let _ = writeln!(rows, "| in a circle | {} |", fetched(&circle, limits()));
    assert_eq!(
        circle.requests().len(),
        4,
        "as many as are allowed, and the first"
    );
    let twice = Server::start(answers(
        "HTTP/1.1 302 x\r\nlocation: https://evil.example/\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n",
    ));
    let _ = writeln!(rows, "| to two places | {} |", fetched(&twice, limits()));
    let nowhere = Server::start(answers("HTTP/1.1 302 x\r\ncontent-length: 0\r\n\r\n"));
    let _ = writeln!(
        rows,
        "| without saying where to | {} |",
        fetched(&nowhere, limits())
    );
    hold("redirects", &rows);
}

#[test]
fn an_address_is_https_or_this_machine_and_holds_no_secret_that_is_shown() {
    let table = [
        "https://api.example/v1",
        "HTTPS://API.EXAMPLE/v1",
        "https://api.example/v1?token=hunter2",
        "https://api.example/v1#hunter2",
        "https://me:hunter2@api.example/",
        "https://hunter2@api.example/",
        "https://api.example:0/",
        "https://api.example:99999/",
        "https://[::1]/",
        "https://[fe80::1%25eth0]/",
        "https://xn--e1afmkfd.example/",
        "https://\u{430}pi.example/",
        "https://api\u{2024}example/",
        "https:api.example",
        "https:\\\\api.example\\v1",
        "ht\ttps://api.example/",
        "https://api.exa\nmple/",
        "https://api.example/%2e%2e/x",
        "http://127.0.0.1:8080/",
        "http://localhost/",
        "http://LOCALHOST/",
        "http://[::1]:8080/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://127.1/",
        "http://localhost./",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://3232235777/",
        "http://api.example/",
        "//api.example/",
        "api.example",
        "file:///etc/passwd",
        "ftp://api.example/",
        "data:application/json,{}",
        "javascript:alert(1)",
        "a b",
    ];
    let mut rows = String::from("| the address | what comes of it |\n|---|---|\n");
    for text in table {
        let outcome = match text.parse::<Address>() {
            Ok(address) => format!("`{address}`"),
            Err(error) => format!("refused: {error}"),
        };
        assert!(!outcome.contains(SECRET), "{outcome}");
        assert!(!outcome.contains(|c: char| c.is_control()), "{outcome:?}");
        let _ = writeln!(rows, "| `{}` | {outcome} |", text.escape_debug());
    }
    hold("addresses", &rows);
}
