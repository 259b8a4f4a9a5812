//! The two files that people write: they are read, or refused with a line.

use openapi_drift_cli::Policy;
use ratio_spec::Pin;

pub(crate) fn pin_toml(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Pin::parse("pin.toml", &text) {
        Ok(pin) => {
            assert_eq!(pin.text(), text);
            assert_eq!(pin.sha256().len(), 64);
            assert!(!pin.operations().is_empty());
        }
        Err(error) => assert!(
            !error.to_string().is_empty() && error.place().starts_with("pin.toml"),
            "{error}"
        ),
    }
}

pub(crate) fn drift_toml(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let rules: Vec<&str> = openapi_drift::rules().iter().map(|rule| rule.id).collect();
    if let Err(error) = Policy::parse("drift.toml", &text, &rules) {
        let told = error.to_string();
        assert!(told.starts_with("drift.toml:"), "{told}");
    }
}
