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
        "utf-16" | "utf-16be" | "utf-16le" => utf_16(&charset, bytes).ok_or_else(malformed),
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
        "utf-16le" => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "utf-16" | "utf-16be" => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        _ => Err(CannotWrite::UNKNOWN),
    }
}

/// Decodes UTF-16. Without a byte order mark, `utf-16` is big-endian ([RFC 2781, section
/// 4.3](https://www.rfc-editor.org/rfc/rfc2781#section-4.3)).
fn utf_16(charset: &str, bytes: &[u8]) -> Option<String> {
    let (is_little, bytes) = match (charset, bytes) {
        ("utf-16", [0xFF, 0xFE, rest @ ..]) => (true, rest),
        ("utf-16", [0xFE, 0xFF, rest @ ..]) => (false, rest),
        _ => (charset == "utf-16le", bytes),
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let read = if is_little {
        u16::from_le_bytes
    } else {
        u16::from_be_bytes
    };
    let units = pairs.iter().map(|pair| read(*pair));
    let text = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    rest.is_empty().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_read_in_the_order_that_it_states() {
        let read = |charset: &str, bytes: &[u8]| {
            decoded(
                &MediaName::parse(&format!("text/plain; charset={charset}")),
                bytes,
            )
            .ok()
        };
        for (charset, bytes, text) in [
            ("utf-16", &[0x00, 0xE9][..], Some("é")),
            ("utf-16", &[0xFE, 0xFF, 0x00, 0xE9], Some("é")),
            ("utf-16", &[0xFF, 0xFE, 0xE9, 0x00], Some("é")),
            ("UTF-16LE", &[0xE9, 0x00], Some("é")),
            ("utf-16be", &[0xD8, 0x3D, 0xDE, 0x00], Some("\u{1F600}")),
            ("utf-16be", &[0xD8, 0x3D], None),
            ("utf-16be", &[0x00, 0xE9, 0x00], None),
        ] {
            assert_eq!(read(charset, bytes).as_deref(), text, "{charset} {bytes:?}");
        }
        for charset in ["utf-16", "utf-16be", "utf-16le"] {
            let name = MediaName::parse(&format!("text/plain; charset={charset}"));
            let bytes = encoded(&name, "é\u{1F600}").expect("bytes");
            assert_eq!(read(charset, &bytes).as_deref(), Some("é\u{1F600}"));
        }
    }
}
