//! A proxy that the environment names learns the host of a request, and nothing of its contents.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use ratio_bank::{Client, Environment, Session, SessionToken, UserId};

const CANARY: &str = "CANARY";

/// Sends `answer` to the first request of each connection, and reports the request.
fn server(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // Reported before the response, since the client may end once it has the response.
            if tell.send(head(&mut stream)).is_err() {
                return;
            }
            // The client may be gone by then.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, told)
}

fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn session(url: &str) -> Session {
    let client = Client::builder(Environment::at(url).unwrap())
        .client_id("the-product")
        .client_secret(format!("{CANARY}-secret"))
        .max_attempts(1)
        .build()
        .unwrap();
    client.session(
        UserId::new(format!("{CANARY}-user")).unwrap(),
        SessionToken::new(format!("{CANARY}-token")),
    )
}

/// Not a test of its own: the process whose environment names the proxy.
#[tokio::test]
#[ignore = "run by the test below, in an environment of its own"]
async fn a_process_behind_a_proxy() {
    let url = std::env::var("LOOPBACK").unwrap();
    assert!(
        session(&url).get_user().await.is_ok(),
        "what is on this machine needs no proxy"
    );
    let error = session("https://ratio.example").get_user().await.unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(!told.contains(CANARY) && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_proxy_of_the_environment_is_told_the_host_and_nothing_else() {
    let (proxy, asked) = server("HTTP/1.1 502 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let (loopback, reached) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    let proxy = proxy.replace("http://", "http://me:hunter2@");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_process_behind_a_proxy", "--ignored", "--nocapture"]);
    command
        .env("LOOPBACK", loopback)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    for name in [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
    ] {
        command.env(name, &proxy);
    }
    let output = command.output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");

    let asked: Vec<String> = asked.try_iter().collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].starts_with("CONNECT ratio.example:443 "), "{asked:?}");
    assert!(!asked[0].contains(CANARY), "{asked:?}");
    let reached: Vec<String> = reached.try_iter().collect();
    assert!(
        reached.len() == 1 && reached[0].contains(CANARY),
        "the credentials go where they belong: {reached:?}"
    );
}
