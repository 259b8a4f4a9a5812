//! Webhooks: a signed webhook is read, and any other is refused.

use std::time::{Duration, UNIX_EPOCH};

use ratio_bank::webhook::{WebhookError, WebhookVerifier, sign};

use crate::parts;

const SECRET: &str = "whsec";

/// Verifies a webhook. The parts of an input are a signature, a timestamp and a body.
pub(crate) fn webhook(bytes: &[u8]) {
    let parts = parts(bytes);
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let (signature, timestamp) = (String::from_utf8_lossy(part(0)), String::from_utf8_lossy(part(1)));
    let body = part(2);
    let verifier = WebhookVerifier::new(SECRET).expect("it is a secret");
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let good = sign(SECRET, &timestamp, body);
    if !signature.trim().eq_ignore_ascii_case(&good) {
        let forged = verifier.verify(&signature, &timestamp, body, now);
        assert_eq!(
            forged.err(),
            Some(WebhookError::Signature),
            "a forged signature is told from a good one first"
        );
    }
    match verifier.verify(&good, &timestamp, body, now) {
        Ok(event) => {
            assert_eq!(event.delivery, good);
            assert!(event.stale_at >= now, "what is taken is not too old");
            drop(format!("{event:?}"));
            // A changed body is not read.
            let other = [body, b" "].concat();
            assert!(verifier.verify(&good, &timestamp, &other, now).is_err());
        }
        Err(error) => assert_ne!(error, WebhookError::Signature, "a good signature is one"),
    }
}
