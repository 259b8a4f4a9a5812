//! All tests of reading documents, as one program that is linked once.

mod opaque;
mod reading;
mod references;
