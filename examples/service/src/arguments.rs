//! The settings on the command line: mainly environment variables, or arguments of the same names.

use std::convert::Infallible;
use std::net::SocketAddr;

use clap::{Parser, Subcommand, value_parser};
use example_service::{BadKey, Config, SealKey, Secret};

/// A service that links its customers' banks to Ratio.
///
/// Without `RATIO_URL` it starts a stand-in for Ratio and Plaid of its own, and prints where to click.
#[derive(Debug, Parser)]
#[command(name = "example-service")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Where it listens
    #[arg(long, env, default_value = "127.0.0.1:3000")]
    pub(crate) listen: SocketAddr,
    /// Where customers reach it, without a path; where it listens unless set
    #[arg(long, env, value_parser = address)]
    public_url: Option<String>,
    /// `postgres://…`, or the path of a file that all replicas share; `service.db` unless set
    #[arg(long, env, hide_env_values = true, value_parser = secret)]
    database: Option<Secret>,
    /// What serves Plaid Link, without a path
    #[arg(long, env, default_value = "https://cdn.plaid.com", value_parser = address)]
    plaid_url: String,
    /// How many seconds a replica may take to finish a link before another steps in; at least 24, since a call to Ratio may take 6
    #[arg(long, env, default_value_t = 60, value_parser = value_parser!(i64).range(1..=86_400))]
    claim_seconds: i64,
    /// Ratio's API
    #[arg(long, env, value_parser = address, requires_all = ["ratio_client_id", "seal_key"])]
    ratio_url: Option<String>,
    /// Who the product is at Ratio
    #[arg(long, env)]
    ratio_client_id: Option<String>,
    /// What proves who the product is; the pinned document does not ask for it
    #[arg(long, env, hide_env_values = true, value_parser = secret)]
    ratio_client_secret: Option<Secret>,
    /// What Ratio signs webhooks with; without it, webhooks are refused
    #[arg(long, env, hide_env_values = true, value_parser = secret)]
    ratio_webhook_secret: Option<Secret>,
    /// What seals tokens in the database, the same for all replicas: `openssl rand -base64 32`
    #[arg(long, env, hide_env_values = true, value_parser = secret)]
    seal_key: Option<Secret>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Moves the data of a service that does not run from a file to a server
    Move {
        /// The path of the file
        from: String,
        /// An empty database: `postgres://…`
        to: String,
    },
}

impl Arguments {
    /// The address at which customers reach a service that listens here.
    pub(crate) fn public_url(&self, listening: SocketAddr) -> String {
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("http://{listening}"))
    }

    /// The database setting.
    pub(crate) fn database(&self) -> Option<Secret> {
        self.database.clone()
    }

    /// The configuration for Ratio; `None` if Ratio's URL is not set.
    pub(crate) fn config(self, listening: SocketAddr) -> Result<Option<Config>, BadKey> {
        let public_url = self.public_url(listening);
        let (Some(ratio_url), Some(client_id), Some(seal_key)) =
            (self.ratio_url, self.ratio_client_id, self.seal_key)
        else {
            return Ok(None);
        };
        Ok(Some(Config {
            public_url,
            database: self.database.unwrap_or_else(|| Secret::new("service.db")),
            seal_key: SealKey::from_base64(seal_key.reveal())?,
            ratio_url,
            client_id,
            client_secret: self.ratio_client_secret,
            webhook_secret: self.ratio_webhook_secret,
            plaid_url: self.plaid_url,
            claim_seconds: self.claim_seconds,
            guest: None,
        }))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what reads an argument may fail")]
fn address(text: &str) -> Result<String, Infallible> {
    Ok(text.trim_end_matches('/').to_owned())
}

/// Accepts any text, since an error message would show it.
#[expect(clippy::unnecessary_wraps, reason = "what reads an argument may fail")]
fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    fn config(arguments: &[&str]) -> Result<Option<Config>, Box<dyn Error>> {
        let command = ["example-service"].iter().chain(arguments);
        let arguments = Arguments::try_parse_from(command)?;
        let listening = arguments.listen;
        Ok(arguments.config(listening)?)
    }

    #[test]
    fn three_settings_are_enough_and_addresses_lose_their_slash() {
        let key = SealKey::random().to_base64();
        let given = [
            "--ratio-url",
            "http://127.0.0.1:1/",
            "--ratio-client-id",
            "id",
            "--seal-key",
            &key,
        ];
        let config = config(&given).unwrap().unwrap();
        assert_eq!(config.ratio_url, "http://127.0.0.1:1");
        assert_eq!(config.plaid_url, "https://cdn.plaid.com");
        assert_eq!(config.public_url, "http://127.0.0.1:3000");
        assert!(config.guest.is_none());
    }

    #[test]
    fn without_ratio_there_is_a_stand_in_and_with_half_of_it_an_error_that_names_the_rest() {
        assert!(config(&[]).unwrap().is_none());
        for (given, named) in [
            (&["--ratio-url", "http://h"][..], "--ratio-client-id"),
            (
                &["--ratio-url", "http://h", "--ratio-client-id", "id"],
                "--seal-key",
            ),
            (&["--claim-seconds", "0"], "--claim-seconds"),
            (&["--listen", "here"], "--listen"),
        ] {
            let error = config(given).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn no_secret_prints_neither_one_that_cannot_be_used() {
        let given = [
            "--ratio-url",
            "http://h",
            "--ratio-client-id",
            "id",
            "--ratio-webhook-secret",
            "canary",
            "--database",
            "postgres://service:canary@db/service",
            "--seal-key",
            "canary",
        ];
        let error = config(&given).unwrap_err().to_string();
        assert!(error.contains("base64") && !error.contains("canary"), "{error}");
        let arguments = Arguments::try_parse_from(["example-service"].iter().chain(&given)).unwrap();
        assert!(!format!("{arguments:?}").contains("canary"));
    }
}
