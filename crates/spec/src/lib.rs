//! Read, verify, select and prepare an OpenAPI document for code generation.
