//! Secrets at rest: sealed with a key that the database never sees.
//!
//! Session tokens, link tokens and public tokens let their holder act for a customer, so a copied
//! database file must not be enough to use them. Each value is sealed with XChaCha20-Poly1305 under
//! a random 24-byte nonce (long enough that drawing nonces at random is safe) and bound to its
//! table, column and row: a value moved to another row does not open there.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::random;

const NONCE_LENGTH: usize = 24;

/// The key for sealing: 32 bytes, kept outside the database.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// A fresh random key.
    pub fn random() -> Self {
        Self(random::bytes())
    }

    /// Reads a key from base64, as `openssl rand -base64 32` prints it.
    ///
    /// # Errors
    /// When the text is not base64 of exactly 32 bytes.
    pub fn from_base64(text: &str) -> Result<Self, BadKey> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| BadKey)?;
        bytes.try_into().map(Self).map_err(|_| BadKey)
    }

    /// The key as base64, to hand to another replica.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(redacted)")
    }
}

/// The error for a text that is not a key.
#[derive(Debug)]
pub struct BadKey;

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key is not base64 of 32 bytes; make one with `openssl rand -base64 32`")
    }
}

impl std::error::Error for BadKey {}

/// The place of a sealed value, which opens nowhere else.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) column: &'static str,
    pub(crate) row: &'a str,
}

/// Seals and opens values.
#[derive(Clone)]
pub(crate) struct Seal(XChaCha20Poly1305);

impl Seal {
    pub(crate) fn new(key: &SealKey) -> Self {
        Self(XChaCha20Poly1305::new(&key.0.into()))
    }

    /// Seals a secret. The result is the nonce, followed by the ciphertext and its tag.
    pub(crate) fn close(&self, place: Place<'_>, secret: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LENGTH] = random::bytes();
        let sealed = self
            .0
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: secret,
                    aad: &bound_to(place),
                },
            )
            .expect("a token is far below the cipher's limit of 256 GiB");
        [&nonce[..], &sealed].concat()
    }

    /// Opens a secret that was sealed with this key for this place.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LENGTH>().ok_or(Unopened)?;
        self.0
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: &bound_to(place),
                },
            )
            .map_err(|_| Unopened)
    }

    /// Opens a secret that is text, as all tokens are.
    pub(crate) fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<String, Unopened> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| Unopened)
    }
}

fn bound_to(place: Place<'_>) -> Vec<u8> {
    // Column names contain no slash, so two places never have the same bytes.
    format!("{}/{}", place.column, place.row).into_bytes()
}

/// The error for a sealed value that does not open with this key at this place.
#[derive(Debug)]
pub(crate) struct Unopened;

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sealed value does not open: SEAL_KEY differs from the one it was sealed with, or the row was altered")
    }
}

impl std::error::Error for Unopened {}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'static> = Place {
        column: "links.token",
        row: "a",
    };

    #[test]
    fn a_sealed_value_opens_in_its_place_and_shows_nothing_of_the_secret() {
        let seal = Seal::new(&SealKey::random());
        let sealed = seal.close(HERE, b"link-sandbox-1");
        assert_eq!(seal.open(HERE, &sealed).unwrap(), b"link-sandbox-1");
        assert!(!sealed.windows(4).any(|window| window == b"link"));
        assert_ne!(
            sealed,
            seal.close(HERE, b"link-sandbox-1"),
            "each sealing has its own nonce"
        );
    }

    #[test]
    fn a_sealed_value_opens_in_no_other_row_column_or_key() {
        let key = SealKey::random();
        let sealed = Seal::new(&key).close(HERE, b"secret");
        let same = Seal::new(&SealKey::from_base64(&key.to_base64()).unwrap());
        assert!(same.open(HERE, &sealed).is_ok());
        assert!(same.open(Place { row: "b", ..HERE }, &sealed).is_err());
        assert!(
            same.open(
                Place {
                    column: "links.other",
                    ..HERE
                },
                &sealed
            )
            .is_err()
        );
        assert!(Seal::new(&SealKey::random()).open(HERE, &sealed).is_err());
    }

    #[test]
    fn an_altered_or_cut_value_does_not_open() {
        let seal = Seal::new(&SealKey::random());
        let sealed = seal.close(HERE, b"secret");
        for end in 0..sealed.len() {
            assert!(seal.open(HERE, &sealed[..end]).is_err());
        }
        let mut altered = sealed;
        *altered.last_mut().unwrap() ^= 1;
        assert!(seal.open(HERE, &altered).is_err());
    }

    #[test]
    fn a_key_is_thirty_two_bytes_of_base64_and_is_not_printed() {
        assert!(SealKey::from_base64("c2hvcnQ=").is_err());
        assert!(SealKey::from_base64("not base64!").is_err());
        assert_eq!(format!("{:?}", SealKey::random()), "SealKey(redacted)");
    }
}
