//! Times in the format that Ratio uses.

use std::time::SystemTime;

/// Parses an RFC 3339 time in UTC, written with `Z` or `+00:00`.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let utc = text.strip_suffix("+00:00").map(|time| format!("{time}Z"));
    humantime::parse_rfc3339(utc.as_deref().unwrap_or(text)).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::parse;

    #[test]
    fn only_a_whole_time_in_utc_is_read() {
        let whole = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        for (text, time) in [
            ("2023-11-14T22:13:20Z", Some(whole)),
            ("2023-11-14T22:13:20+00:00", Some(whole)),
            (
                "2023-11-14T22:13:20.250Z",
                Some(whole + Duration::from_millis(250)),
            ),
            ("2023-11-14T23:13:20+01:00", None),
            ("2023-11-14T22:13:20", None),
            ("2023-11-14", None),
            ("2023-13-14T22:13:20Z", None),
            ("1700000000", None),
            ("+00:00", None),
            ("", None),
        ] {
            assert_eq!(parse(text), time, "{text}");
        }
    }
}
