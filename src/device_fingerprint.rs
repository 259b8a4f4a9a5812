//! A description of the user's device for Ratio's fraud checks.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;

/// A description of the person's device, sent as the header `ratio-device-fingerprint`.
///
/// Ratio has asked for it since 2023-04: compact JSON in standard, padded base64. It identifies a person, so it does
/// not print.
///
/// ```
/// use ratio_bank::DeviceFingerprint;
///
/// let browser = DeviceFingerprint::browser("203.0.113.7", "Mozilla/5.0");
/// assert_eq!(browser.header_value(), "eyJpcCI6IjIwMy4wLjExMy43IiwidXNlckFnZW50IjoiTW96aWxsYS81LjAifQ==");
/// assert_eq!(format!("{browser:?}"), "DeviceFingerprint([redacted])");
/// ```
#[derive(Clone)]
pub struct DeviceFingerprint(String);

/// A phone or tablet, for [`DeviceFingerprint::mobile`]. By default all fields are empty.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MobileDevice {
    /// The address from which the device reaches the backend.
    pub ip: String,
    /// The operating system, such as `iOS`.
    pub os: String,
    /// The version of the operating system.
    pub os_version: String,
    /// The manufacturer of the device.
    pub device_manufacturer: String,
    /// The manufacturer's name for the model.
    pub device_model: String,
    /// The identifier of the installation.
    pub device_unique_id: String,
}

impl DeviceFingerprint {
    /// Describes a browser by its address and its `User-Agent`.
    pub fn browser(ip: impl Into<String>, user_agent: impl Into<String>) -> Self {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Browser {
            ip: String,
            user_agent: String,
        }
        Self::encode(&Browser {
            ip: ip.into(),
            user_agent: user_agent.into(),
        })
    }

    /// Describes a phone or tablet.
    ///
    /// ```
    /// use ratio_bank::{DeviceFingerprint, MobileDevice};
    ///
    /// let mut device = MobileDevice::default();
    /// device.ip = "203.0.113.7".into();
    /// device.os = "iOS".into();
    /// device.os_version = "17.1".into();
    /// device.device_manufacturer = "Apple".into();
    /// device.device_model = "iPhone15,2".into();
    /// device.device_unique_id = "0F3A".into();
    /// assert!(DeviceFingerprint::mobile(&device).header_value().starts_with("eyJpcCI6"));
    /// ```
    pub fn mobile(device: &MobileDevice) -> Self {
        Self::encode(device)
    }

    /// The value of the header.
    pub fn header_value(&self) -> &str {
        &self.0
    }

    fn encode(device: &impl Serialize) -> Self {
        // Structs of strings always serialise.
        Self(STANDARD.encode(serde_json::to_vec(device).unwrap_or_default()))
    }
}

impl fmt::Debug for DeviceFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceFingerprint([redacted])")
    }
}

impl fmt::Debug for MobileDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MobileDevice([redacted])")
    }
}
