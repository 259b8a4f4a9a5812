//! Typed views of a document: operations and their parts, for OpenAPI 3.0, 3.1 and 3.2.
//!
//! A view provides the places and names of parts, but does not interpret schemas. A part that cannot be read is
//! returned as a [`Defect`] with its place, and is never left out.

mod callback;
mod defect;
mod encoding;
mod header;
mod media_name;
mod media_type;
mod operation;
mod pairing;
mod parameter;
mod request_body;
mod response;
mod security;
mod server;
mod template;

pub use callback::Callback;
pub use defect::Defect;
pub use encoding::Encoding;
pub use header::Header;
pub use media_name::MediaName;
pub use media_type::MediaType;
pub use operation::{METHODS, Operation, Operations, UnreadOperations};
pub use pairing::{Pairing, pair};
pub use parameter::{Parameter, ParameterIn, Style};
pub use request_body::RequestBody;
pub use response::{Response, Status};
pub use security::{Requirement, SecurityScheme};
pub use server::{Server, without_dots};
pub use template::{after, same_shape, shape, template_names, template_texts, unescaped};
