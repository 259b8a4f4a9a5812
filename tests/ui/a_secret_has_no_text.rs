use ratio_bank::plaid::WebviewUrl;
use ratio_bank::{BankId, LinkToken, PublicToken, Secret, SessionToken, UserId};

fn print(
    session: SessionToken,
    public: PublicToken,
    link: LinkToken,
    url: WebviewUrl,
    secret: Secret,
    user: UserId,
    bank: BankId,
) {
    println!("{session}");
    println!("{public}");
    println!("{link}");
    println!("{url}");
    println!("{secret}");
    println!("{user}");
    println!("{bank}");
}

fn main() {}
