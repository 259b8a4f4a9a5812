use ratio_bank::PublicToken;
use ratio_bank::plaid::LinkSuccess;

fn token(token: &PublicToken) -> PublicToken {
    token.clone()
}

fn success(success: &LinkSuccess) -> LinkSuccess {
    success.clone()
}

fn main() {}
