//! Limits of the types of secrets: a secret cannot be printed or compared, stored by accident, or used twice. The
//! documentation of both types shows that a token is used up, and that no amount is a float.

use std::fmt::Display;

use ratio_bank::plaid::{LinkSuccess, WebviewUrl};
use ratio_bank::{BankId, LinkToken, PublicToken, Secret, SessionToken, UserId};
use serde::Serialize;
use static_assertions::{assert_impl_all, assert_not_impl_any};

#[test]
fn a_secret_does_not_show_itself() {
    assert_not_impl_any!(SessionToken: Display, PartialEq, Serialize);
    assert_not_impl_any!(PublicToken: Display, PartialEq, Serialize, Clone);
    assert_not_impl_any!(LinkToken: Display, PartialEq, Serialize);
    assert_not_impl_any!(LinkSuccess: Display, PartialEq, Serialize, Clone);
    assert_not_impl_any!(WebviewUrl: Display, PartialEq, Serialize);
    assert_not_impl_any!(Secret: Display, PartialEq);
}

#[test]
fn an_id_is_stored_and_compared_and_not_printed() {
    assert_not_impl_any!(UserId: Display);
    assert_not_impl_any!(BankId: Display);
    assert_impl_all!(UserId: PartialEq, Serialize, Clone);
    assert_impl_all!(BankId: PartialEq, Serialize, Clone);
}
