use ratio_bank::plaid::WebviewUrl;
use ratio_bank::{LinkToken, PublicToken, Secret, SessionToken};

fn session(a: SessionToken, b: SessionToken) -> bool {
    a == b
}

fn public(a: PublicToken, b: PublicToken) -> bool {
    a == b
}

fn link(a: LinkToken, b: LinkToken) -> bool {
    a == b
}

fn url(a: WebviewUrl, b: WebviewUrl) -> bool {
    a == b
}

fn secret(a: Secret, b: Secret) -> bool {
    a == b
}

fn main() {}
