//! All tests of the engine, as one program that is linked once.

mod alternatives;
mod any_document;
mod causes;
mod dialects;
mod files;
mod limits;
mod lost_names;
mod malformed;
mod meaning;
mod objects;
mod openapi_3_2;
mod random_documents;
mod reading;
mod readings;
mod references;
mod rules;
mod support;
mod text;
mod titles;
