//! All tests of the judge, as one program that is linked once.

mod another_validator;
mod discriminators;
mod generated;
mod independence;
mod readings;
mod round_trip;
mod schemas;
