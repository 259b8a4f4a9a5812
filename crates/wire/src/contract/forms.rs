//! How parameters and headers are written in a message.

use openapi_document::view::{Parameter, ParameterIn, Style};

use crate::message::header;
use crate::style::Form;

/// Whether OpenAPI ignores a header parameter, because it describes that header elsewhere.
pub(crate) fn is_ignored(parameter: &Parameter<'_>) -> bool {
    let elsewhere = ["accept", "content-type", "authorization"];
    parameter.place == ParameterIn::Header
        && elsewhere.iter().any(|it| parameter.name.eq_ignore_ascii_case(it))
}

/// Whether a header parameter requires credentials. OpenAPI ignores the parameter itself, but its author means that the
/// header must be there.
pub(crate) fn requires_authorization(parameter: &Parameter<'_>) -> bool {
    parameter.required
        && parameter.place == ParameterIn::Header
        && parameter.name.eq_ignore_ascii_case("authorization")
}

pub(crate) fn form_of<'d>(parameter: &Parameter<'d>) -> Form<'d> {
    // A header always has the style `simple`, even if the parameter declares another one.
    let style = match parameter.place {
        ParameterIn::Header => Style::Simple,
        _ => parameter.style,
    };
    Form {
        name: parameter.name,
        style,
        explode: parameter.explode,
        // In a path and a header, OpenAPI ignores the field.
        allow_reserved: matches!(parameter.place, ParameterIn::Query | ParameterIn::Cookie)
            && parameter.here.is_true("allowReserved"),
    }
}

/// The form of a parameter that is declared with a media type: a single text.
pub(crate) fn plain_form<'d>(parameter: &Parameter<'d>) -> Form<'d> {
    let style = match parameter.place {
        ParameterIn::Path | ParameterIn::Header => Style::Simple,
        _ => Style::Form,
    };
    Form {
        style,
        explode: true,
        allow_reserved: false,
        name: parameter.name,
    }
}

/// Joins the lines of a header into one value (RFC 9110, section 5.3).
pub(super) fn joined_header(headers: &[(String, String)], name: &str) -> Option<String> {
    let lines: Vec<&str> = header(headers, name).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}
