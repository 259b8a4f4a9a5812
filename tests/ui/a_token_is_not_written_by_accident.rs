use ratio_bank::{LinkToken, PublicToken, SessionToken};

fn written(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

fn write(session: &SessionToken, public: &PublicToken, link: &LinkToken) {
    written(session);
    written(public);
    written(link);
}

fn main() {}
