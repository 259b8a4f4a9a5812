//! Text in the charsets that are still common in HTTP.

use openapi_document::view::MediaName;

use super::Unread;
use crate::style::CannotWrite;

/// Decodes bytes to text; without a charset they are UTF-8.
pub(super) fn decoded(sent: &MediaName, bytes: &[u8]) -> Result<String, Unread> {
    let charset = sent.parameter("charset").unwrap_or("utf-8").to_ascii_lowercase();
    let malformed = || Unread::Malformed(format!("it is no {charset}"));
    match charset.as_str() {
        "utf-8" | "utf8" => String::from_utf8(bytes.to_vec()).map_err(|_| malformed()),
        "us-ascii" | "ascii" if bytes.is_ascii() => Ok(bytes.iter().copied().map(char::from).collect()),
        "us-ascii" | "ascii" => Err(malformed()),
        "iso-8859-1" | "latin1" => Ok(bytes.iter().copied().map(char::from).collect()),
        _ => Err(Unread::CannotTell(format!(
            "the charset {charset} is not known here"
        ))),
    }
}

/// Encodes text in the charset that the media type states.
pub(super) fn encoded(name: &MediaName, text: &str) -> Result<Vec<u8>, CannotWrite> {
    let charset = name.parameter("charset").unwrap_or("utf-8").to_ascii_lowercase();
    match charset.as_str() {
        "utf-8" | "utf8" => Ok(text.as_bytes().to_vec()),
        "us-ascii" | "ascii" if text.is_ascii() => Ok(text.as_bytes().to_vec()),
        "iso-8859-1" | "latin1" => {
            let bytes = text
                .chars()
                .map(|it| u8::try_from(it).map_err(|_| CannotWrite::CHARSET));
            bytes.collect()
        }
        "us-ascii" | "ascii" => Err(CannotWrite::CHARSET),
        _ => Err(CannotWrite::UNKNOWN),
    }
}
